"""The neighbours are all there, by every metric, on tables made to mislead float32."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.space.neighbours import SUPPORTED, NeighbourFinder
from tests.space.brute_force import hold, measured

Table = Callable[[np.random.Generator], np.ndarray]
WIDTH = 20


def _near_ties(random: np.random.Generator) -> np.ndarray:
    """Two hundred copies of one vector, apart by less than float32 can hold beside it."""
    bunch = random.normal(size=WIDTH) + 1e-9 * random.normal(size=(200, WIDTH))
    return np.concatenate([bunch, random.normal(size=(3000, WIDTH))])[random.permutation(3200)]


def _duplicates(random: np.random.Generator) -> np.ndarray:
    return random.normal(size=(40, WIDTH)).astype(np.float32)[random.integers(0, 40, 3000)]


def _lengths_apart(random: np.random.Generator) -> np.ndarray:
    """From 1e-18 to 1e18, so that squares of the one vanish beside the other's."""
    return (random.normal(size=(3000, WIDTH)) * 10.0 ** random.uniform(-18, 18, size=(3000, 1))).astype(np.float32)


def _zeros_and_constants(random: np.random.Generator) -> np.ndarray:
    table = random.normal(size=(2000, WIDTH)).astype(np.float32)
    table[::3] = 0
    table[1::9] = table[1::9, :1]
    return table


def _far_off(random: np.random.Generator) -> np.ndarray:
    """All in one place far from the origin."""
    return 1e6 + random.normal(size=(3000, WIDTH))


def _float16_at_its_ends(random: np.random.Generator) -> np.ndarray:
    """A third near the largest number of float16, a third among its subnormals, each vector three times."""
    sizes = np.repeat([6e4, 1.0, 3e-7], 340)[:, None]
    some = (random.uniform(-1, 1, size=(1020, WIDTH)) * sizes).astype(np.float16)
    return np.concatenate([some, some, some])[random.permutation(3060)]


def _duplicates_of(size: float) -> Table:
    """Forty vectors many times each, and as many that are apart from them by the last digit of a float32."""

    def table(random: np.random.Generator) -> np.ndarray:
        some = (size * random.normal(size=(40, WIDTH))).astype(np.float32)
        near = np.nextafter(some, np.float32(np.inf))
        return np.concatenate([some, near])[random.integers(0, 80, 3000)]

    return table


def _shell(random: np.random.Generator) -> np.ndarray:
    """All about as far from row 0, and of quite other lengths: what is lost of a length misplaces them."""
    away = random.normal(size=(3000, WIDTH))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    away *= 1 + 1e-5 * random.uniform(size=(3000, 1))
    away[0] = 0
    return (random.normal(size=WIDTH) + away).astype(np.float32)


TABLES: dict[str, Table] = {
    "float32": lambda random: random.normal(size=(70_000, WIDTH)).astype(np.float32),
    "float16": lambda random: random.normal(size=(3000, WIDTH)).astype(np.float16),
    "big-endian columns": lambda random: np.asfortranarray(random.normal(size=(3000, WIDTH)).astype(">f4")),
    "near ties": _near_ties,
    "duplicates": _duplicates,
    "duplicates, huge": _duplicates_of(1e30),
    "duplicates, tiny": _duplicates_of(1e-30),
    "float16 at its ends": _float16_at_its_ends,
    "shell": _shell,
    "float16, duplicates": lambda random: _duplicates(random).astype(np.float16),
    "lengths apart": _lengths_apart,
    "huge": lambda random: (1e37 * random.normal(size=(3000, WIDTH))).astype(np.float32),
    "tiny": lambda random: (1e-41 * random.normal(size=(3000, WIDTH))).astype(np.float32),
    "huge doubles": lambda random: 1e150 * random.normal(size=(3000, WIDTH)),
    "tiny doubles": lambda random: 1e-150 * random.normal(size=(3000, WIDTH)),
    "zeros and constants": _zeros_and_constants,
    "far off": _far_off,
    "far off in float32": lambda random: _far_off(random).astype(np.float32),
    "whole numbers": lambda random: random.integers(-2, 3, size=(3000, 4)).astype(np.float32),
    "one number wide": lambda random: random.normal(size=(3000, 1)),
}


@pytest.mark.parametrize("metric", SUPPORTED)
@pytest.mark.parametrize("name", TABLES)
def test_nothing_that_is_nearer_is_missed(name: str, metric: str) -> None:
    table = TABLES[name](np.random.default_rng(3))
    finder = NeighbourFinder(table, metric)
    rows = [0, 1, 17, len(table) - 1]
    found, distances = finder.of_rows(rows, 10)
    for at, row in enumerate(rows):
        hold(metric, table[row], table, found[at], distances[at], own=row)
    one, _ = finder.of_rows(rows[:1], 10)  # alone: another product than many together
    assert one.tolist() == found[:1].tolist()
    queries = table[:3].astype(np.float64) * [[0.3], [-1], [5]]
    found, distances = finder.of_vectors(queries, 10)
    for query, nearest, apart in zip(queries, found, distances, strict=True):
        hold(metric, query, table, nearest, apart)


@pytest.mark.parametrize("metric", SUPPORTED)
def test_ties_go_to_the_lower_row(metric: str) -> None:
    """Whole numbers: float64 is exact, and the order is that of Python's sort."""
    table = np.random.default_rng(6).integers(-1, 2, size=(5000, 3)).astype(np.float32)
    if metric in ("cosine", "angular", "correlation"):  # equal directions of other lengths are apart by a rounding
        table = table[np.random.default_rng(7).integers(0, 30, 5000)]
    rows, _ = NeighbourFinder(table, metric).of_rows([11], 400)
    distances = measured(metric, table[11], table).round(12)
    expected = sorted((row for row in range(5000) if row != 11), key=lambda row: (distances[row], row))
    assert rows[0].tolist() == expected[:400]


@pytest.mark.parametrize("metric", SUPPORTED)
def test_a_file_mapped_into_memory_is_read_where_it_lies(metric: str, tmp_path: Path) -> None:
    table = np.random.default_rng(9).normal(size=(4000, WIDTH)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", table)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    found, distances = NeighbourFinder(mapped, metric).of_rows([5], 20)
    hold(metric, table[5], table, found[0], distances[0], own=5)


@pytest.mark.parametrize("metric", SUPPORTED)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_that_are_no_numbers_are_nobodys_neighbours(metric: str, dtype: type) -> None:
    table = np.random.default_rng(9).normal(size=(300, WIDTH)).astype(dtype)
    broken = [0, 7, 150]
    table[broken, [2, 3, 4]] = [np.nan, np.inf, -np.inf]
    found, distances = NeighbourFinder(table, metric).of_rows([5, 7], 500)
    assert found.shape == (2, 296)
    assert np.isfinite(distances).all()
    assert not set(broken) & set(found.ravel().tolist())
    kept = np.delete(table, broken, axis=0)
    whole, _ = NeighbourFinder(kept, metric).of_rows([4], 20)
    assert np.delete(np.arange(300), broken)[whole[0]].tolist() == found[0, :20].tolist()


@pytest.mark.parametrize("metric", SUPPORTED)
@pytest.mark.parametrize("query", [np.zeros(WIDTH), np.full(WIDTH, 1e200), np.full(WIDTH, 1e-200), np.eye(WIDTH)[2]])
def test_any_vector_has_neighbours(metric: str, query: np.ndarray) -> None:
    table = _zeros_and_constants(np.random.default_rng(2))
    found, distances = NeighbourFinder(table, metric).of_vectors(query[None], 15)
    assert found.shape == (1, 15)
    assert not np.isnan(distances).any()
    if query.max() < 1e100:
        hold(metric, query, table, found[0], distances[0])


@pytest.mark.parametrize("metric", SUPPORTED)
def test_tables_of_nothing_one_row_and_no_numbers(metric: str) -> None:
    assert NeighbourFinder(np.zeros((0, 3), np.float32), metric).of_vectors(np.ones((2, 3)), 5)[0].shape == (2, 0)
    one = NeighbourFinder(np.ones((1, 3)), metric)
    assert one.of_rows([0], 5)[0].shape == (1, 0)
    assert one.of_vectors(np.eye(3), 5)[0].tolist() == [[0], [0], [0]]
    assert NeighbourFinder(np.full((4, 3), np.nan), metric).of_vectors(np.ones((1, 3)), 2)[0].shape == (1, 0)
