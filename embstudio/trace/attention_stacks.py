"""Which sorts of attention a model has, and which of their cells can never be anything but empty."""

from __future__ import annotations

from collections.abc import Iterable
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

    @property
    def crosses(self) -> bool:
        """Whether queries and keys are different sentences."""
        return self.block == "cross_attn"

    def point(self, layer: int, part: str = "pattern") -> str:
        """The point name of a part in a layer: blocks.3.attn.pattern."""
        return f"{self.at(layer)}.{self.block}.{part}"

    def at(self, layer: int) -> str:
        """What the names of all points of a layer begin with: decoder.blocks.3."""
        return f"{self.stack}.blocks.{layer}" if self.stack else f"blocks.{layer}"

    def nearest(self, layer: int) -> int:
        """The layer of this stack that is closest to a layer of the model."""
        return min(self.layers, key=lambda own: (abs(own - layer), own))


def attention_stacks(trace: Trace, names: Iterable[str] = ()) -> list[AttentionStack]:
    """Every sort of attention whose patterns a trace holds, or that is among the `names` of the points that the model
    has: a large trace holds the patterns of some layers only. In the order of the names."""
    found: dict[tuple[str, str], set[int]] = {}
    for name in (*names, *trace.points("pattern")):
        if name.endswith(".pattern"):
            point = parse(name)
            found.setdefault((point.stack or "", point.prefix.rpartition(".")[2]), set()).add(point.layer or 0)
    return [AttentionStack(stack, block, tuple(sorted(layers))) for (stack, block), layers in found.items()]


def offset(trace: Trace, stack: AttentionStack) -> int | None:
    """Query i stands at key i + offset: cached tokens come first on the key axis. None in cross-attention."""
    if stack.crosses:
        return None
    return len(trace.past) if stack.stack != "encoder" else 0


def standing(trace: Trace, stack: AttentionStack, layer: int) -> int | None:
    """The offset in a layer whose pattern is held; None also where a model takes several tokens together, so that
    queries and keys are counted differently (Funnel)."""
    _heads, queries, keys = trace[stack.point(layer)].shape
    start = offset(trace, stack)
    return start if start is not None and keys == queries + start else None


def special_keys(trace: Trace, stack: AttentionStack, layer: int) -> np.ndarray | None:
    """[key], true for special tokens; None where it is not known which token a key is."""
    tokens = trace.along(stack.point(layer), "key")
    known = len(tokens) == trace[stack.point(layer)].size("key")
    return np.array([token.special for token in tokens], dtype=bool) if known else None


def impossible(trace: Trace, stack: AttentionStack, layer: int) -> np.ndarray:
    """[query, key], true where no head can attend: the mask makes the score −∞, or, where scores are not held, all
    weights after the query itself are exactly 0, as in a causal model."""
    pattern = trace[stack.point(layer)].values
    hidden: np.ndarray = np.zeros(pattern.shape[1:], dtype=bool)
    scores = stack.point(layer, "scores")
    if scores in trace and trace[scores].shape == pattern.shape:
        hidden = np.asarray(trace[scores].values.max(axis=0, initial=-np.inf) <= _HIDDEN)
    if looks_back_only(trace, stack, layer):
        hidden |= np.triu(np.ones(hidden.shape, dtype=bool), 1 + (offset(trace, stack) or 0))
    return hidden


def looks_back_only(trace: Trace, stack: AttentionStack, layer: int) -> bool:
    """Whether no head of a self-attention gives any weight to a later token, as in a causal model."""
    pattern = trace[stack.point(layer)].values
    _heads, queries, _keys = pattern.shape
    start = standing(trace, stack, layer)
    if start is None or queries < 2:
        return False
    # Row by row: the first one settles it for nearly every model that looks both ways.
    return not any(pattern[:, query, query + start + 1 :].any() for query in range(queries))
