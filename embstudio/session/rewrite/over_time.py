"""Whether a repeated body goes from layer to layer or from token to token.

A body for layers takes other weights in each step, or the same; one for tokens takes another piece of the data, and is
a recurrent network, attention inside or not: written out it would be as many "layers" as there are tokens.
"""

from __future__ import annotations

from collections.abc import Iterable

from onnx import GraphProto, ModelProto

from embstudio.session.rewrite.tensor_names import free_names, nodes_within, subgraphs

_SHAPE_ONLY = ("Shape", "Size")


def scans_data_only(model: ModelProto, scanned: Iterable[str]) -> bool:
    """Whether all that a Scan hands to its steps depends on the model's inputs."""
    data = _data(model)
    names = list(scanned)
    return bool(names) and all(name in data for name in names)


def looks_up_data_only(model: ModelProto, body: GraphProto) -> bool:
    """Whether all that a Loop's body looks up outside, in places that it works out itself, depends on the inputs."""
    outside = set(free_names(body))
    inside = {value.name for value in body.input} | {name for node in nodes_within(body) for name in node.output}
    constants = {node.output[0] for node in nodes_within(body) if node.op_type == "Constant"}
    places = inside - constants
    tables = [
        node.input[0]
        for node in nodes_within(body)
        if node.op_type in ("Gather", "Slice") and node.input[0] in outside and places.intersection(node.input[1:])
    ]
    return scans_data_only(model, tables)


def _data(model: ModelProto) -> set[str]:
    """The tensors of the main graph that depend on the values of its inputs, and not through shapes alone."""
    weights = {tensor.name for tensor in model.graph.initializer}
    data = {value.name for value in model.graph.input} - weights
    for node in model.graph.node:
        captured = (name for inner in subgraphs(node) for name in free_names(inner))
        if node.op_type not in _SHAPE_ONLY and (data.intersection(node.input) or data.intersection(captured)):
            data.update(filter(None, node.output))
    return data
