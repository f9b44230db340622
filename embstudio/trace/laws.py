"""What must hold between the points of one attention, whatever the model: the check that needs no reference.

Vaswani et al. 2017, equation 1, taken apart: q kᵀ = raw scores, softmax(scores) = pattern, pattern v = z. All in
float64. Differences are relative to the largest magnitude of the expected value, or absolute where that is below 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from embstudio.formulas.attention import softmax
from embstudio.trace.axes import NamedArray

Values = Mapping[str, NamedArray]
# Below this share of its row a weight may have been hidden by a mask's large negative number instead of −∞.
_NOTHING = 1e-30


def attention_laws(values: Values, prefix: str) -> dict[str, float]:
    """How far each law of the attention at `prefix` ("blocks.3.attn") is from holding; laws whose points are not all
    there are left out."""
    points = {name.removeprefix(prefix + "."): array for name, array in values.items() if name.startswith(prefix + ".")}
    differences = {}
    for law, (needed, difference) in _LAWS.items():
        if all(name in points for name in needed):
            apart = difference(*(points[name].values.astype(np.float64) for name in needed))
            differences[law] = float("inf") if np.isnan(apart) else apart
    return differences


def sum_law(before: NamedArray, added: Iterable[NamedArray], after: NamedArray, scale: float = 1.0) -> float:
    """How far scale · before + Σ added is from `after`, [pos, d_model] each."""
    total = scale * before.values.astype(np.float64)
    for each in added:
        total = total + each.values
    return _apart(total, after.values.astype(np.float64))


def _products(q: np.ndarray, k: np.ndarray, raw: np.ndarray) -> float:
    return _apart(q @ _for_each_head(k, len(q)).swapaxes(-1, -2), raw)


def _blend(pattern: np.ndarray, v: np.ndarray, z: np.ndarray) -> float:
    return _apart(pattern @ _for_each_head(v, len(pattern)), z)


def _softmax(scores: np.ndarray, pattern: np.ndarray) -> float:
    """Shares within the row: an attention sink takes the same part of all of them. Rows that see nothing are free."""
    total = pattern.sum(-1, keepdims=True)
    open_rows = (total > _NOTHING) & np.isfinite(scores.max(-1, keepdims=True))
    expected = softmax(np.where(np.isnan(scores), -np.inf, scores))
    shares = np.divide(pattern, total, out=np.zeros_like(pattern), where=total > _NOTHING)
    return float(np.abs(np.where(open_rows, expected - shares, 0.0)).max(initial=0.0))


def _rows(scores: np.ndarray, pattern: np.ndarray) -> float:
    """1, or what an attention sink leaves of it: with a learned score s beside the keys' scores a row sums to
    Σ eᵃ / (Σ eᵃ + eˢ), with the same s for every query of a head (Xiao et al. 2023; GPT-OSS). A row of zeros is one
    in which everything was masked."""
    total = pattern.sum(-1)
    top = scores.max(-1)
    seen = (total > _NOTHING) & np.isfinite(top)
    off = np.where(seen, np.abs(total - 1), 0.0).max(-1, initial=0.0)
    for head in np.flatnonzero(off > 1e-3):
        rows = seen[head] & (total[head] < 1)
        if (total[head][seen[head]] > 1 + 1e-3).any() or not rows.any():
            continue
        mass = np.log(np.exp(scores[head] - top[head][:, None]).sum(-1)) + top[head]
        sink = mass[rows] + np.log1p(-total[head][rows]) - np.log(total[head][rows])
        explained = 1 / (1 + np.exp(np.median(sink) - mass[rows]))
        off[head] = np.abs(explained - total[head][rows]).max()
    return float(off.max(initial=0.0))


_LAWS: dict[str, tuple[tuple[str, ...], Callable[..., float]]] = {
    "q kᵀ = raw scores": (("q", "k", "raw_scores"), _products),
    "softmax(scores) = pattern": (("scores", "pattern"), _softmax),
    "rows of the pattern sum to 1": (("scores", "pattern"), _rows),
    "pattern v = z": (("pattern", "v", "z"), _blend),
}


def _for_each_head(shared: np.ndarray, heads: int) -> np.ndarray:
    """[kv_head, key, d_head] → [head, key, d_head]: neighbouring heads share a key/value head (Ainslie et al. 2023)."""
    return np.repeat(shared, heads // len(shared), axis=0)


def _apart(found: np.ndarray, expected: np.ndarray) -> float:
    if found.shape != expected.shape:
        return float("inf")
    both_hidden = np.isneginf(found) & np.isneginf(expected)
    difference = np.abs(np.where(both_hidden, 0.0, found - expected))
    finite = np.abs(expected[np.isfinite(expected)])
    return float(difference.max(initial=0.0) / max(1.0, finite.max(initial=0.0)))
