"""Which inputs choose rows of a table, as token ids and positions do: what they hold must be less than its rows."""

from __future__ import annotations

from onnx import GraphProto, ModelProto, TensorProto

# Operators that hand the numbers of their first input on.
_SAME_NUMBERS = frozenset({"Reshape", "Cast", "Identity", "Squeeze", "Unsqueeze", "Slice", "Flatten", "Transpose"})


def looked_up_rows(model: ModelProto, body: GraphProto) -> dict[str, int]:
    """Graph inputs by which a model, a body inside it included, looks rows up; with the rows of the smallest table."""
    tables = {tensor.name: tensor.dims[0] for tensor in _weights(model, body) if len(tensor.dims) == 2}
    origin = {value.name: value.name for value in model.graph.input}
    rows: dict[str, int] = {}
    for node in (*model.graph.node, *body.node):
        if node.op_type in _SAME_NUMBERS and node.input[0] in origin:
            origin[node.output[0]] = origin[node.input[0]]
        elif node.op_type.startswith("Gather") and len(node.input) > 1 and node.input[0] in tables:
            name = origin.get(node.input[1])
            if name is not None:
                rows[name] = min(rows.get(name, tables[node.input[0]]), tables[node.input[0]])
    return rows


def _weights(model: ModelProto, body: GraphProto) -> tuple[TensorProto, ...]:
    return (*model.graph.initializer, *body.initializer)
