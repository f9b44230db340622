"""Measures of a head against sums written out one by one, and on heads whose measures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.trace.head_measures import HeadMeasures, head_measures

RNG = np.random.default_rng(7)


def rows(queries: int, keys: int, hidden: np.ndarray | None = None, total: float = 1.0) -> np.ndarray:
    weights = RNG.random((queries, keys)) ** 3
    if hidden is not None:
        weights[hidden] = 0
    return (total * weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def by_hand(a: np.ndarray, hidden: np.ndarray, special: tuple[int, ...], offset: int | None) -> dict[str, list[float]]:
    """Each measure of each query that has a choice, from its definition."""
    told: dict[str, list[float]] = {name: [] for name in HeadMeasures.names()}
    for i, row in enumerate(a.tolist()):
        seen = [j for j in range(len(row)) if not hidden[i, j]]
        if len(seen) < 2:
            continue
        total = math.fsum(row[j] for j in seen)
        told["entropy"].append(-math.fsum(row[j] / total * math.log2(row[j] / total) for j in seen if row[j]))
        told["sharpness"].append(max(row[j] for j in seen))
        told["first"].append(row[0])
        told["sink"].append(1 - total)
        if special:
            told["special"].append(math.fsum(row[j] for j in special))
        if offset is not None:
            own = i + offset
            told["distance"].append(math.fsum(row[j] * abs(own - j) for j in seen) / total)
            told["itself"].append(row[own])
            if own > 0:
                told["previous"].append(row[own - 1])
    return told


@pytest.mark.parametrize("offset", [0, 3])
@pytest.mark.parametrize("total", [1.0, 0.7])
@pytest.mark.parametrize("causal", [True, False])
def test_each_measure_is_its_definition(causal: bool, total: float, offset: int) -> None:
    queries, keys = 9, 9 + offset
    hidden = np.triu(np.ones((queries, keys), bool), 1 + offset) if causal else np.zeros((queries, keys), bool)
    a = rows(queries, keys, hidden, total)
    mask = np.zeros(keys, bool)
    mask[[0, keys - 1]] = True
    told = head_measures(a, hidden, mask, offset)
    for name, values in by_hand(a, hidden, (0, keys - 1), offset).items():
        assert getattr(told, name) == pytest.approx(math.fsum(values) / len(values), abs=1e-12), name


def test_a_head_that_looks_at_the_token_before() -> None:
    a = np.zeros((6, 6), np.float32)
    a[0, 0] = 1
    a[np.arange(1, 6), np.arange(5)] = 1
    told = head_measures(a, np.triu(np.ones((6, 6), bool), 1))
    assert (told.previous, told.sharpness, told.distance) == (1, 1, 1)
    assert (told.entropy, told.itself) == (0, 0)
    assert told.first == 0.2  # of the five queries that have a choice, the second
    assert math.isnan(told.special)


def test_a_head_that_looks_everywhere_alike_has_the_entropy_of_a_fair_choice() -> None:
    told = head_measures(np.full((5, 8), 1 / 8, np.float32), offset=None)
    assert told.entropy == pytest.approx(3, abs=1e-12)
    assert math.isnan(told.distance)
    assert math.isnan(told.itself)
    assert math.isnan(told.previous)


def test_weights_on_hidden_keys_do_not_count() -> None:
    hidden = np.zeros((4, 4), bool)
    hidden[:, 3] = True
    a = rows(4, 4)
    clean = a.copy()
    clean[:, 3] = 0
    assert head_measures(a, hidden) == head_measures(clean, hidden)


def test_one_token_alone_says_nothing() -> None:
    told = head_measures(np.ones((1, 1), np.float32))
    assert all(math.isnan(getattr(told, name)) for name in HeadMeasures.names())
