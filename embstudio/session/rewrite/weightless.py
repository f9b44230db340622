"""A copy of a model to rewrite that leaves the numbers of its large weights where they are.

Copying them takes longer than everything else that is done to a model here, and most models have nothing to rewrite.
"""

from __future__ import annotations

from onnx import GraphProto, ModelProto, TensorProto

from embstudio.session.rewrite.stand_ins import is_large


def without_numbers(model: ModelProto) -> ModelProto:
    """A copy in which large initializers have their names, types and shapes only, as if they lay in another file."""
    copied = ModelProto(**{field.name: value for field, value in model.ListFields() if field.name != "graph"})
    graph = model.graph
    copied.graph.CopyFrom(
        GraphProto(**{field.name: value for field, value in graph.ListFields() if field.name != "initializer"})
    )
    copied.graph.initializer.extend(_empty(tensor) if _has_numbers(tensor) else tensor for tensor in graph.initializer)
    return copied


def put_numbers_back(copied: ModelProto, model: ModelProto) -> None:
    """Give the weights of a copy that are still there the numbers that they have in the model."""
    given = {tensor.name: tensor for tensor in model.graph.initializer if _has_numbers(tensor)}
    for tensor in copied.graph.initializer:
        if tensor.name in given and tensor.data_location == TensorProto.EXTERNAL:
            tensor.CopyFrom(given[tensor.name])


def _has_numbers(tensor: TensorProto) -> bool:
    return is_large(tensor) and tensor.data_location != TensorProto.EXTERNAL


def _empty(tensor: TensorProto) -> TensorProto:
    return TensorProto(
        name=tensor.name, data_type=tensor.data_type, dims=tensor.dims, data_location=TensorProto.EXTERNAL
    )
