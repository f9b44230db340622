"""What is seen at a glance: how far gradients come, how many answers are right, and both in words."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.gradient.choices import Choice
from embstudio.gui.panels.lab.epoch_plot import EpochCurve, EpochPlot, Level
from embstudio.gui.panels.lab.recurrent_distance_plot import DistanceCurve, DistancePlot
from embstudio.gui.panels.lab.recurrent_example import COLOURS
from embstudio.gui.panels.lab.recurrent_words import verdict
from embstudio.gui.plots.line_style import style_of
from embstudio.gui.style.theme import Theme
from embstudio.lab.messages import Report
from embstudio.lab.recurrent.facts import CellFacts, Facts

STYLES = {"RNN": 0, "GRU": 1, "LSTM": 3}  # dash and marker; 2 is the LSTM's h
_EMPTY = "Here is drawn how much of the gradient arrives, step by step back from the end."
_ROOM = 26  # lines of text: with so many there is room for the accuracy too, which the page Curves has as well
SHARE, ABSOLUTE = "share", "absolute"
_SCALE = (
    "∂L/∂h: the gradient of an example's loss by the state of a cell, so many steps before the end; the mean of its "
    "norm over held-out examples\n÷ the last one's: divided by that of the last state, so that all lines begin at 1\n"
    "as it is: as a task is learnt, the loss and all its gradients become small"
)


class _Growing(QLabel):
    """Words that change many times a second: it is as high as the most it has had to hold, so that nothing jumps."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._most = 0

    def say(self, text: str) -> None:
        if text != self.text():
            self.setText(text)
            self._most = max(self._most, self.heightForWidth(self.width()))
            self.setFixedHeight(self._most)

    def fit(self) -> None:
        """Another width or font: begin again."""
        self._most = 0
        text = self.text()
        self.setText("")
        self.say(text)

    def hasHeightForWidth(self) -> bool:
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


class Picture(QWidget):
    """`show_facts` after each report; `forget` where there is no training."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flow = DistancePlot(theme, "", _EMPTY, ("{n} steps back", "the last symbol"), gradients=True)
        self.flow.setObjectName("labFlow")
        self.flow.setAccessibleName("Norm of the gradient by distance back from the end")
        self.scale = Choice(
            "‖∂L/∂h‖, norm of the gra&dient",
            "labFlowScale",
            "What the gradients' norms are divided by",
            _SCALE,
            (("÷ the last one's", SHARE), ("as it is", ABSOLUTE)),
        )
        self.scale.box.activated.connect(lambda _place: self._redraw())
        self.accuracy = EpochPlot(theme, "right, held out", 1.0)
        self.accuracy.setObjectName("labAccuracy")
        self.words = _Growing(self)
        self.words.setObjectName("labVerdict")
        self._seen: tuple[Facts, Report, int] | None = None
        row = FlowRow(self)
        row.flow.addWidget(self.scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 4)
        column.setSpacing(4)
        column.addWidget(row)
        column.addWidget(self.flow, 3)
        column.addWidget(self.accuracy, 2)
        column.addWidget(self.words)
        self.forget()

    def forget(self) -> None:
        """Show nothing."""
        self._seen = None
        self.flow.set_curves((), 1)
        self.accuracy.set_curves((), 0.0, 1)
        self.words.say("")
        self.words.fit()

    def show_facts(self, facts: Facts, report: Report, answers: int) -> None:
        """Take what is to be seen."""
        self._seen = facts, report, answers
        self._redraw()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.words.fit()
        self._fit()
        for plot in (self.flow, self.accuracy):
            plot.updateGeometry()
            plot.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.accuracy.setVisible(self.height() >= _ROOM * self.fontMetrics().height())

    def _redraw(self) -> None:
        if self._seen is None:
            return
        facts, report, answers = self._seen
        curves = [curve for cell in facts.cells for curve in self._curves(cell, facts.distance + 1)]
        self.flow.set_curves(curves, facts.distance)
        show_accuracy(self.accuracy, facts, report, answers)
        self.words.say("\n".join(verdict(cell, facts, answers) for cell in facts.cells))

    def _curves(self, cell: CellFacts, count: int) -> list[DistanceCurve]:
        """As it was before training, faint, and as it is. count: of places; what stands before is not asked for."""
        found: list[DistanceCurve] = []
        for flow, faint in ((cell.start, True), (cell.flow, False)):
            end = ", before training" if faint else ""
            if flow.c is not None:
                found.append(self._curve(f"{cell.kind} c{end}", flow.c[:count], cell.kind, STYLES[cell.kind], faint))
                found.append(self._curve(f"{cell.kind} h{end}", flow.h[:count], cell.kind, 2, faint))
            else:
                found.append(self._curve(f"{cell.kind}{end}", flow.h[:count], cell.kind, STYLES[cell.kind], faint))
        return found

    def _curve(self, name: str, norms: np.ndarray, kind: str, style: int, faint: bool) -> DistanceCurve:
        if self.scale.chosen == SHARE:
            with np.errstate(divide="ignore", invalid="ignore"):
                norms = norms / norms[0]
        return DistanceCurve(name, np.arange(len(norms)), norms, COLOURS[kind], style, faint)


def dash_of(kind: str) -> Qt.PenStyle:
    """Of a cell's line, in all plots."""
    return style_of(STYLES[kind])[0]


def show_accuracy(plot: EpochPlot, facts: Facts, report: Report, answers: int) -> None:
    """Right answers on held-out examples, by epoch."""
    held = [EpochCurve(cell.kind, cell.held[:, [0, 2]], COLOURS[cell.kind], dash_of(cell.kind)) for cell in facts.cells]
    plot.set_curves(held, report.epoch + report.share, report.epochs, Level(1 / answers, "blind guess"))
