"""Saving what was trained, beside the window: vectors, models, curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from embstudio.gui.panels.space.answers import Answers
from embstudio.studio import Notice, Severity, Studio

T = TypeVar("T")
VECTORS = "word2vec text (*.txt);;NumPy arrays (*.npz);;TSV, with the words beside it (*.tsv)"
MODELS = "ONNX models (*.onnx)"
TABLES = "Tables (*.csv)"


@dataclass(frozen=True)
class Export(Generic[T]):
    """An entry of the menu. name: of the file at first; kinds: as a file dialog takes them; write(trained, path): on
    a thread of its own, says what was done, raises StudioError."""

    text: str
    name: str
    kinds: str
    write: Callable[[T, Path], str]


class Exporter(QObject, Generic[T]):
    """trained(): what is to be saved, or None. What becomes of it is said as a notice."""

    def __init__(
        self, studio: Studio, menu: QMenu, exports: Sequence[Export[T]], trained: Callable[[], T | None], over: QWidget
    ) -> None:
        super().__init__(over)
        self._trained, self._over = trained, over
        self._answers = Answers(self)
        self._answers.answered.connect(lambda said: studio.noticed.emit(Notice(Severity.INFO, said)))
        self._answers.failed.connect(lambda error: studio.noticed.emit(Notice.of(error)))
        for export in exports:
            menu.addAction(export.text).triggered.connect(lambda _=False, it=export: self._ask(it))

    def save(self, path: Path, write: Callable[[T, Path], str]) -> None:
        """Write it off the window's thread."""
        trained = self._trained()
        if trained is not None:
            self._answers.ask(lambda _check: write(trained, path))

    def _ask(self, export: Export[T]) -> None:
        path, kind = QFileDialog.getSaveFileName(self._over, "Save", export.name, export.kinds)
        if path:
            file = Path(path)
            ending = kind.rpartition("*")[2].rstrip(")") or Path(export.name).suffix
            self.save(file if file.suffix else file.with_suffix(ending), export.write)
