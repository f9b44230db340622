"""How many weights each component holds, by who uses them. Casts and transposed copies are looked through, so a
half-precision weight counts once; a matrix stored twice in the file (an untied head) counts twice, as it is there.

Counted are initializers of numbers a training run could have set: floating point, or the integers of a quantised
weight. Whole numbers that say shapes and axes are no parameters, nor are single numbers without an axis (a scale).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node, Weight

_SHAPE_DATA = frozenset({"int64", "int32", "bool", "string", "unknown"})
_RECURRENT = frozenset({"RNN", "GRU", "LSTM"})
_NORM_OPERATORS = frozenset({
    "LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization", "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization", "BatchNormalization", "InstanceNormalization", "GroupNormalization",
})  # fmt: skip
_THROUGH = frozenset({"Reshape", "Cast", "Transpose", "Identity", "Squeeze", "Unsqueeze"})


@dataclass(frozen=True)
class BlockSpan:
    """A block from the tensor `start` to `end` (None if unknown), by what its parts add to the stream."""

    name: str  # "blocks.3", "encoder.blocks.0"
    start: str
    attention: tuple[str, ...]  # what the attentions add to the stream
    mlp: str | None  # what the MLP adds
    end: str | None  # what leaves the block


def count_parameters(
    flow: Dataflow,
    *,
    embeddings: Iterable[str],
    positions: Iterable[str],
    head: Node | None,
    blocks: Iterable[BlockSpan],
) -> dict[str, int]:
    """Weights by component; "total" is their sum. embeddings, positions: names of initializers."""
    named = dict.fromkeys(embeddings, "embedding")
    named = dict.fromkeys(positions, "positions") | named
    spans = tuple(blocks)
    counts: dict[str, int] = {}
    for weight in flow.graph.weights.values():
        if not is_parameter(weight):
            continue
        component = named.get(weight.name) or _component(flow, weight, head, spans)
        counts[component] = counts.get(component, 0) + weight.size
    return _in_order(counts)


def is_parameter(weight: Weight) -> bool:
    """Could a training run have set it?"""
    return weight.is_initializer and bool(weight.shape) and weight.dtype not in _SHAPE_DATA


def _in_order(counts: Mapping[str, int]) -> dict[str, int]:
    ends = ("norm", "recurrent", "head", "other")
    starts = [name for name in ("embedding", "positions") if name in counts]
    middle = [name for name in counts if name not in (*starts, *ends)]
    ordered = {name: counts[name] for name in (*starts, *middle, *(name for name in ends if name in counts))}
    return ordered | {"total": sum(counts.values())}


def _component(flow: Dataflow, weight: Weight, head: Node | None, spans: tuple[BlockSpan, ...]) -> str:
    for node, name in flow.users(weight.name):
        if node.op in _RECURRENT and not node.domain:
            return "recurrent"
        if not flow.data_inputs(node):
            continue
        owner = _owner(flow, node, name, weight)
        if owner is not None and head is not None and owner.index == head.index:
            return "head"
        component = _in_block(flow, owner or node, spans, is_norm=owner is None and len(weight.shape) == 1)
        if component:
            return component
        if node.op in _NORM_OPERATORS or (owner is None and len(weight.shape) == 1):
            return "norm"
        return "other"
    return "other"


def _owner(flow: Dataflow, node: Node, used_as: str, weight: Weight) -> Node | None:
    """The product that a weight belongs to: the one it is multiplied in, or the one whose bias it is."""
    if node.op in _NORM_OPERATORS and used_as in node.inputs[1:]:
        # A fused skip-normalisation may carry the bias of the product before it, its input 4.
        return None
    if flow.multiplies_by_weight(node):
        return node
    if node.op == "Add":
        other = next((name for name in node.inputs if name != used_as), "")
        producer = flow.graph.producer(other)
        while producer is not None and producer.op in _THROUGH:
            producer = flow.graph.producer(producer.inputs[0])
        if producer is not None and flow.multiplies_by_weight(producer):
            return producer
    return node if len(weight.shape) > 1 else None


def _in_block(flow: Dataflow, node: Node, spans: tuple[BlockSpan, ...], *, is_norm: bool) -> str | None:
    for span in spans:
        if not flow.node_depends(node, span.start):
            continue
        if any(flow.node_reaches(node, added) for added in span.attention):
            return f"{span.name}.norm" if is_norm else f"{span.name}.attention"
        if span.mlp and flow.node_reaches(node, span.mlp):
            return f"{span.name}.norm" if is_norm else f"{span.name}.mlp"
        if is_norm and span.end and flow.node_reaches(node, span.end):
            return f"{span.name}.norm"  # post-norm: after the sum
    for span in spans:
        reaches = any(flow.node_reaches(node, added) for added in span.attention)
        if reaches and not is_norm and not flow.node_reaches(node, span.start):
            return f"{span.name}.attention"  # keys and values of a cross-attention come from outside the block
    return None
