"""Rollout against the sum over all paths through the layers, written out, and on patterns whose rollout is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from embstudio.trace.rollout import rollout

RNG = np.random.default_rng(3)


def pattern(heads: int, tokens: int, total: float = 1.0) -> np.ndarray:
    weights = RNG.random((heads, tokens, tokens))
    return (total * weights / weights.sum(axis=2, keepdims=True)).astype(np.float32)


def over_paths(patterns: list[np.ndarray]) -> np.ndarray:
    """The share that comes from token j to token i: the products along every path between them, added up."""
    tokens = patterns[0].shape[1]
    edges = []
    for layer in patterns:
        mean = sum(head.astype(np.float64) for head in layer) / len(layer)
        step = mean + np.eye(tokens)
        edges.append([[step[i, j] / sum(step[i]) for j in range(tokens)] for i in range(tokens)])
    flow = np.zeros((tokens, tokens))
    for path in itertools.product(range(tokens), repeat=len(patterns) + 1):  # from the top layer down
        share = 1.0
        for depth, edge in enumerate(reversed(edges)):
            share *= edge[path[depth]][path[depth + 1]]
        flow[path[0], path[-1]] += share
    return flow


@pytest.mark.parametrize("total", [1.0, 0.6])
@pytest.mark.parametrize("layers", [1, 2, 4])
def test_rollout_is_the_sum_over_all_paths(layers: int, total: float) -> None:
    patterns = [pattern(3, 4, total) for _ in range(layers)]
    np.testing.assert_allclose(rollout(patterns), over_paths(patterns), atol=1e-12)


def test_rows_sum_to_one_and_what_cannot_be_seen_stays_unseen() -> None:
    patterns = [np.tril(pattern(2, 7)) for _ in range(5)]
    rolled = rollout([layer / layer.sum(axis=2, keepdims=True) for layer in patterns])
    np.testing.assert_allclose(rolled.sum(axis=1), 1, atol=1e-12)
    assert not np.triu(rolled, 1).any()


def test_heads_that_look_only_at_themselves_leave_each_token_its_own() -> None:
    np.testing.assert_array_equal(rollout([np.eye(5)[None]] * 6), np.eye(5))


def test_different_tokens_cannot_be_rolled_out() -> None:
    with pytest.raises(ValueError, match="same tokens"):
        rollout([np.full((2, 3, 5), 0.2)])
    with pytest.raises(ValueError, match="at least one"):
        rollout([])
