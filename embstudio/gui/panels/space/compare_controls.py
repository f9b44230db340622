"""What is compared, by what, and how far that is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embstudio.formulas.distances import METRICS
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.compare_sides import SidePicker

MOST = 100  # neighbours
PAUSE_MS = 400  # in turning the number of neighbours, after which they are compared again
WORDS, TEXTS = "words of", "texts by"


class CompareControls(QWidget):
    """compare_wanted(), stop_wanted(): buttons. sides_chosen(): of A and B. kind_chosen(): words or texts.
    way_chosen(): another metric or number of neighbours."""

    compare_wanted = Signal()
    stop_wanted = Signal()
    sides_chosen = Signal()
    kind_chosen = Signal()
    way_chosen = Signal()

    def __init__(self, tabs: QWidget, parent: QWidget | None = None) -> None:
        """tabs: of what is shown, which stand behind the rest."""
        super().__init__(parent)
        self.kind = self._kind_box()
        self.first, self.second = SidePicker("A", self), SidePicker("B", self)
        for picker in (self.first, self.second):
            picker.side_chosen.connect(self.sides_chosen)
        self.swap = QToolButton(self)
        self.swap.setObjectName("compareSwap")
        self.swap.setText("⇄")
        self.swap.setAccessibleName("Swap A and B")
        self.swap.setToolTip("Swap A and B")
        self.swap.clicked.connect(lambda _checked=False: self._swap())
        self.metrics = self._metric_box()
        self.count = self._count_box()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.way_chosen)
        self.count.valueChanged.connect(lambda _count: self._pause.start())
        self.go = QPushButton("Compare", self)
        self.go.setObjectName("compareGo")
        self.go.setToolTip("Compare A and B now")
        self.go.clicked.connect(lambda _checked=False: self.compare_wanted.emit())
        row = FlowRow(self)
        row.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (self.kind, _named("A", self.first), self.swap, _named("B", self.second),
                       self.metrics, self.count, self.go, tabs):  # fmt: skip
            row.flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(row)
        column.addWidget(self._progress_row())
        self.progress.hide()

    def _kind_box(self) -> QComboBox:
        kind = QComboBox(self)
        kind.setObjectName("compareKind")
        kind.setAccessibleName("What is compared: words of two sets, or texts by two models")
        kind.setToolTip("Words that two sets share, or texts that two models make vectors of")
        kind.addItems([WORDS, TEXTS])
        kind.activated.connect(lambda _place: self.kind_chosen.emit())
        return kind

    def _metric_box(self) -> QComboBox:
        metrics = QComboBox(self)
        metrics.setObjectName("compareMetric")
        metrics.setAccessibleName("Metric that neighbours are found by")
        metrics.setToolTip("By what neighbours are found, exactly, in each set by itself")
        metrics.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        metrics.addItems(list(METRICS))
        for at, metric in enumerate(METRICS.values()):
            metrics.setItemData(at, metric.formula, Qt.ItemDataRole.ToolTipRole)
        metrics.setCurrentText("cosine")
        metrics.activated.connect(lambda _place: self.way_chosen.emit())
        return metrics

    def _count_box(self) -> QSpinBox:
        count = QSpinBox(self)
        count.setObjectName("compareCount")
        count.setAccessibleName("How many neighbours are compared")
        count.setToolTip("How many neighbours of each word are compared")
        count.setPrefix("k = ")
        count.setRange(1, MOST)
        count.setValue(10)
        return count

    def _progress_row(self) -> FlowRow:
        self.progress = FlowRow(self, tail=160)
        self.progress.flow.setContentsMargins(8, 0, 8, 0)
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("compareTelling")
        self.bar = QProgressBar(self)
        self.bar.setObjectName("compareProgress")
        self.bar.setAccessibleName("How far the comparison is")
        self.stop = QPushButton("Stop", self)
        self.stop.setObjectName("compareStop")
        self.stop.setToolTip("Stop here. Neighbours that were compared so far stay: they are a random sample")
        self.stop.clicked.connect(lambda _checked=False: self.stop_wanted.emit())
        for each in (self.bar, self.stop, self.telling):
            self.progress.flow.addWidget(each)
        return self.progress

    @property
    def of_texts(self) -> bool:
        """Whether texts by two models are compared, not words."""
        return self.kind.currentText() == TEXTS

    def show_progress(self, said: str, share: float | None) -> None:
        """Say what is being done. share: None where nobody knows how far it is."""
        self.telling.setText(f"{said[:1].upper()}{said[1:]}…")
        self.bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self.bar.setValue(round(1000 * share))
        self.progress.show()

    def rest(self) -> None:
        """Nothing is being done."""
        self._pause.stop()
        self.progress.hide()

    def restyle(self) -> None:
        """Fonts changed."""
        self.bar.setMinimumWidth(12 * self.fontMetrics().averageCharWidth())
        self.metrics.setMinimumContentsLength(7)

    def _swap(self) -> None:
        first, second = self.first.side, self.second.side
        self.first.choose(second)
        self.second.choose(first)
        self.sides_chosen.emit()


def _named(letter: str, picker: SidePicker) -> QWidget:
    """A picker with its letter in front, which stay together."""
    both = QWidget()
    label = QLabel(letter, both)
    label.setBuddy(picker)
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(label)
    row.addWidget(picker)
    return both
