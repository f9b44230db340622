"""Saving what was trained, beside the window: vectors, a model that looks them up, the loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from embstudio.gui.panels.space.answers import Answers
from embstudio.studio import Notice, Severity, Studio
from embstudio.studio.lab_export import Trained, save_loss, save_model, save_vectors

_VECTORS = "word2vec text (*.txt);;NumPy arrays (*.npz);;TSV, with the words beside it (*.tsv)"


class Exporter(QObject):
    """trained(): what is to be saved, or None. What becomes of it is said as a notice."""

    def __init__(self, studio: Studio, menu: QMenu, trained: Callable[[], Trained | None], over: QWidget) -> None:
        super().__init__(over)
        self._studio, self._trained, self._over = studio, trained, over
        self._answers = Answers(self)
        self._answers.answered.connect(lambda said: studio.noticed.emit(Notice(Severity.INFO, said)))
        self._answers.failed.connect(lambda error: studio.noticed.emit(Notice.of(error)))
        for text, name, kinds, save in (
            ("Input vectors…", "vectors.txt", _VECTORS, lambda it, path: save_vectors(it, path, output=False)),
            ("Output vectors…", "output-vectors.txt", _VECTORS, lambda it, path: save_vectors(it, path, output=True)),
            ("Model that looks them up (ONNX)…", "vectors.onnx", "ONNX models (*.onnx)", save_model),
            ("Loss as a table (CSV)…", "loss.csv", "Tables (*.csv)", save_loss),
        ):
            action = menu.addAction(text)
            action.triggered.connect(lambda _=False, n=name, k=kinds, s=save: self._ask(n, k, s))

    def save(self, path: Path, write: Callable[[Trained, Path], str]) -> None:
        """Write it off the window's thread."""
        trained = self._trained()
        if trained is not None:
            self._answers.ask(lambda _check: write(trained, path))

    def _ask(self, name: str, kinds: str, write: Callable[[Trained, Path], str]) -> None:
        path, kind = QFileDialog.getSaveFileName(self._over, "Save", name, kinds)
        if path:
            file = Path(path)
            ending = kind.rpartition("*")[2].rstrip(")") or Path(name).suffix
            self.save(file if file.suffix else file.with_suffix(ending), write)
