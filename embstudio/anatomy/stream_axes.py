"""Which axis of a tensor of the residual stream is which."""

from __future__ import annotations

from embstudio.modelfile.graph import Graph, Shape


def stream_layout(graph: Graph, tensor: str, width: int | None) -> tuple[str, ...] | None:
    """[batch, pos, d_model], [pos, batch, d_model] (XLNet), [batch, d_model, pos] (convolutional models), or
    [batch · pos, d_model]. None if the rank is not known or another, or two axes may be either.

    width: d_model where it is known; the axis of that length is d_model.
    """
    shape = graph.shape(tensor)
    if shape is None:
        return None
    if len(shape) == 2:
        return ("batch pos", "d_model")
    if len(shape) != 3:
        return None
    last_is_width = shape[2] == width or (isinstance(shape[2], int) and not isinstance(shape[1], int))
    if not last_is_width and isinstance(shape[1], int) and (shape[1] == width or not isinstance(shape[2], int)):
        return ("batch", "d_model", "pos")
    if _is_time_major(graph, shape):
        return ("pos", "batch", "d_model")
    return ("batch", "pos", "d_model")


def _is_time_major(graph: Graph, shape: Shape) -> bool:
    """Are the first two axes those of the ids, turned round? Told by their lengths or the exporter's symbols."""
    ids = next((info.shape for info in graph.inputs if info.dtype in ("int64", "int32") and len(info.shape) == 2), ())
    if shape[1] == 1 and shape[0] != 1 and isinstance(shape[0], int):
        return True  # a run with a batch of one
    return len(ids) == 2 and None not in ids and ids[0] != ids[1] and (shape[1], shape[0]) == tuple(ids)
