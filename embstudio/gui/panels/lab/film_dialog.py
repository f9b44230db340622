"""How a training is saved as an animation: the kind of file, how many pictures, how large and how fast."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from embstudio.base.errors import StudioError
from embstudio.gui.panels.lab.film import Film
from embstudio.gui.panels.lab.film_file import MOST, Plan, write_gif, write_pictures
from embstudio.gui.panels.lab.film_recorder import FilmRecorder
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Severity, Studio

GIF, PICTURES = "Animated GIF", "PNG pictures in a folder"
SIZES = ((640, 480), (800, 600), (1280, 720), (400, 300))
SPEEDS = (10, 5, 20, 25, 2)
_USUAL = 60  # pictures


class FilmDialog(QDialog):
    """Saves a film; what became of it is said as a notice. Closing it stops the saving."""

    def __init__(self, studio: Studio, theme: Theme, film: Film, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.film = studio, film
        self.setObjectName("FilmDialog")
        self.setWindowTitle("Save the training as an animation")
        self.setMinimumWidth(round(360 * theme.scale))
        self._path = Path()
        self.kind = self._choice("filmKind", "Kind", [GIF, PICTURES])
        self.every = QSpinBox(self)
        self.every.setObjectName("filmEvery")
        self.every.setAccessibleName("A picture of every so many epochs")
        first, last = film.epochs
        self.every.setRange(1, max(1, last - first))
        self.every.setValue(max(1, round((last - first) / _USUAL)))
        self.size_choice = self._choice("filmSize", "Size", [f"{width} × {height}" for width, height in SIZES])
        self.speed = self._choice("filmSpeed", "Pictures a second", [str(speed) for speed in SPEEDS])
        form = QFormLayout()
        form.addRow("&Kind", self.kind)
        form.addRow("A picture &every … epochs", self.every)
        form.addRow("Si&ze in pixels", self.size_choice)
        form.addRow("Pictures a &second", self.speed)
        self.said = WrappedLabel("", self)
        self.said.setObjectName("filmSaid")
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("filmFault")
        self.fault.setStyleSheet(f"color: {theme.colours.error}")
        self.fault.hide()
        self.progress = QProgressBar(self)
        self.progress.setObjectName("filmProgress")
        self.progress.setAccessibleName("Pictures that are painted")
        self.progress.setFormat("%v of %m pictures")
        self.progress.hide()
        buttons = QDialogButtonBox(self)
        self.save = QPushButton("Save…", self)
        self.save.setObjectName("filmSave")
        self.save.clicked.connect(lambda _=False: self._ask())
        self.stop = QPushButton("Close", self)
        self.stop.setObjectName("filmStop")
        self.stop.clicked.connect(lambda _=False: self._stop())
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.stop, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.addLayout(form)
        for widget in (self.said, self.fault, self.progress, buttons):
            column.addWidget(widget)
        self.recorder = FilmRecorder(self)
        self.recorder.progressed.connect(self.progress.setValue)
        self.recorder.saved.connect(self._on_saved)
        self.recorder.failed.connect(self._on_failed)
        self.recorder.cancelled.connect(lambda: self._rest("Stopped; nothing was saved."))
        self.every.valueChanged.connect(lambda _: self._follow())
        for choice in (self.kind, self.speed):
            choice.currentIndexChanged.connect(lambda _: self._follow())
        self._follow()

    @property
    def plan(self) -> Plan:
        """What the fields say."""
        width, height = SIZES[self.size_choice.currentIndex()]
        return Plan(self.every.value(), width, height, SPEEDS[self.speed.currentIndex()])

    def save_to(self, path: Path) -> None:
        """Begin to save."""
        self._path = path
        self.progress.setRange(0, len(self.plan.epochs(self.film)))
        self.progress.setValue(0)
        self.progress.show()
        self.fault.hide()
        self.stop.setText("Stop")
        for widget in (self.kind, self.every, self.size_choice, self.speed, self.save):
            widget.setEnabled(False)
        write = write_gif if self.kind.currentText() == GIF else write_pictures
        self.recorder.start(self.film, self.plan, path, write)

    def reject(self) -> None:
        self.recorder.cancel()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.recorder.cancel()
        super().closeEvent(event)

    def _choice(self, name: str, label: str, values: list[str]) -> QComboBox:
        field = QComboBox(self)
        field.setObjectName(name)
        field.setAccessibleName(label)
        field.addItems(values)
        return field

    def _ask(self) -> None:
        if self.kind.currentText() == GIF:
            path, _ = QFileDialog.getSaveFileName(self, "Save the animation", "training.gif", "GIF (*.gif)")
        else:
            path, _ = QFileDialog.getSaveFileName(self, "A new folder for the pictures", "training", "Folders (*)")
        if path:
            file = Path(path)
            self.save_to(file.with_suffix(".gif") if self.kind.currentText() == GIF and not file.suffix else file)

    def _stop(self) -> None:
        if self.recorder.busy:
            self.recorder.cancel()
        else:
            self.reject()

    def _on_saved(self) -> None:
        count = len(self.plan.epochs(self.film))
        self.studio.noticed.emit(
            Notice(Severity.INFO, f"{count:,} pictures of the training are saved in {self._path}.")
        )
        self.accept()

    def _on_failed(self, error: StudioError) -> None:
        self._rest("")
        self.fault.setText(str(error))
        self.fault.show()

    def _rest(self, said: str) -> None:
        """Nothing is being saved any more."""
        self.progress.hide()
        self.stop.setText("Close")
        for widget in (self.kind, self.every, self.size_choice, self.speed):
            widget.setEnabled(True)
        self._follow()
        if said:
            self.said.setText(said)

    def _follow(self) -> None:
        plan = self.plan
        count = len(plan.epochs(self.film))
        first, last = self.film.epochs
        self.speed.setEnabled(self.kind.currentText() == GIF)
        lasts = f", {count / plan.a_second:.3g} seconds" if self.kind.currentText() == GIF else ""
        many = f". {MOST:,} are the most: take one of more epochs" if count > MOST else ""
        self.said.setText(f"Epochs {first:,} to {last:,}: {count:,} pictures{lasts}{many}")
        self.save.setEnabled(count <= MOST)
