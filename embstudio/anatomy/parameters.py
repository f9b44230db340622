"""How many weights each component holds, by who uses them. Casts and transposed copies are looked through, so a
half-precision weight counts once; a matrix stored twice in the file (an untied head) counts twice, as it is there.

Counted are initializers of numbers a training run could have set: floating point, or the whole numbers of a quantised
weight, one for each number it stands for however many are packed into a byte. No parameters are the whole numbers that
say shapes and axes, single numbers, the scales of what is quantised, and masks that are stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.embedding import SEGMENTS
from embstudio.anatomy.quantised_weights import logical_size
from embstudio.anatomy.recurrent import RECURRENT
from embstudio.modelfile.graph import Node, Weight

_NORM_OPERATORS = frozenset({
    "LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization", "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization", "BatchNormalization", "InstanceNormalization", "GroupNormalization",
})  # fmt: skip
_THROUGH = frozenset({"Reshape", "Cast", "Transpose", "Identity", "Squeeze", "Unsqueeze", "DequantizeLinear"})
_LOOKUPS = frozenset({"Gather", "GatherBlockQuantized", "GatherElements", "GatherND"})
# What a matrix is that such an operator brings to the stream before the first block, itself no product with weights.
_BEFORE_BLOCKS = dict.fromkeys(_LOOKUPS, "segments") | {"Add": "positions", "Sum": "positions"}
FIRST = ("embedding", "segments", "positions")
LAST = ("norm", "recurrent", "other layers", "head", "other")


@dataclass(frozen=True)
class BlockSpan:
    """A block from the tensor `start` to `end` (None if unknown), by what its parts add to the stream.

    last: the place of its last node; no node after it is the block's.
    """

    name: str  # "blocks.3", "encoder.blocks.0"
    start: str
    attention: tuple[str, ...]  # what the attentions add to the stream
    mlp: str | None  # what the MLP adds
    end: str | None  # what leaves the block
    last: int


def count_parameters(
    flow: Dataflow,
    *,
    tables: Mapping[str, str],
    head: Node | None,
    blocks: Iterable[BlockSpan],
    cells: Collection[str] = (),
) -> dict[str, int]:
    """Weights by component; "total" is their sum. tables: names of initializers with the component they make up.
    cells: those of recurrent layers that are written out.

    Components are "embedding" (projections of it included), "segments", "positions" (relative ones and rotary
    frequencies included), for each block its "attention", "mlp" and "norm", "recurrent", "other layers" (between or
    beside the blocks), "norm" outside blocks, "head" (all after the last block) and "other".
    """
    spans = tuple(blocks)
    counts: dict[str, int] = {}
    for weight in flow.graph.weights.values():
        size = logical_size(flow, weight)
        if size:
            component = tables.get(weight.name) or ("recurrent" if weight.name in cells else "")
            component = component or _component(flow, weight, head, spans)
            counts[component] = counts.get(component, 0) + size
    return _in_order(counts, [span.name for span in spans])


def _in_order(counts: Mapping[str, int], blocks: list[str]) -> dict[str, int]:
    starts = [name for name in FIRST if name in counts]
    middle = [name for name in counts if name.rpartition(".")[0] in blocks]
    middle.sort(key=lambda name: blocks.index(name.rpartition(".")[0]))
    starts += [name for name in counts if name not in (*starts, *middle, *LAST)]
    ordered = {name: counts[name] for name in (*starts, *middle, *(name for name in LAST if name in counts))}
    return ordered | {"total": sum(counts.values())}


def _component(flow: Dataflow, weight: Weight, head: Node | None, spans: tuple[BlockSpan, ...]) -> str:
    for node, name in flow.users(weight.name):
        if node.op in RECURRENT:
            return "recurrent"
        if not flow.data_inputs(node):
            continue
        owner = _owner(flow, node, name, weight)
        if owner is not None and head is not None and owner.index == head.index:
            return "head"
        is_gain = owner is None and _is_vector(weight) and not _is_number_of_rows(node, weight)
        component = _in_block(flow, owner or node, spans, is_norm=is_gain)
        if component:
            return component
        if node.op in _NORM_OPERATORS or is_gain:
            return "norm" if node.op != "Concat" else "embedding"
        outside = _outside(flow, owner or node, spans)
        return "segments" if outside == "positions" and name != weight.name and _is_short(weight) else outside
    return _by_place(flow, weight, spans)


def _is_vector(weight: Weight) -> bool:
    return sum(length != 1 for length in weight.shape) == 1


def _is_number_of_rows(node: Node, weight: Weight) -> bool:
    """Is one number looked up for each token?"""
    return node.op in _LOOKUPS and weight.shape[0] != 1


def _is_short(weight: Weight) -> bool:
    return len(weight.shape) == 2 and weight.shape[0] <= SEGMENTS


def _outside(flow: Dataflow, node: Node, spans: tuple[BlockSpan, ...]) -> str:
    """Before the first block, after the last, or between and beside them."""
    if not spans:
        return "other"
    later = any(flow.node_reaches(node, span.start) for span in spans)
    parts = [part for span in spans for part in (*span.attention, span.end) if part]
    earlier = any(flow.node_depends(node, part) for part in parts)
    if not later and (earlier or (node.op in _LOOKUPS and any(_meets(flow, node, part) for part in parts))):
        return "head"
    if later and not earlier and not _is_layer(flow, node, spans):
        return _BEFORE_BLOCKS.get(node.op, "embedding")
    return "other layers" if later else "other"


def _meets(flow: Dataflow, node: Node, part: str) -> bool:
    """Is it used with what the part made, as the weights of a mean of tokens are?"""
    made = node.outputs[0]
    return any(
        flow.node_depends(each, made) and flow.node_depends(each, part) for each in flow.graph.nodes[node.index + 1 :]
    )


def _is_layer(flow: Dataflow, node: Node, spans: tuple[BlockSpan, ...]) -> bool:
    """Is what it makes added to what it read, before the first block it reaches? Projections of embeddings are not."""
    start = next(span.start for span in spans if flow.node_reaches(node, span.start))
    last = flow.graph.producer(start)
    return any(
        each.op == "Add"
        and flow.node_depends(each, node.outputs[0])
        and flow.node_reaches(each, start)
        and any(flow.is_data(name) and flow.node_depends(node, name) for name in each.inputs)
        for each in flow.graph.nodes[node.index : last.index + 1 if last else 0]
    )


def _by_place(flow: Dataflow, weight: Weight, spans: tuple[BlockSpan, ...]) -> str:
    """What meets the data only after it was computed with places: relative positions and frequencies, or a part of one
    block's attention (its sinks, its projection of relative positions)."""
    used, looked_up = [], False
    for node in _first_with_data(flow, weight.name):
        looked_up |= node.op in _LOOKUPS
        if flow.data_inputs(node):
            used.append(node)
    homes = {_in_block(flow, node, spans, is_norm=False) for node in used}
    if len(homes) == 1 and None not in homes and not looked_up and len(spans) > 1:
        return next(iter(homes)) or "other"
    if used and homes == {None} and all(node.op == "Concat" for node in used):
        return "embedding"  # a vector put before those of the text or of the image
    if used and homes == {None} and looked_up and _is_short(weight):
        return "segments"  # looked up by zeros, where the model is not told of two sentences
    return "positions" if used and spans else "other"


def _first_with_data(flow: Dataflow, tensor: str) -> Iterator[Node]:
    """The nodes through which a tensor goes without meeting data, and those in which it first does."""
    waiting, seen = [tensor], {tensor}
    while waiting:
        for node in flow.graph.consumers(waiting.pop()):
            yield node
            if flow.data_inputs(node) or node.op in ("Shape", "Size"):
                continue
            fresh = [name for name in node.outputs if name and name not in seen]
            seen.update(fresh)
            waiting.extend(fresh)


def _owner(flow: Dataflow, node: Node, used_as: str, weight: Weight) -> Node | None:
    """The product that a weight belongs to: the one it is multiplied in, or the one whose bias it is."""
    if node.op in _NORM_OPERATORS and used_as in node.inputs[1:]:
        # A fused skip-normalisation may carry the bias of the product before it, its input 4.
        return None
    if flow.multiplies_by_weight(node):
        return node
    if node.op == "Add" and _is_vector(weight):
        other = next((name for name in node.inputs if name != used_as), "")
        producer = flow.graph.producer(other)
        while producer is not None and producer.op in _THROUGH:
            producer = flow.graph.producer(producer.inputs[0])
        if producer is not None and flow.multiplies_by_weight(producer):
            return producer
    return None if _is_vector(weight) else node


def _in_block(flow: Dataflow, node: Node, spans: tuple[BlockSpan, ...], *, is_norm: bool) -> str | None:
    spans = tuple(span for span in spans if node.index <= span.last)
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
