"""Which attention patterns a trace holds, and which of their cells can never be anything but empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.trace.points import parse
from embstudio.trace.trace import Trace

# Exporters write −∞ as the least number of a precision; −65504 is that of half precision.
_HIDDEN = -6e4


@dataclass(frozen=True)
class AttentionStack:
    """Attention layers of one sort. stack: "", "encoder" or "decoder"; block: "attn" or "cross_attn"."""

    stack: str
    block: str
    layers: tuple[int, ...]

    @property
    def title(self) -> str:
        """In words: "self-attention", "decoder cross-attention"."""
        kind = "cross-attention" if self.block == "cross_attn" else "self-attention"
        return f"{self.stack} {kind}".strip()

    def point(self, layer: int, part: str = "pattern") -> str:
        """The point name of a part in a layer: blocks.3.attn.pattern."""
        start = f"{self.stack}." if self.stack else ""
        return f"{start}blocks.{layer}.{self.block}.{part}"

    def nearest(self, layer: int) -> int:
        """The layer of this stack that is closest to a layer of the model."""
        return min(self.layers, key=lambda own: (abs(own - layer), own))


def attention_stacks(trace: Trace) -> list[AttentionStack]:
    """Every sort of attention whose patterns a trace holds, in the order of the trace."""
    found: dict[tuple[str, str], list[int]] = {}
    for name in trace.points("pattern"):
        point = parse(name)
        found.setdefault((point.stack or "", point.prefix.rpartition(".")[2]), []).append(point.layer or 0)
    return [AttentionStack(stack, block, tuple(sorted(layers))) for (stack, block), layers in found.items()]


def impossible(trace: Trace, stack: AttentionStack, layer: int) -> np.ndarray:
    """[query, key], true where no head can attend: the mask makes the score −∞, or, where scores are not held, all
    weights after the query itself are exactly 0, as in a causal model."""
    pattern = trace[stack.point(layer)].values
    hidden: np.ndarray = np.zeros(pattern.shape[1:], dtype=bool)
    scores = stack.point(layer, "scores")
    if scores in trace and trace[scores].shape == pattern.shape:
        hidden = np.asarray((trace[scores].values <= _HIDDEN).all(axis=0))
    if stack.block == "attn" and pattern.shape[1] == pattern.shape[2] > 1:
        later = np.triu(np.ones(pattern.shape[1:], dtype=bool), 1)
        if not pattern[:, later].any():
            hidden = hidden | later
    return hidden
