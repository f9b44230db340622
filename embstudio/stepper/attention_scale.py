"""By what a head multiplies its dot products before masks and biases are added, read off its own numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from embstudio.stepper.attention_weights import AttentionWeights

MASKED = -1e4  # scores below are a mask's doing: exporters add −10⁴, the least float of some precision, or −∞
QUERIES = 64  # looked at: more of a long text would tell no more
CLOSE = 1e-3  # relative


@dataclass(frozen=True)
class Scale:
    """name: "1/√64", "1" (it is in q or k already), or the number. exact: scores are q · k times it and nothing else
    wherever no mask hides them; else it is the likelier of the first two."""

    name: str
    value: float
    exact: bool
    _q: np.ndarray | None  # [query, d_head]
    _k: np.ndarray | None
    _raw: np.ndarray | None  # [query, key]

    def raw(self, query: int, key: int) -> float:
        """The dot product before the scale: observed, or else worked out in float64."""
        if self._raw is not None:
            return float(self._raw[query, key])
        assert self._q is not None
        assert self._k is not None
        return float(self._q[query].astype(np.float64) @ self._k[key].astype(np.float64))

    def raw_row(self, query: int) -> np.ndarray:
        """The same for all keys, float64."""
        if self._raw is not None:
            return np.asarray(self._raw[query], dtype=np.float64)
        assert self._q is not None
        assert self._k is not None
        return np.asarray(self._k.astype(np.float64) @ self._q[query].astype(np.float64))

    def size(self, query: int, key: int) -> float:
        """The sizes of the terms added up, which rounding grows with."""
        if self._q is None or self._k is None:
            return abs(self.raw(query, key)) * self.value
        return float(np.abs(self._q[query].astype(np.float64) * self._k[key]).sum()) * self.value


def find_scale(weights: AttentionWeights, layer: int, head: int) -> Scale | None:
    """The scale of a head; None where the trace lacks the scores, or both the raw scores and q and k."""
    trace, stack = weights.trace, weights.stack
    points = {part: trace[stack.point(layer, part)].values for part in ("q", "k", "raw_scores", "scores")
              if stack.point(layer, part) in trace}  # fmt: skip
    if "scores" not in points:
        return None
    scores = points["scores"][head]
    q, k = points.get("q"), points.get("k")
    own_q = q[head] if q is not None and len(q) > head else None
    own_k = k[head * len(k) // weights.heads(layer)] if k is not None else None
    if own_q is None or own_k is None or own_q.shape[-1] != own_k.shape[-1]:
        own_q = own_k = None
    raw = points["raw_scores"][head] if "raw_scores" in points else None
    if raw is None and (own_q is None or own_k is None):
        return None
    some = np.unique(np.linspace(0, len(scores) - 1, min(QUERIES, len(scores))).round().astype(np.intp))
    if raw is not None:
        x = raw[some].astype(np.float64)
    else:
        assert own_q is not None
        assert own_k is not None
        x = own_q[some].astype(np.float64) @ own_k.astype(np.float64).T
    y = scores[some].astype(np.float64)
    seen = y > MASKED
    width = own_q.shape[-1] if own_q is not None else None
    name, value, exact = _read_off(x[seen], y[seen], width)
    return Scale(name, value, exact, own_q, own_k, raw)


def _read_off(x: np.ndarray, y: np.ndarray, width: int | None) -> tuple[str, float, bool]:
    """The scale s of y = s x, its name, and whether it fits; else the nearer of 1/√width and 1 to the slope of y."""
    known = {"1": 1.0} | ({f"1/√{width}": 1 / math.sqrt(width)} if width else {})
    square = float(x @ x)
    if not square:
        name = f"1/√{width}" if width else "1"
        return name, known[name], False
    slope = float(x @ y) / square
    exact = bool(np.abs(y - slope * x).max() <= CLOSE * max(np.abs(y).max(), 1e-9))
    if not exact and len(x) > 1:
        spread = x - x.mean()
        slope = float(spread @ (y - y.mean())) / float(spread @ spread or 1)
    near = min(known, key=lambda name: abs(math.log(max(slope, 1e-9) / known[name])))
    if not exact or abs(slope / known[near] - 1) <= CLOSE:
        return near, known[near], exact
    return f"{slope:.4g}", slope, True
