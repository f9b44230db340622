"""How many clusters: silhouettes against Rousseeuw's sums written out, and numbers that are known."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.cluster_count import NONE, ClusterCount, Counts, silhouettes


def last(method: ClusterCount, vectors: np.ndarray) -> Counts:
    *_, found = method.results(vectors)
    return found


def test_silhouettes_are_rousseeuws_sums() -> None:
    random = np.random.default_rng(4)
    points, groups = random.normal(size=(30, 3)), np.array([*random.integers(0, 4, size=29), 7])
    apart = np.linalg.norm(points[:, None] - points, axis=-1)
    found = silhouettes(apart, groups)
    for row in range(29):
        inside = [other for other in range(30) if groups[other] == groups[row] and other != row]
        a = np.mean([apart[row, other] for other in inside])
        b = min(apart[row, groups == group].mean() for group in set(groups.tolist()) - {groups[row]})
        assert found[row] == pytest.approx((b - a) / max(a, b))
    assert found[29] == 0, "alone in its cluster"


def test_one_cluster_and_rows_that_are_equal_have_none() -> None:
    apart = np.ones((5, 5)) - np.eye(5)
    assert silhouettes(apart, np.zeros(5, int)).tolist() == [0] * 5
    assert silhouettes(np.zeros((4, 4)), np.array([0, 0, 1, 1])).tolist() == [0] * 4


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_groups_that_are_there_are_counted(metric: str) -> None:
    random = np.random.default_rng(2)
    centres = 8 * np.linalg.qr(random.normal(size=(9, 9)))[0][:6]
    vectors = centres[random.integers(0, 6, size=400)] + random.normal(size=(400, 9))
    found = last(ClusterCount(metric=metric), vectors)
    assert found.best == 6
    assert found.finished
    assert found.structured


def test_where_there_are_no_groups_that_is_said() -> None:
    found = last(ClusterCount(most_rows=300), np.random.default_rng(3).normal(size=(4000, 12)))
    assert found.measured == 300
    assert found.highest < NONE
    assert not found.structured


def test_few_rows_and_too_few() -> None:
    assert last(ClusterCount(), np.array([[0.0], [0.1], [5.0], [5.1]])).best == 2
    with pytest.raises(InputError):
        last(ClusterCount(), np.zeros((1, 3)))
