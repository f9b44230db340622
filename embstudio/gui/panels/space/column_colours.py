"""Colours by a column of metadata, which is read beside the window where it is long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.answers import Answers, Check
from embstudio.gui.plots.scatter.colouring import Colouring, categories_of, numbers_of
from embstudio.space.vector_set import VectorSet

MOST_AT_ONCE = 20_000  # values; a longer column is read beside the window
_FEW = 10  # different numbers that are rather names of groups
_TOGETHER = 20_000  # values between two looks at whether anybody still waits

_Read = tuple[VectorSet, str, Colouring]


class ColumnColours(QObject):
    """came(Colouring): of the column that was wanted last. The last one is kept."""

    came = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._read: _Read | None = None
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)

    @property
    def busy(self) -> bool:
        """Whether a column is being read."""
        return self._answers.busy

    def want(self, vectors: VectorSet, name: str) -> None:
        """Numbers where all values are, else groups; `came` tells, at once where it is short or known."""
        self._answers.forget()
        known, column = self._read, vectors.metadata[name]
        if known is not None and known[0] is vectors and known[1] == name:
            self.came.emit(known[2])
        elif len(column) <= MOST_AT_ONCE:
            self._take((vectors, name, colouring_of(name, column)))
        else:
            self._answers.ask(lambda check: (vectors, name, colouring_of(name, column, check)))

    def forget(self) -> None:
        """Nobody waits any more."""
        self._answers.forget()

    def _take(self, read: _Read) -> None:
        self._read = read
        self.came.emit(read[2])


def colouring_of(name: str, column: Sequence[str], check: Check = lambda: None) -> Colouring:
    """Numbers where all values are, else groups. check: called now and then; what it raises ends the work."""
    numbers = np.full(len(column), np.nan)
    try:
        for start in range(0, len(column), _TOGETHER):
            check()
            some = column[start : start + _TOGETHER]
            numbers[start : start + _TOGETHER] = [float(value) if value.strip() else np.nan for value in some]
    except ValueError:
        return categories_of(name, column, check)
    if len(np.unique(numbers[np.isfinite(numbers)])) <= _FEW:
        return categories_of(name, column, check)
    return numbers_of(name, numbers)
