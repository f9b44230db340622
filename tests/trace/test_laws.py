"""The laws hold for an attention worked out by hand, and each breaks when its own numbers are tampered with."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.attention import attention, causal_mask
from embstudio.trace.axes import NamedArray
from embstudio.trace.laws import attention_laws, sum_law

_AXES = {
    "q": ("head", "query", "d_head"), "k": ("kv_head", "key", "d_head"), "v": ("kv_head", "key", "d_head"),
    "raw_scores": ("head", "query", "key"), "scores": ("head", "query", "key"), "pattern": ("head", "query", "key"),
    "z": ("head", "query", "d_head"),
}  # fmt: skip
LAWS = {
    "q kᵀ = raw scores": ("q", "k", "raw_scores"),
    "softmax(scores) = pattern": ("scores", "pattern"),
    "rows of the pattern sum to 1": ("pattern",),
    "pattern v = z": ("pattern", "v", "z"),
}


def made(*, heads: int = 4, kv_heads: int = 2, sink: float | None = None) -> dict[str, np.ndarray]:
    """An attention with grouped queries and a causal mask, perhaps with one more learned score a head."""
    random = np.random.default_rng(3)
    q = random.normal(size=(heads, 5, 8))
    k, v = random.normal(size=(2, kv_heads, 5, 8))
    shared_k, shared_v = (np.repeat(each, heads // kv_heads, axis=0) for each in (k, v))
    step = attention(q, shared_k, shared_v, mask=causal_mask(5))
    pattern = step.pattern
    if sink is not None:
        weights = np.exp(step.scores)
        pattern = weights / (weights.sum(-1, keepdims=True) + np.exp(sink + np.arange(heads))[:, None, None])
    raw = q @ shared_k.swapaxes(-1, -2)
    return {"q": q, "k": k, "v": v, "raw_scores": raw, "scores": step.scores, "pattern": pattern,
            "z": pattern @ shared_v}  # fmt: skip


def laws(points: dict[str, np.ndarray]) -> dict[str, float]:
    named = {f"blocks.0.attn.{name}": NamedArray(value, _AXES[name]) for name, value in points.items()}
    return attention_laws(named, "blocks.0.attn")


@pytest.mark.parametrize("sink", [None, -1.0])
def test_the_laws_hold_with_and_without_a_sink(sink: float | None) -> None:
    found = laws(made(sink=sink))
    assert set(found) == set(LAWS)
    assert max(found.values()) < 1e-12


def test_what_is_missing_is_not_judged() -> None:
    points = made()
    del points["raw_scores"], points["v"]
    assert set(laws(points)) == {"softmax(scores) = pattern", "rows of the pattern sum to 1"}


@pytest.mark.parametrize("law", LAWS)
def test_each_law_notices_its_own_numbers(law: str) -> None:
    for name in LAWS[law]:
        points = made()
        points[name] = points[name].copy()
        points[name][1, 3, 1] += 0.5
        assert laws(points)[law] > 1e-2, name


def test_heads_in_the_wrong_order_are_noticed() -> None:
    points = made()
    points["k"] = points["k"][::-1]
    assert laws(points)["q kᵀ = raw scores"] > 0.1


def test_rows_that_lose_different_amounts_are_no_sink() -> None:
    points = made()
    points["pattern"] = points["pattern"] * np.linspace(0.5, 1, 5)[:, None]
    assert laws(points)["rows of the pattern sum to 1"] > 0.1


def test_rows_in_which_everything_is_masked_are_free() -> None:
    points = made()
    for name in ("pattern", "z"):
        points[name][:, 2] = 0
    points["scores"][:, 2] = -np.inf
    assert max(laws(points).values()) < 1e-12


def test_a_sum_of_the_stream() -> None:
    before, added = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    stream = [NamedArray(value, ("pos", "d_model")) for value in (before, added, before + added, before - added)]
    assert sum_law(stream[0], [stream[1]], stream[2]) < 1e-7
    assert sum_law(stream[0], [stream[1]], stream[3]) > 0.1
    assert sum_law(stream[2], [stream[1]], stream[0], scale=-1.0) > 0.1
    assert sum_law(stream[3], [stream[1], stream[1]], stream[2]) < 1e-6
