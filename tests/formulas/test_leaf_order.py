"""Clusters against their definition, and against orders that are known."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.leaf_order import average_linkage, leaf_order


def distances(count: int, seed: int = 0) -> np.ndarray:
    """1 − r of random rows."""
    return 1 - np.corrcoef(np.random.default_rng(seed).normal(size=(count, 12)))


def by_definition(apart: np.ndarray) -> list[tuple[frozenset[int], float]]:
    """Join, again and again, the two clusters whose members are nearest on average; worked out anew each time."""
    clusters = [frozenset([each]) for each in range(len(apart))]
    joined = []
    while len(clusters) > 1:
        mean, one, other = min(
            (float(np.mean([apart[a, b] for a in one for b in other])), place, later)
            for place, one in enumerate(clusters)
            for later, other in list(enumerate(clusters))[place + 1 :]
        )
        both = clusters[one] | clusters[other]
        joined.append((both, mean))
        clusters = [each for place, each in enumerate(clusters) if place not in (one, other)] + [both]
    return joined


@pytest.mark.parametrize("count", [1, 2, 3, 5, 17, 30])
def test_clusters_are_those_of_the_definition(count: int) -> None:
    apart = distances(count, count) if count > 1 else np.zeros((1, 1))
    expected = dict(by_definition(apart))
    members = {each: frozenset([each]) for each in range(count)}
    found = {}
    for one, other, height in average_linkage(apart):
        members[one] = members[one] | members[other]
        found[members[one]] = height
    assert found.keys() == expected.keys()
    for cluster, height in found.items():
        assert height == pytest.approx(expected[cluster], abs=1e-12)


@pytest.mark.parametrize("count", [4, 25])
def test_each_cluster_stands_together(count: int) -> None:
    apart = distances(count)
    order = leaf_order(apart).tolist()
    assert sorted(order) == list(range(count))
    for cluster, _height in by_definition(apart):
        places = sorted(order.index(each) for each in cluster)
        assert places == list(range(places[0], places[0] + len(cluster)))


def test_points_on_a_line_come_in_their_order() -> None:
    places = np.array([3.0, 0.0, 1.1, 7.5, 6.0, 2.0])
    order = leaf_order(np.abs(places[:, None] - places))
    assert places[order].tolist() in (sorted(places), sorted(places, reverse=True))
    assert order[0] < order[-1]


def test_nothing_and_equals() -> None:
    assert leaf_order(np.zeros((0, 0))).tolist() == []
    assert sorted(leaf_order(np.zeros((6, 6))).tolist()) == list(range(6))
