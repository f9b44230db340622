"""Where the chain of stages runs: one head, query and key, and what the trace holds there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.stepper.probe import Probe


@dataclass(frozen=True)
class StagePlace:
    """Where the chain runs. at: the names of the layer's points begin so; attn: those of its attention."""

    weights: AttentionWeights
    layer: int
    head: int
    query: int
    key: int
    unit: int

    @property
    def at(self) -> str:
        return self.weights.stack.at(self.layer)

    def point(self, part: str) -> str:
        return self.weights.stack.point(self.layer, part)

    def has(self, part: str) -> bool:
        return self.point(part) in self.weights.trace

    def values(self, part: str) -> np.ndarray:
        return self.weights.trace[self.point(part)].values

    def of_kv(self, part: str) -> np.ndarray | None:
        """q, k, v or z of this head, or of the key/value head that it reads; None where the trace lacks it."""
        if not self.has(part):
            return None
        held = self.values(part)
        heads = self.weights.heads(self.layer)
        shared = self.head * len(held) // heads if len(held) < heads else min(self.head, len(held) - 1)
        return np.asarray(held[shared])

    def vector(self, part: str, pos: int) -> np.ndarray | None:
        """The same at one position, float64."""
        held = self.of_kv(part)
        return np.asarray(held[pos], dtype=np.float64) if held is not None else None

    def vector_probe(self, part: str) -> Probe:
        """The current unit of q or z at the query."""
        heads, _queries, width = self.values(part).shape
        return Probe(self.point(part), (min(self.head, heads - 1), self.query, min(self.unit, width - 1)))

    def stream(self, part: str) -> np.ndarray | None:
        """A vector of the stream at the query, float64."""
        name = f"{self.at}.{part}"
        if name not in self.weights.trace or self.query >= len(self.weights.trace[name].values):
            return None
        return np.asarray(self.weights.trace[name].values[self.query], dtype=np.float64)

    def stream_probe(self, part: str) -> Probe:
        width = self.weights.trace[f"{self.at}.{part}"].shape[-1]
        return Probe(f"{self.at}.{part}", (self.query, min(self.unit, width - 1)))
