"""Writing what is selected to a file, beside the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.space.files import save
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Notice, Severity, Studio

Columns = Mapping[str, Sequence[str]]
_KINDS = {
    ".tsv": "TSV, with the words beside it (*.tsv)",
    ".csv": "CSV, all in one table (*.csv)",
    ".npz": "NumPy arrays (*.npz)",
    ".parquet": "Parquet (*.parquet)",
}


class SelectionSaver(QObject):
    """`ask` for a file and `save` there; what becomes of it is said as a notice."""

    def __init__(self, studio: Studio, scatter: Scatter, columns: Callable[[], Columns], parent: QWidget) -> None:
        """columns(): what is written of each row beside its word."""
        super().__init__(parent)
        self._studio, self._map, self._columns, self._over = studio, scatter, columns, parent
        self._to: Path | None = None  # as soon as the vectors are there
        self._answers = Answers(self)
        self._answers.answered.connect(lambda said: studio.noticed.emit(Notice(Severity.INFO, said)))
        self._answers.failed.connect(lambda error: studio.noticed.emit(Notice.of(error)))

    def ask(self) -> None:
        """Save what is selected in a file that the person names."""
        path, kind = QFileDialog.getSaveFileName(
            self._over, "Save the selected vectors", "selected.tsv", ";;".join(_KINDS.values())
        )
        if path:
            file, ending = Path(path), next(end for end, each in _KINDS.items() if each == kind)
            self.save(file if file.suffix else file.with_suffix(ending))

    def save(self, file: Path) -> None:
        """Write what is selected, with its words and metadata, as soon as the vectors are there; returns at once."""
        active, rows = self._studio.vector_sets.active, self._map.figure.selected
        self._to = file if active is None else None
        if active is None:
            self._studio.vector_sets.want()
        else:
            columns = self._columns()
            self._answers.ask(lambda _check: _write(active, columns, rows, file))

    def go_on(self) -> None:
        """Vectors came: save what waits for them."""
        if self._to is not None and self._studio.vector_sets.active is not None:
            self.save(self._to)


def _write(vectors: VectorSet, columns: Columns, rows: np.ndarray, file: Path) -> str:
    """Raises VectorFileError."""
    chosen = rows.tolist()
    save(
        VectorSet(
            tuple(vectors.words[row] for row in chosen),
            np.asarray(vectors.vectors[rows]),
            {name: tuple(values[row] for row in chosen) for name, values in columns.items()},
            vectors.source,
        ),
        file,
    )
    return f"{len(chosen):,} vectors are saved in {file}."
