"""Which axis of a tensor of the residual stream is which, and whether its positions are those of the tokens."""

from __future__ import annotations

from collections import deque

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.head_axes import BATCH, LENGTH
from embstudio.modelfile.graph import Graph, Node, Shape

_POOLING = frozenset({"AveragePool", "MaxPool", "LpPool", "Resize", "Upsample"})


def stream_layout(graph: Graph, tensor: str, width: int | None, *, time_major: bool = False) -> tuple[str, ...] | None:
    """[batch, pos, d_model], [pos, batch, d_model] (XLNet), [batch, d_model, pos] (convolutional models), or
    [batch · pos, d_model]. None if the rank is not known or another.

    width: d_model where it is known; the axis of that length is d_model. time_major: positions come before batches.
    """
    shape = graph.shape(tensor)
    if shape is None:
        return None
    if len(shape) == 2:
        return ("pos batch", "d_model") if time_major else ("batch pos", "d_model")
    if len(shape) != 3:
        return None
    last_is_width = shape[2] == width or (isinstance(shape[2], int) and not isinstance(shape[1], int))
    if not last_is_width and isinstance(shape[1], int) and (shape[1] == width or not isinstance(shape[2], int)):
        return ("batch", "d_model", "pos")
    if time_major or _is_turned(shape):
        return ("pos", "batch", "d_model")
    return ("batch", "pos", "d_model")


def _is_turned(shape: Shape) -> bool:
    """Do runs show [pos, batch, d_model]: a length that comes from the text before that of the batch, or before 1?"""
    return shape[:2] == (LENGTH, BATCH) or (shape[1] == 1 and shape[0] != 1 and isinstance(shape[0], int))


def is_time_major(flow: Dataflow, ids_input: str, tensor: str) -> bool:
    """Were batches and positions turned round on the way from the ids [batch, pos] to a tensor of the stream?

    On the shortest way, that is: it goes along the stream, past what layers turn round within themselves.
    """
    came: dict[str, tuple[str, bool]] = {tensor: ("", False)}
    waiting = deque([tensor])
    while waiting and ids_input not in came:
        name = waiting.popleft()
        node = flow.graph.producer(name)
        for read in node.inputs if node is not None else ():
            if node is not None and read not in came and flow.is_ancestor(ids_input, read):
                came[read] = (name, node.op == "Transpose" and node.attributes.get("perm") in ([1, 0], [1, 0, 2]))
                waiting.append(read)
    turned, name = False, ids_input if ids_input in came else tensor
    while name != tensor:
        name, turns = came[name]
        turned ^= turns
    return turned


def moving_nodes(flow: Dataflow, embed: str) -> list[Node]:
    """Nodes after which a position of what comes from the tokens' vectors is not the token of the same place: they pool
    the stream (Funnel), or put it together with other vectors along its positions (ProphetNet, prefixes)."""
    moving = (node for node in flow.graph.nodes if _pools(flow, node) or _prepends(flow, node))
    return [node for node in moving if flow.node_depends(node, embed)]


def _pools(flow: Dataflow, node: Node) -> bool:
    if node.op in _POOLING:
        return True
    if node.op in ("Conv", "FusedConv"):
        strides = node.attributes.get("strides")
        return isinstance(strides, list) and max(strides, default=1) > 1
    if node.op == "Slice" and flow.graph.rank(node.inputs[0]) == 3 and node.input(4):
        steps = flow.graph.weight(node.input(4))
        return steps is not None and bool((abs(steps.values) > 1).any())
    return False


def _prepends(flow: Dataflow, node: Node) -> bool:
    """Are tensors of the stream joined along the axis before the last?"""
    if node.op != "Concat" or flow.graph.rank(node.outputs[0]) != 3:
        return False
    return node.attributes.get("axis") in (1, -2) and all(_is_wide(flow, name) for name in node.inputs)


def _is_wide(flow: Dataflow, tensor: str) -> bool:
    dtype = flow.graph.dtype(tensor)
    return dtype is None or dtype.startswith(("float", "bfloat"))
