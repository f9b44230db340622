"""The residual stream of a transformer, found from each attention outward.

From pattern v forward, the first sum (Add or a fused skip-normalisation) whose other operand is an ancestor of this
attention's own q: that operand is what entered the block. It holds for pre-norm, post-norm, parallel and sandwich
blocks alike. After it, the sum of the stream with something that depends on it through weights is the MLP's.
In a post-norm block the stream is what the normalisation makes of each sum. What is not found is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node

_SUMS = frozenset({"Add", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization"})
_SAME_VALUES = frozenset({"Cast", "Identity", "Reshape", "Dropout"})
_NORMS = frozenset({"LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization"})


@dataclass(frozen=True)
class ResidualStep:
    """One addition to the stream: before, what was added, the sum's node, and the MLP's part if it was added too."""

    node: Node
    before: str
    added: str
    parallel_mlp: str | None = None

    @property
    def sums(self) -> tuple[str, ...]:
        """The tensors that hold the sum, normalised or not."""
        return tuple(filter(None, self.node.outputs))


@dataclass(frozen=True)
class FoundResidual:
    """The stream around one block; None for what was not found."""

    pre: str | None = None
    attn_out: str | None = None
    mid: str | None = None
    cross_out: str | None = None
    mlp_out: str | None = None
    post: str | None = None
    attn_step: ResidualStep | None = None
    mlp_step: ResidualStep | None = None


def attention_step(flow: Dataflow, attention: FoundAttention) -> ResidualStep | None:
    """Where an attention's result is added to the stream it read."""
    z = attention.values_product.outputs[0]
    for node in flow.graph.nodes[attention.values_product.index + 1 :]:
        if node.op not in _SUMS or not flow.node_depends(node, z):
            continue
        first, second = node.input(0), node.input(1)
        for before, added in ((first, second), (second, first)):
            if (
                flow.is_data(before)
                and flow.is_ancestor(z, added)
                and not flow.is_ancestor(z, before)
                and flow.is_ancestor(before, attention.q_tensor)
            ):
                return _with_parallel_mlp(flow, ResidualStep(node, before, added), z)
    return None


def _with_parallel_mlp(flow: Dataflow, step: ResidualStep, z: str) -> ResidualStep:
    """Parallel blocks (GPT-J, GPT-NeoX, Falcon) add attention and MLP to each other first: take the two apart."""
    node = flow.graph.producer(step.added)
    if node is None or node.op != "Add" or not all(flow.is_data(name) for name in node.inputs[:2]):
        return step
    from_attention = [name for name in node.inputs[:2] if flow.is_ancestor(z, name)]
    others = [name for name in node.inputs[:2] if not flow.is_ancestor(z, name)]
    if len(others) != 1 or not flow.reaches_through_weight(step.before, others[0]):
        return step
    return replace(step, added=from_attention[0], parallel_mlp=others[0])


def mlp_step(flow: Dataflow, after: ResidualStep, taken: frozenset[int]) -> ResidualStep | None:
    """The next sum of the stream with something that depends on it through weights; None if that sum belongs to
    another attention (its node's index is among `taken`)."""
    start = after.sums[0]
    for node in flow.graph.nodes[after.node.index + 1 :]:
        if node.op not in _SUMS or not flow.node_depends(node, start):
            continue
        first, second = node.input(0), node.input(1)
        for before, added in ((first, second), (second, first)):
            on_stream = flow.is_ancestor(start, before) and not flow.reaches_through_weight(start, before)
            if on_stream and flow.reaches_through_weight(before, added):
                return None if node.index in taken else ResidualStep(node, before, added)
    return None


def find_residual(
    flow: Dataflow, blocks: list[list[FoundAttention]], steps: dict[int, ResidualStep]
) -> list[FoundResidual]:
    """The stream around the blocks of one stack, in order. steps: by the index of an attention's softmax."""
    taken = frozenset(step.node.index for step in steps.values())
    found = [_around(flow, block, steps, taken) for block in blocks]
    for place, current in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        post = following.pre if following else _last_post(flow, current)
        if post is not None and following is not None and not _belongs(flow, current, post):
            post = None
        found[place] = replace(current, post=post)
    return found


def _around(
    flow: Dataflow, block: list[FoundAttention], steps: dict[int, ResidualStep], taken: frozenset[int]
) -> FoundResidual:
    first = steps.get(block[0].softmax.index)
    last = steps.get(block[-1].softmax.index)
    if first is None:
        return FoundResidual()
    mlp = mlp_step(flow, last, taken) if last is not None and last.parallel_mlp is None else None
    cross = last if len(block) > 1 else None
    following = cross or mlp
    return FoundResidual(
        pre=first.before,
        attn_out=first.added,
        mid=following.before if following else None,
        cross_out=cross.added if cross else None,
        mlp_out=mlp.added if mlp else first.parallel_mlp,
        attn_step=first,
        mlp_step=mlp or last,
    )


def _belongs(flow: Dataflow, block: FoundResidual, post: str) -> bool:
    """Is a tensor the block's own sum, or its norm: reached from it without another product with weights?"""
    if block.mlp_step is None:
        return False
    own = block.mlp_step.sums[0]
    return flow.is_ancestor(own, post) and not flow.reaches_through_weight(own, post)


def _last_post(flow: Dataflow, block: FoundResidual) -> str | None:
    """What leaves the last block: its last sum, or, in post-norm blocks, that sum normalised."""
    step = block.mlp_step
    if step is None or block.attn_step is None:
        return None
    if step.node.op != "Add":
        # A fused skip-normalisation has the norm first and the sum last: read it as the block's first one is read.
        fused = block.attn_step.node
        place = fused.outputs.index(block.mid) if block.mid in fused.outputs else 0
        return step.node.outputs[place] if place < len(step.node.outputs) and step.node.outputs[place] else None
    if block.mid is None or _same_values(flow, block.mid) in block.attn_step.sums:
        return step.node.outputs[0]  # parallel or pre-norm: the sum itself is the stream
    for node in flow.graph.consumers(step.node.outputs[0]):
        if node.op in _NORMS:
            return node.outputs[0]
    return next((info.name for info in flow.graph.outputs if _belongs(flow, block, info.name)), None)


def _same_values(flow: Dataflow, tensor: str) -> str:
    """The tensor before it was cast or reshaped."""
    node = flow.graph.producer(tensor)
    while node is not None and node.op in _SAME_VALUES:
        tensor = node.inputs[0]
        node = flow.graph.producer(tensor)
    return tensor
