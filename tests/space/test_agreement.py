"""Whether metrics rank alike, where that is known."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.distances import METRICS
from embstudio.space.agreement import agreement
from tests.space.brute_force import measured


def test_metrics_that_must_rank_alike_do() -> None:
    table = np.random.default_rng(1).normal(size=(2000, 10))
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    found = agreement(table, 4, 30)
    at = {name: place for place, name in enumerate(found.metrics)}
    alike = ["cosine", "euclidean", "squared-euclidean", "dot", "angular"]  # of vectors of one length
    for first in alike:
        for second in alike:
            assert found.spearman[at[first], at[second]] == pytest.approx(1)
            assert found.kendall[at[first], at[second]] == pytest.approx(1)
            assert found.overlap[at[first], at[second]] == 1
    assert found.spearman[at["euclidean"], at["chebyshev"]] < 0.99


def test_the_rows_compared_are_those_of_all_lists() -> None:
    table = np.random.default_rng(2).normal(size=(500, 5)).astype(np.float32)
    found = agreement(table, 9, 20, ("manhattan", "dot"))
    lists = []
    for metric in found.metrics:
        distances = measured(metric, table[9], table)
        distances[9] = np.inf
        lists.append(np.argsort(distances)[:20].tolist())
    assert found.nearest.tolist() == lists
    assert found.rows.tolist() == sorted(set(lists[0]) | set(lists[1]))
    assert found.overlap[0, 1] == len(set(lists[0]) & set(lists[1])) / 20
    np.testing.assert_array_equal(found.kendall, found.kendall.T)
    assert set(METRICS) > set(found.metrics)


def test_where_all_are_as_near_there_is_no_order() -> None:
    found = agreement(np.eye(5), 0, 3, ("euclidean", "cosine"))
    assert np.isnan(found.spearman[0, 1])
    assert np.isnan(found.kendall[0, 1])
