"""What is known of one softmax attention: its tensors, their axes, its counts."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.head_axes import Reading
from embstudio.anatomy.products import Product
from embstudio.anatomy.softmaxes import FoundSoftmax
from embstudio.modelfile.graph import Node


@dataclass(frozen=True)
class FoundAttention:
    """One attention as tensors of the graph. q, k, v, scores, pattern and z come with their axes as the graph has
    them (`Reading`); None where the graph does not say enough to name the axes.

    q and k are those that are multiplied, after rotation and before a scale, and k and v before they are repeated for
    grouped queries. raw_scores = q kᵀ: where a scale is folded into q or k the graph has raw_scale · q kᵀ only, and the
    reading's factor takes the scale out again. A scale that is not a known number is left in q and k instead.
    is_changed: the pattern is not softmax(scores), for it is multiplied by something first; scores are left out then.
    heads, kv_heads and d_head None where no shape in the graph tells. unsettled: tensors whose lengths in a run would
    tell what is None, or confirm what only the usual order of axes speaks for.
    """

    softmax: Node
    scores_product: Node
    values_product: Node
    q_tensor: str
    k_tensor: str
    q: Reading | None
    k: Reading | None
    v: Reading | None
    raw_scores: Reading | None
    scores: Reading | None
    pattern: Reading | None
    z: Reading | None
    heads: int | None
    kv_heads: int | None
    d_head: int | None
    raw_scale: float = 1.0
    is_changed: bool = False
    unsettled: tuple[str, ...] = ()


Steps = tuple[tuple[Node, str], ...]  # nodes one after the other, each with the tensor that enters it


@dataclass(frozen=True)
class Way:
    """From q kᵀ to the softmax. scores: what enters it; joined: together with other products."""

    product: Product
    steps: Steps
    scores: str
    joined: bool


@dataclass(frozen=True)
class Onward:
    """From the softmax to pattern v. pattern: the operand; cut: it is a piece of what the softmax made."""

    product: Product
    steps: Steps
    pattern: str
    cut: bool

    @property
    def place(self) -> int:
        """Which operand the pattern is."""
        return 0 if self.product.left == self.pattern else 1


@dataclass(frozen=True)
class Core:
    """q kᵀ → softmax → pattern v, as nodes."""

    softmax: FoundSoftmax
    way: Way
    onward: Onward
