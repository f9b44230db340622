"""How a part of a block reads the residual stream: as it is (post-norm), or normalised first (pre-norm)."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.mlp import between
from embstudio.anatomy.norms import is_norm
from embstudio.anatomy.same_values import are_same, before_same_values


@dataclass(frozen=True)
class StreamRead:
    """norm: the tensor with the normalised stream. as_it_is: the part reads the stream without a norm. Neither: not
    found."""

    norm: str | None = None
    as_it_is: bool = False


def stream_read(flow: Dataflow, stream: str, part: str) -> StreamRead:
    """What enters the first products with weights on the way from the stream to a tensor of a part (q, mlp.out).

    A part may read the stream both ways, as the routers of some mixtures do: then the norm counts.
    """
    as_it_is = False
    source = before_same_values(flow, stream, quantised=True)
    for node in between(flow, source, part):
        if not flow.multiplies_by_weight(node):
            continue
        data = flow.data_inputs(node)
        if not data or flow.reaches_through_weight(source, data[0]):
            continue
        norm = _norm(flow, data[0], stream) or _norm(flow, data[0], source)
        if norm:
            return StreamRead(norm)
        as_it_is |= are_same(flow, data[0], stream)
    return StreamRead(None, as_it_is)


def _norm(flow: Dataflow, read: str, stream: str) -> str | None:
    """The tensor with a norm's result, before it was flattened, rounded or some of its rows were taken; None if what
    is read is no norm of the stream."""
    candidates = [read]
    node = flow.graph.producer(read)
    while node is not None and node.op in _TAKEN_FROM and flow.is_data(node.inputs[0]):
        candidates.append(node.inputs[0])
        node = flow.graph.producer(node.inputs[0])
    normalised = [name for name in candidates if is_norm(flow, name, stream)]
    floats = [
        name for name in normalised if flow.graph.dtype(name) in (None, "float32", "float16", "bfloat16", "float64")
    ]
    of_rank = [name for name in floats if flow.graph.rank(name) == 3]
    return next(reversed(of_rank or floats), None)  # the norm's own result, in the axes of the stream


_TAKEN_FROM = frozenset({
    "Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Gather",
    "GatherND", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear",
})  # fmt: skip
