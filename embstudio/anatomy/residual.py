"""The residual stream of a transformer around each block, put together from the additions to it.

In a post-norm block the stream is what the normalisation makes of each sum. What is not found is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.norms import arithmetic_of, norms_of
from embstudio.anatomy.residual_steps import SUMS, ResidualStep, mlp_step
from embstudio.anatomy.same_values import are_same, with_same_values


@dataclass(frozen=True)
class FoundResidual:
    """The stream around one block; None for what was not found. steps: its additions, in order."""

    pre: str | None = None
    attn_out: str | None = None
    mid: str | None = None
    cross_out: str | None = None
    cross: str | None = None
    mlp_out: str | None = None
    post: str | None = None
    attn_step: ResidualStep | None = None
    cross_step: ResidualStep | None = None
    mlp_step: ResidualStep | None = None

    @property
    def last_step(self) -> ResidualStep | None:
        return self.mlp_step or self.cross_step or self.attn_step


def find_residual(
    flow: Dataflow, blocks: list[list[FoundAttention]], steps: dict[int, ResidualStep]
) -> list[FoundResidual]:
    """The stream around the blocks of one stack, in order. steps: by the index of an attention's softmax."""
    taken = frozenset(step.node.index for step in steps.values())
    found = [_around(flow, block, steps, taken) for block in blocks]
    post_norm = any(_is_post_norm(flow, block) for block in found)
    for place, current in enumerate(found):
        following = found[place + 1].pre if place + 1 < len(found) else None
        post = following if following is not None and _belongs(flow, current, following) else None
        whole = (
            current.attn_step is not None and current.attn_step.whole
        )  # where such a block ends, only the next tells
        own = None if whole else _own_post(flow, current, post_norm=post_norm)
        found[place] = replace(current, post=post or own)
    return found


def _around(
    flow: Dataflow, block: list[FoundAttention], steps: dict[int, ResidualStep], taken: frozenset[int]
) -> FoundResidual:
    first = steps.get(block[0].softmax.index)
    last = steps.get(block[-1].softmax.index)
    if first is None:
        return FoundResidual()
    if first.whole:
        return FoundResidual(pre=first.stream, attn_step=first)
    mlp = mlp_step(flow, last, taken) if last is not None and last.parallel_mlp is None else None
    cross = last if len(block) > 1 else None
    following = cross or mlp
    return FoundResidual(
        pre=first.stream,
        attn_out=first.added,
        mid=following.stream if following else None,
        cross_out=cross.added if cross else None,
        cross=mlp.stream if cross and mlp else None,
        mlp_out=mlp.added if mlp else first.parallel_mlp,
        attn_step=first,
        cross_step=cross,
        mlp_step=mlp,
    )


def _is_post_norm(flow: Dataflow, block: FoundResidual) -> bool:
    """Is the stream what a norm makes of the sum?"""
    step, mid = block.attn_step, block.mid
    return step is not None and mid is not None and not any(are_same(flow, mid, total) for total in step.sums[:1])


def _belongs(flow: Dataflow, block: FoundResidual, post: str) -> bool:
    """Is a tensor the block's own sum, or made of it by arithmetic with constants: its norm, or what MobileBERT has in
    the place of one?"""
    step = block.last_step
    if step is None:
        return False
    own = step.sums[0]
    if flow.reaches_through_weight(own, post) or not flow.is_ancestor(own, post):
        return False
    return any(are_same(flow, total, post) or post in arithmetic_of(flow, total) for total in step.sums)


def _own_post(flow: Dataflow, block: FoundResidual, *, post_norm: bool) -> str | None:
    """What leaves a block where no following one tells: its last sum, or, in post-norm blocks, that normalised."""
    step = block.last_step
    if step is None or block.attn_step is None:
        return None
    if step.node.op not in ("Add", "Sum"):
        # A fused skip-normalisation has the norm first and the sum last: read it as the block's first one is read.
        fused = block.attn_step.node
        place = fused.outputs.index(block.mid) if block.mid in fused.outputs else 0
        return step.node.outputs[place] if place < len(step.node.outputs) and step.node.outputs[place] else None
    if not post_norm:
        return step.sums[0]
    norms = norms_of(flow, step.sums[0])
    return norms[0] if len(norms) == 1 else None


def end_of_stream(flow: Dataflow, post: str) -> str:
    """The stream after all that is still added to what leaves the last block: layers without attention may follow."""
    while (following := _next_sum(flow, post)) is not None:
        post = following
    return post


def _next_sum(flow: Dataflow, stream: str) -> str | None:
    for same in with_same_values(flow, stream):
        for node in flow.graph.consumers(same):
            others = [name for name in node.inputs if name != same]
            if node.op in SUMS and len(others) == 1 and flow.reaches_through_weight(stream, others[0]):
                return node.outputs[0]
    return None
