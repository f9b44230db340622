"""The additions to a residual stream, one by one: what was there, what is added, and the sum.

From pattern v forward, the first sum (Add or a fused skip-normalisation) whose other operand is an ancestor of this
attention's own q: that operand is what entered the block. It holds for pre-norm, post-norm, parallel and sandwich
blocks alike. After it, the sum of the stream with something that depends on it through weights is the MLP's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.mlp import between, is_position_wise
from embstudio.anatomy.same_values import before_same_values, without_factor
from embstudio.modelfile.graph import Node

_BENDING = frozenset({
    "Erf", "Tanh", "Sigmoid", "Relu", "Gelu", "FastGelu", "BiasGelu", "QuickGelu", "Softplus", "HardSwish", "Sqrt",
    "LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization",
})  # fmt: skip
SUMS = frozenset({"Add", "Sum", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization"})

# The place of the bias that the fused sums may add as well, by onnxruntime's specification of them.
_BIAS = {"SkipLayerNormalization": 4, "SkipSimplifiedLayerNormalization": 3}


@dataclass(frozen=True)
class ResidualStep:
    """One addition to the stream: sum = factor · stream + added, and the MLP's part if it was added in the same step.

    before: the stream as it enters the addition; `stream` is that before a number was multiplied on (DeepNet), which
    is the same tensor where there is none. factor: None where the number could not be read.
    """

    node: Node
    before: str
    added: str
    stream: str
    factor: float | None = 1.0
    parallel_mlp: str | None = None
    beside: str | None = None  # what is added in the same step and is no MLP, as the recurrent mixers of Falcon-H1
    whole: bool = False  # the block works in a stream of its own and adds all it did at once (MobileBERT)
    total: str | None = None  # the tensor with the whole sum, where a parallel MLP is added by a node of its own

    @property
    def sums(self) -> tuple[str, ...]:
        """The tensors that hold the sum, normalised or not."""
        return (self.total,) if self.total else tuple(filter(None, self.node.outputs))

    @property
    def plain_sum(self) -> str | None:
        """The tensor that holds the sum as it is; None where a fused operator keeps it, or adds a bias of its own."""
        if self.total:
            return self.total
        if self.node.op in ("Add", "Sum"):
            return self.node.outputs[0]
        bias = self.node.input(_BIAS[self.node.op])
        return self.node.outputs[3] if len(self.node.outputs) > 3 and self.node.outputs[3] and not bias else None


def attention_step(flow: Dataflow, attention: FoundAttention) -> ResidualStep | None:
    """Where an attention's result is added to the stream it read."""
    z = attention.values_product.outputs[0]
    for node in flow.graph.nodes[attention.values_product.index + 1 :]:
        if node.op not in SUMS or not flow.node_depends(node, z):
            continue
        for before, added, rest in _ways(node):
            if not flow.is_data(before) or not flow.is_ancestor(z, added) or flow.is_ancestor(z, before):
                continue

            def is_read(tensor: str) -> bool:
                return flow.is_ancestor(before_same_values(flow, tensor, quantised=True), attention.q_tensor)

            stream = without_factor(flow, before, until=is_read)
            if is_read(stream.tensor):
                step = ResidualStep(node, before, added, stream.tensor, stream.factor)
                step = _with_third(flow, step, rest) if rest else _with_parallel_mlp(flow, step, z)
                return replace(step, whole=_has_inner_sum(flow, attention, step.added))
    return None


def _has_inner_sum(flow: Dataflow, attention: FoundAttention, added: str) -> bool:
    """Is a stream added between z and what the block adds? Something made of the same values is a part of the attention
    (the convolution of Nyströmformer)."""
    z, values = attention.values_product.outputs[0], attention.v.tensor if attention.v else ""
    nodes = between(flow, z, added)
    bent = [node for node in nodes if node.op in _BENDING and flow.reaches_through_weight(z, node.inputs[0])]
    if any(
        flow.multiplies_by_weight(node) and flow.node_depends(node, each.outputs[0]) for node in nodes for each in bent
    ):
        return True  # W_O, then something that is not linear, then weights again: an MLP follows within (Zamba)
    return any(
        node.op in SUMS
        and any(
            flow.is_data(name) and not flow.is_ancestor(z, name) and not flow.is_ancestor(values, name)
            for name in node.inputs[:2]
        )
        for node in nodes
    )


def _ways(node: Node) -> Iterator[tuple[str, str, str]]:
    """What may be the stream, what is added to it, and what a Sum of three adds beside that ("" where it is two)."""
    if node.domain or len(node.inputs) == 2:
        first, second = node.input(0), node.input(1)
        yield from ((first, second, ""), (second, first, ""))
    elif len(node.inputs) == 3:
        yield from permutations(node.inputs)


def _with_third(flow: Dataflow, step: ResidualStep, other: str) -> ResidualStep:
    through = flow.reaches_through_weight(step.stream, other)
    return _beside(flow, step, other) if through else replace(step, beside=other)


def _with_parallel_mlp(flow: Dataflow, step: ResidualStep, z: str) -> ResidualStep:
    """Parallel blocks add attention and MLP to each other first (GPT-J, GPT-NeoX, Falcon), or the MLP right after the
    attention, though it read the stream before it (Cohere, StableLM): take the three apart."""
    node = flow.graph.producer(before_same_values(flow, step.added))
    if node is not None and node.op == "Add" and all(flow.is_data(name) for name in node.inputs[:2]):
        from_attention = [name for name in node.inputs[:2] if flow.is_ancestor(z, name)]
        others = [name for name in node.inputs[:2] if not flow.is_ancestor(z, name)]
        if len(others) == 1 and flow.reaches_through_weight(step.stream, others[0]):
            return _beside(flow, replace(step, added=from_attention[0]), others[0])
    total = step.node.outputs[0]
    users = [user for user in flow.graph.consumers(total) if user.op not in ("Shape", "Size")]
    if step.node.op == "Add" and len(users) == 1 and users[0].op == "Add":
        other = next((name for name in users[0].inputs if name != total), total)
        if not flow.is_ancestor(z, other) and flow.reaches_through_weight(step.stream, other):
            return _beside(flow, replace(step, total=users[0].outputs[0]), other)
    return step


def _beside(flow: Dataflow, step: ResidualStep, other: str) -> ResidualStep:
    if is_position_wise(flow, before_same_values(flow, step.stream, quantised=True), other):
        return replace(step, parallel_mlp=other)
    return replace(step, beside=other)


def mlp_step(flow: Dataflow, after: ResidualStep, taken: frozenset[int]) -> ResidualStep | None:
    """The next sum of the stream with something that depends on it through weights; None if that sum belongs to
    another attention (its node's index is among `taken`), or to a mixer of positions, which is no MLP."""
    start = after.sums[0]
    for node in flow.graph.nodes[after.node.index + 1 :]:
        if node.op not in SUMS or not flow.node_depends(node, start):
            continue
        for before, added, rest in _ways(node):
            if not flow.is_ancestor(start, before) or flow.reaches_through_weight(start, before):
                continue

            def is_read(tensor: str, added: str = added) -> bool:
                source = before_same_values(flow, tensor, quantised=True)
                return flow.reaches_through_weight(source, added)

            stream = without_factor(flow, before, until=is_read)
            source = before_same_values(flow, stream.tensor, quantised=True)
            if is_read(stream.tensor):
                own = node.index not in taken and is_position_wise(flow, source, added)
                step = ResidualStep(node, before, added, stream.tensor, stream.factor, beside=rest or None)
                return step if own else None
    return None
