"""An index that finds most of the nearest rows of a large table quickly, and not all of them for certain.

A graph of near rows that is walked from far to near (HNSW: Malkov and Yashunin 2018, "Efficient and robust approximate
nearest neighbor search using hierarchical navigable small world graphs"), by voyager, which comes with the extra
`index`. How many of the true nearest it finds depends on the table, so it is measured: see `space.recall`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import cast

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.files.memory import available_memory
from embstudio.space.indexed_rows import IndexedRows
from embstudio.space.neighbours import NeighbourFinder

LEAST_ROWS = 1_000_000  # below which reading every row takes some hundredths of a second, and an index minutes to make
INDEXED = ("cosine", "angular", "correlation", "dot", "euclidean", "squared-euclidean")
NEEDLESS = "needless below {:,} vectors: all of them are searched exactly in less time than one notices"

_LINKS = 16  # of a row; twice as many at the bottom
_EFFORT = 150  # rows looked at while a place for a new one is sought
_BREADTH = 300  # rows looked at for an answer, and more where more are wanted
_ROWS = 128  # added at a time by each thread: some hundredths of a second
_SPARE = 1.1  # of memory, for what the index keeps beside numbers and links
Progress = Callable[[float], object]
Check = Callable[[], object]


def _silent(_share: float) -> None: ...


def _never() -> None: ...


def library() -> ModuleType:
    """voyager, imported only now. Raises InputError where it is not installed."""
    try:
        import voyager
    except ImportError as error:
        raise InputError(
            "The approximate index needs the package voyager, which is not installed.",
            advice="Install it with `pip install 'embstudio[index]'`, or search exactly.", detail=str(error),
        ) from error  # fmt: skip
    return cast(ModuleType, voyager)


def check_metric(metric: str) -> None:
    """Raises InputError for a metric that the index cannot go by."""
    if metric not in INDEXED:
        raise InputError(
            f"There is no approximate index by {metric}.", advice=f"Search exactly, or by {', '.join(INDEXED)}."
        )


class ApproximateFinder:
    """The nearest rows of a table by an index; asked as `NeighbourFinder` is.

    exact: the same table, prepared for the same metric. What the index finds is measured and ranked in float64, so
    distances are exact and only rows may be missing. Making one takes minutes for a million rows: progress is told the
    share that is done, and check is called often; what it raises ends the work.
    Raises InputError: no library, no such index, too little memory.
    """

    def __init__(self, exact: NeighbourFinder, progress: Progress = _silent, check: Check = _never) -> None:
        check_metric(exact.metric)
        self.exact = exact
        self._rows = IndexedRows(exact.vectors, exact.metric)
        self._index = self._built(library(), progress, check)

    def of_rows(self, rows: Sequence[int], count: int) -> tuple[np.ndarray, np.ndarray]:
        """As `NeighbourFinder.of_rows` has it."""
        vectors = self.exact.vectors[np.asarray(rows, np.int64)]
        return self._nearest(vectors, min(count, self._rows.usable - 1), rows)

    def of_vectors(self, vectors: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """As `NeighbourFinder.of_vectors` has it."""
        return self._nearest(vectors, min(count, self._rows.usable), None)

    def _nearest(self, vectors: np.ndarray, count: int, own: Sequence[int] | None) -> tuple[np.ndarray, np.ndarray]:
        """own: the row of the table that each vector is, to be left out."""
        count = max(count, 0)
        queries = np.where(np.isfinite(vectors), vectors, 0).astype(np.float64)
        nearest, distances = np.empty((len(queries), count), np.int64), np.empty((len(queries), count))
        for at, query in enumerate(queries if count else queries[:0]):
            found = self._found(query, count + (own is not None))
            if own is not None:
                found = found[found != own[at]]
            if len(found) >= count:
                nearest[at], distances[at] = self.exact.rank(query, found, count)
                continue
            # Where many rows are the same, the index does not reach enough of them: then all are gone through.
            whole = self.exact.of_vectors(query[None], count) if own is None else self.exact.of_rows([own[at]], count)
            nearest[at], distances[at] = (answer[0] for answer in whole)
        return nearest, distances

    def _found(self, query: np.ndarray, wanted: int) -> np.ndarray:
        """Rows [wanted] that the index takes for the nearest; fewer where it reaches no more."""
        breadth = min(max(_BREADTH, 2 * wanted), self._rows.usable)
        try:
            found, _ = self._index.query(self._rows.query(query), k=wanted, query_ef=breadth)
        except library().RecallError:
            return np.empty(0, np.int64)
        return np.asarray(found, np.int64)

    def _built(self, voyager: ModuleType, progress: Progress, check: Check):  # type: ignore[no-untyped-def]  # its Index
        rows = self._rows
        _ensure_room(rows.usable * (4 * rows.width + 8 * _LINKS + 16))
        space = voyager.Space.Cosine if rows.directions else voyager.Space.Euclidean
        index = voyager.Index(space, rows.width, M=_LINKS, ef_construction=_EFFORT, random_seed=1,
                              max_elements=max(rows.usable, 1))  # fmt: skip
        threads = max(1, (os.cpu_count() or 1) - 1)
        for start in range(0, rows.total, threads * _ROWS):
            check()
            numbers, block = rows.block(start, min(start + threads * _ROWS, rows.total))
            if len(numbers):
                index.add_items(block, ids=numbers, num_threads=threads)
            progress(min(1.0, (start + threads * _ROWS) / rows.total))
        return index


def _ensure_room(nbytes: int) -> None:
    available, wanted = available_memory(), nbytes * _SPARE
    if available is not None and wanted > available:
        raise InputError(
            f"The index needs {wanted / 1e9:.3g} GB of memory beside the vectors, and {available / 1e9:.3g} GB can be "
            "had.", advice="Search exactly, or open the first part of the file.",
        )  # fmt: skip
