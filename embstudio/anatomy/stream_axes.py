"""Which axis of a tensor of the residual stream is which."""

from __future__ import annotations

from embstudio.modelfile.graph import Graph


def stream_layout(graph: Graph, tensor: str, width: int | None) -> tuple[str, ...] | None:
    """[batch, pos, d_model], or [batch, d_model, pos] (convolutional models), or [batch · pos, d_model]. None if the
    rank is not known or another. width: d_model where it is known; the axis of that length is d_model."""
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
    return ("batch", "pos", "d_model")
