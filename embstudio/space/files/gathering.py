"""Rows with their words on the way from a file to a set of vectors: what every format has to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import cast

import numpy as np

from embstudio.space.files.growing_rows import GrowingRows
from embstudio.space.files.reading import Reading
from embstudio.space.files.words import Words
from embstudio.space.vector_set import VectorSet


class Gathering:
    """width: of a row. once: a word that comes again is left out. column: of the first number of a line, for errors."""

    def __init__(
        self, reading: Reading, width: int, *, once: bool = True, column: int = 2, dtype: np.dtype | type = np.float32
    ) -> None:
        self.width = width
        self._reading, self._column = reading, column
        self._words = Words(reading, once=once)
        self._rows = GrowingRows(width, str(reading.path), dtype)
        self._zeros = 0
        self._columns: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def wanted(self) -> int | None:
        """How many more were asked for; None for all there are."""
        most = self._reading.options.rows
        return None if most is None else max(0, most - len(self))

    @property
    def full(self) -> bool:
        """As many as were asked for."""
        return self.wanted == 0

    def add(
        self,
        names: Sequence[bytes] | Sequence[str],
        vectors: np.ndarray,
        lines: Sequence[int] | range | None,
        expected: int,
        columns: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Take the rows [n, width] that can be taken. lines: where each stands. expected: how many there are in all.
        columns: their metadata.

        Raises VectorFileError for one that cannot, unless these are to be skipped.
        """
        most = self._reading.options.rows
        if most is None:
            self._take(names, vectors, lines, expected, columns or {})
            return
        start = 0  # no more at once than are wanted, since some may be left out
        while start < len(names) and len(self) < most:
            some = slice(start, start + most - len(self))
            self._take(
                names[some], vectors[some], None if lines is None else lines[some], min(expected, most),
                {name: values[some] for name, values in (columns or {}).items()},
            )  # fmt: skip
            start = some.stop

    def _take(
        self,
        names: Sequence[bytes] | Sequence[str],
        vectors: np.ndarray,
        lines: Sequence[int] | range | None,
        expected: int,
        columns: Mapping[str, Sequence[str]],
    ) -> None:
        finite = np.isfinite(vectors)
        if not finite.all():
            kept = finite.all(axis=1)
            for row in np.flatnonzero(~kept).tolist():
                column = int(np.argmin(finite[row]))
                self._reading.bad(
                    f"A number is not finite or too large: {vectors[row, column]}.", "numbers that are not finite",
                    line=lines[row] if lines is not None else None, column=column + self._column,
                )  # fmt: skip
            lines = None if lines is None else list(compress(lines, kept))
            names = cast(Sequence[bytes], list(compress(names, kept)))  # or of str
            vectors, columns = vectors[kept], _compressed(columns, kept)
        chosen = self._words.add(names, lines)
        if chosen is not None:
            vectors, columns = vectors[chosen], _compressed(columns, chosen)
        for name, values in columns.items():
            self._columns.setdefault(name, []).extend(values)
        self._zeros += len(vectors) - int(np.count_nonzero(vectors.any(axis=1)))
        self._rows.add(vectors, expected)

    def done(self, source: str) -> VectorSet:
        """The set. Raises VectorFileError where there is no row."""
        words, notices = self._words.done(), self._reading.notices
        if not words:
            self._reading.fail("There are no vectors in this file.", advice="; ".join(self._reading.noted()))
        if self._zeros:
            notices.append(zeros_in_words(self._zeros))
        metadata = {name: tuple(values) for name, values in self._columns.items()}
        return VectorSet(words, self._rows.done(), metadata, source, self._reading.noted())


def _compressed(columns: Mapping[str, Sequence[str]], kept: np.ndarray) -> dict[str, Sequence[str]]:
    return {name: list(compress(values, kept)) for name, values in columns.items()}


def zeros_in_words(count: int) -> str:
    """A notice: they are kept, and cosine has nothing to say of them."""
    said = "1 vector is" if count == 1 else f"{count:,} vectors are"
    return f"{said} all zeros: kept, but such a vector has no direction, and no cosine."
