"""What answers `embstudio neighbours`: the exact search, or where that is asked for and of use, an index."""

from __future__ import annotations

import sys

import numpy as np

from embstudio.cli.vector_sets import note
from embstudio.space import approximate_index
from embstudio.space.approximate_index import ApproximateFinder
from embstudio.space.measured_index import MeasuredIndex
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.recall import Recall


def finder_of(
    table: np.ndarray, metric: str, count: int, *, approximate: bool
) -> tuple[NeighbourFinder | ApproximateFinder, Recall | None]:
    """What finds the nearest in a table [rows, width], and for an index its recall@count. Raises InputError."""
    if approximate:
        approximate_index.check_metric(metric)
    exact = NeighbourFinder(table, metric)
    if not approximate:
        return exact, None
    if len(table) < approximate_index.LEAST_ROWS:
        note(f"--approximate is {approximate_index.NEEDLESS.format(approximate_index.LEAST_ROWS)}")
        return exact, None
    try:
        index = MeasuredIndex(exact, _tell, most=count)
        return index.finder, index.recall(count)
    finally:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _tell(doing: str, share: float) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}: {share:4.0%}", end="", file=sys.stderr, flush=True)
