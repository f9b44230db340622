"""How many heads there are, by the weights behind the attention where no shape tells."""

from __future__ import annotations

from embstudio.anatomy.dataflow import Dataflow

_ON_THE_WAY = frozenset({"Reshape", "Transpose", "Mul", "Div", "Cast", "Identity", "Squeeze", "Flatten"})


def rows_of_output_projection(flow: Dataflow, z: str) -> int | None:
    """All heads' width together: the inner size of the first product with weights after z."""
    tensor = z
    while True:
        users = flow.graph.consumers(tensor)
        onward = [node for node in users if flow.data_inputs(node) and node.op not in ("Shape", "Size")]
        if len(onward) != 1:
            return None
        node = onward[0]
        if node.op in ("MatMul", "Gemm") and flow.multiplies_by_weight(node):
            shape = flow.graph.shape(node.inputs[1])
            length = shape[1 if node.attributes.get("transB") else 0] if shape and len(shape) == 2 else None
            return length if isinstance(length, int) else None
        if node.op not in _ON_THE_WAY:
            return None
        tensor = node.outputs[0]


def heads_of_split(flow: Dataflow, tensor: str, d_head: int | None) -> int | None:
    """Heads by the nearest Reshape behind a tensor that splits a width W into heads of d_head, if nothing was cut
    out of it in between."""
    while d_head:
        node = flow.graph.producer(tensor)
        data = flow.data_inputs(node) if node is not None else ()
        if node is None or node.op not in ("Add", *_ON_THE_WAY) or not data:
            return None
        before, after = flow.graph.shape(node.inputs[0]), flow.graph.shape(node.outputs[0])
        if node.op == "Reshape" and before and after and len(after) == len(before) + 1 and after[-1] == d_head:
            width = before[-1]
            return width // d_head if isinstance(width, int) and width % d_head == 0 else None
        tensor = data[0]
    return None
