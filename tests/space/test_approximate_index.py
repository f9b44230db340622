"""The approximate index against the exact search: what it finds is measured, and how much it finds is told truly."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space import approximate_index
from embstudio.space.approximate_index import INDEXED, ApproximateFinder
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.recall import Recall, RecallSample
from tests.space.brute_force import measured

WIDTH = 16


def _words(rows: int = 2500) -> np.ndarray:
    """In clusters and of different lengths, as words are."""
    random = np.random.default_rng(4)
    middles = random.normal(size=(60, WIDTH))
    rows_ = middles[random.integers(0, 60, rows)] + 0.6 * random.normal(size=(rows, WIDTH))
    return np.asarray(rows_ * random.uniform(0.5, 3, size=(rows, 1)), np.float32)


@pytest.mark.parametrize("metric", INDEXED)
def test_what_is_found_is_measured_in_float64(metric: str) -> None:
    table = _words()
    finder = ApproximateFinder(NeighbourFinder(table, metric))
    rows, distances = finder.of_rows([3, 1999], 10)
    for at, row in enumerate((3, 1999)):
        assert row not in rows[at]
        expected = measured(metric, table[row], table)[rows[at]]
        np.testing.assert_allclose(-distances[at] if metric == "dot" else distances[at], expected, atol=1e-7)
        assert np.all(np.diff(expected) >= -1e-12)


@pytest.mark.parametrize("metric", INDEXED)
def test_most_of_the_nearest_are_found_and_the_recall_says_how_many(metric: str) -> None:
    table = _words()
    exact = NeighbourFinder(table, metric)
    finder, sample = ApproximateFinder(exact), RecallSample(exact)
    assert sample.of(exact, 10).share == 1
    recall = sample.of(finder, 10)
    asked = np.sort(np.random.default_rng(1).choice(len(table), 200, replace=False)).tolist()
    true, found = (each.of_rows(asked, 10)[0].tolist() for each in (exact, finder))
    shares = [len(set(one) & set(other)) / 10 for one, other in zip(true, found, strict=True)]
    assert recall.share == pytest.approx(np.mean(shares), abs=1e-9)
    assert recall.share > 0.97
    assert (recall.count, recall.asked) == (10, 200)


class _Forgetful:
    """Finds every second of the nearest."""

    def __init__(self, exact: NeighbourFinder) -> None:
        self._exact = exact

    def of_rows(self, rows: list[int], count: int) -> tuple[np.ndarray, np.ndarray]:
        found, distances = self._exact.of_rows(rows, 2 * count)
        return found[:, ::2], distances[:, ::2]


@pytest.mark.parametrize("metric", ["cosine", "dot"])
def test_a_recall_of_half_is_told_as_half(metric: str) -> None:
    exact = NeighbourFinder(_words(), metric)
    recall = RecallSample(exact).of(_Forgetful(exact), 10)
    assert recall == Recall(0.5, 10, 200)
    assert recall.sentence == "approximate: it found 50.0 % of the true 10 nearest of 200 words drawn at random"


def test_rows_that_are_the_same_count_by_their_distance() -> None:
    """So many copies that most cannot be reached: as near is as good."""
    table = np.random.default_rng(2).normal(size=(12, WIDTH)).astype(np.float32)
    table = table[np.random.default_rng(3).integers(0, 12, 2500)]
    exact = NeighbourFinder(table)
    recall = RecallSample(exact).of(ApproximateFinder(exact), 10)
    assert recall.share > 0.97


def test_rows_that_are_no_numbers_and_rows_of_zeros() -> None:
    table = _words(1500)
    table[[0, 700]] = np.nan
    table[5] = 0
    finder = ApproximateFinder(NeighbourFinder(table))
    rows, distances = finder.of_rows([1, 5], 1400)
    assert np.isfinite(distances).all()
    assert not {0, 700} & set(rows.ravel().tolist())
    assert set(distances[1].tolist()) == {1.0}
    assert finder.of_vectors(np.full((1, WIDTH), np.nan), 3)[0].shape == (1, 3)


@pytest.mark.parametrize("metric", INDEXED)
@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_numbers_of_any_size(metric: str, size: float) -> None:
    table = _words(1500).astype(np.float64) * size
    exact = NeighbourFinder(table, metric)
    assert RecallSample(exact).of(ApproximateFinder(exact), 10).share > 0.97


def test_vectors_that_are_not_in_the_table() -> None:
    table = _words()
    exact = NeighbourFinder(table, "euclidean")
    finder = ApproximateFinder(exact)
    asked = table[:40] + 0.1
    true, found = (each.of_vectors(asked, 10)[0] for each in (exact, finder))
    assert np.mean([len(set(a) & set(b)) / 10 for a, b in zip(true.tolist(), found.tolist(), strict=True)]) > 0.97


def test_tables_of_nothing_and_of_one_row() -> None:
    assert ApproximateFinder(NeighbourFinder(np.zeros((0, 3)))).of_vectors(np.ones((1, 3)), 5)[0].shape == (1, 0)
    one = NeighbourFinder(np.ones((1, 3)))
    assert ApproximateFinder(one).of_rows([0], 5)[0].shape == (1, 0)
    assert RecallSample(one).of(ApproximateFinder(one), 5).share == 1


class _Enough(Exception):
    pass


def test_making_one_tells_how_far_it_is_and_can_be_stopped() -> None:
    told: list[float] = []

    def check() -> None:
        if len(told) == 3:
            raise _Enough

    with pytest.raises(_Enough):
        ApproximateFinder(NeighbourFinder(_words()), told.append, check)
    assert 0 < told[0] < told[1] < told[2] < 1
    told.clear()
    ApproximateFinder(NeighbourFinder(_words(500)), told.append)
    assert told[-1] == 1


def test_metrics_without_an_index_and_a_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no approximate index by manhattan"):
        ApproximateFinder(NeighbourFinder(_words(), "manhattan"))
    monkeypatch.setitem(sys.modules, "voyager", None)
    with pytest.raises(InputError, match=r"pip install 'embstudio\[index\]'"):
        ApproximateFinder(NeighbourFinder(_words(), "cosine"))


def test_too_little_memory_is_said_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate_index, "available_memory", lambda: 100_000)
    with pytest.raises(InputError, match="beside the vectors"):
        ApproximateFinder(NeighbourFinder(_words()))
