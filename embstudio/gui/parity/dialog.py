"""The sentence in two ways at once: where, layer by layer, do their numbers part?"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.parity.table import ParityTable
from embstudio.gui.style.theme import Theme
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.execution.parity import Parity
from embstudio.session.execution.say_parity import say_first, say_parting
from embstudio.session.execution.way import Way
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio
from embstudio.trace.points import parse

ABOUT = (
    "Runs the sentence that is shown in two ways, on two providers or in two precisions, and compares the numbers at "
    "every point: half precision, a GPU and onnxruntime's own optimisation all round differently."
)
FILE = "Another file…"


class ParityDialog(QDialog):
    """Stands beside the window: a click on a line shows that value there."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.setObjectName("ParityDialog")
        self.setWindowTitle("Compare two ways to run the model")
        self.a, self.b = self._choice("&A", "parityA"), self._choice("&B", "parityB")
        self.compare = QPushButton("&Compare", self)
        self.compare.setObjectName("parityCompare")
        self.compare.setDefault(True)
        self.compare.clicked.connect(self._ask)
        self.stop = QPushButton("&Stop", self)
        self.stop.setObjectName("parityStop")
        self.stop.clicked.connect(studio.parities.stop)
        self.running = QProgressBar(self)
        self.running.setRange(0, 0)
        self.running.setTextVisible(False)
        self.running.setAccessibleName("Both ways are being run")
        self.said = WrappedLabel(ABOUT, self)
        self.said.setObjectName("paritySaid")
        self.verdict = WrappedLabel("", self, quiet=False)
        self.verdict.setObjectName("parityVerdict")
        self.table = ParityTable(theme, self)
        for signal in (self.table.clicked, self.table.activated):
            signal.connect(self._point_at)
        self._arrange(theme)
        self._fill()
        self.b.activated.connect(self._on_b)
        bind(self, studio.parities.changed, self._show)
        bind(self, studio.document_changed, self._fill)
        bind(self, theme.changed, self.table.restyle)
        self.finished.connect(lambda _result: studio.parities.stop())
        self._show()

    def _choice(self, label: str, name: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(f"Way {label[-1]} to run the model")
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
        return box

    def _arrange(self, theme: Theme) -> None:
        row = QHBoxLayout()
        for text, box in (("&A:", self.a), ("&B:", self.b)):
            label = QLabel(text, self)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box, 1)
        row.addWidget(self.compare)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.running)
        column.addWidget(self.verdict)
        column.addWidget(self.said)
        column.addWidget(self.table, 1)
        room = self.parentWidget()
        width, height = (room.width() - 48, room.height() - 96) if room is not None else (976, 600)
        self.resize(min(round(860 * theme.scale), width), min(round(600 * theme.scale), height))

    def _fill(self) -> None:
        """The ways there are. A is the one in use, and B one that rounds otherwise."""
        devices = self.studio.devices
        ways = list(devices.ways)
        document = self.studio.document
        ran = Way.parse(document.opened.provider) if document is not None else Way("cpu")
        used = next((way for way in ways if way == devices.way), ran)
        other = next((way for way in ways if way.name != used.name), Way("cpu", half=True))
        for box, chosen in ((self.a, used), (self.b, other)):
            box.clear()
            for way in ways:
                box.addItem(way.title, way)
            box.setCurrentIndex(max(0, next((n for n, way in enumerate(ways) if way == chosen), 0)))
        self.b.insertSeparator(self.b.count())
        self.b.addItem(FILE, None)

    def _on_b(self, place: int) -> None:
        if self.b.itemData(place) is None and self.b.itemText(place) == FILE:
            self._choose_file(place)

    def _choose_file(self, place: int) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Compare with a file", "", "ONNX models (*.onnx);;All files (*)")
        self.b.setCurrentIndex(0)
        if path:
            self.offer_file(path, place)

    def offer_file(self, path: str, place: int | None = None) -> None:
        """Put a file among the choices for B, and choose it; what is no model is told in words."""
        try:
            source = catalogue.find(path)
        except StudioError as error:
            self.said.setText(str(error))
            return
        place = self.b.count() - 1 if place is None else place
        self.b.insertItem(place, source.title, source)
        self.b.setCurrentIndex(place)

    def _ask(self) -> None:
        b = self.b.currentData()
        if isinstance(b, Way | ModelSource):
            self.studio.parities.ask(self.a.currentData(), b)

    def _show(self) -> None:
        parities = self.studio.parities
        running, found, error = parities.running, parities.found, parities.error
        self.running.setVisible(running)
        self.stop.setVisible(running)
        self.compare.setVisible(not running)
        self.table.show_parity(found)
        self.table.setVisible(found is not None)
        verdict, said = "", ABOUT
        if running:
            said = "Both ways are being run; the first time each has to be opened."
        elif error is not None:
            verdict, said = error.what, error.advice
        elif found is not None:
            verdict = " ".join(filter(None, (say_parting(found), say_first(found))))
            said = "\n".join((_what_ran(found), *found.notes))
        self.verdict.setText(verdict)
        self.said.setText(said)

    def _point_at(self, index: QModelIndex) -> None:
        """Show the value with the largest difference in the inspector, and go to its layer."""
        trace, line = self.studio.trace, self.table.lines.rows[index.row()]
        probe = Probe(line.name, line.place)
        if trace is None or not probe.fits(trace):
            return
        layer = parse(line.name).layer
        if layer is not None:
            self.studio.cursor.move(layer=layer)
        self.studio.point_at(probe)


def _what_ran(found: Parity) -> str:
    """As "A: CPU (4.7 ms) · B: CUDA (1.2 ms) · 9 tokens"."""
    ways = zip("AB", found.titles, found.milliseconds, strict=True)
    sides = (f"{side}: {title} ({milliseconds:.1f} ms)" for side, title, milliseconds in ways)
    return " · ".join((*sides, f"{len(found.tokens)} tokens"))
