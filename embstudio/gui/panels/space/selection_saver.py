"""Writing what is selected to a file, beside the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from embstudio.gui.panels.space.answers import Answers
from embstudio.space.files import save
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Notice, Severity, Studio

_KINDS = {
    ".tsv": "TSV, with the words beside it (*.tsv)",
    ".npz": "NumPy arrays (*.npz)",
    ".parquet": "Parquet (*.parquet)",
}


class SelectionSaver(QObject):
    """`ask` for a file, then `save`; what becomes of it is said as a notice."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio, self._over = studio, parent
        self._answers = Answers(self)
        self._answers.answered.connect(lambda said: studio.noticed.emit(Notice(Severity.INFO, said)))
        self._answers.failed.connect(lambda error: studio.noticed.emit(Notice.of(error)))

    def ask(self) -> Path | None:
        """The file that the person names, or None."""
        path, kind = QFileDialog.getSaveFileName(
            self._over, "Save the selected vectors", "selected.tsv", ";;".join(_KINDS.values())
        )
        if not path:
            return None
        file = Path(path)
        return file if file.suffix else file.with_suffix(next(end for end, each in _KINDS.items() if each == kind))

    def save(self, vectors: VectorSet, rows: np.ndarray, file: Path) -> None:
        """Write some rows, with their words and metadata; returns at once."""
        self._answers.ask(lambda _check: _write(vectors, rows, file))


def _write(vectors: VectorSet, rows: np.ndarray, file: Path) -> str:
    """Raises VectorFileError."""
    chosen = rows.tolist()
    save(
        VectorSet(
            tuple(vectors.words[row] for row in chosen),
            np.asarray(vectors.vectors[rows]),
            {name: tuple(values[row] for row in chosen) for name, values in vectors.metadata.items()},
            vectors.source,
        ),
        file,
    )
    return f"{len(chosen):,} vectors are saved in {file}."
