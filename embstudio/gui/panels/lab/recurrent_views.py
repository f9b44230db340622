"""The pages of the recurrent bench that show numbers: the cells side by side, and curves of loss and distance."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.lab.epoch_plot import EpochCurve, EpochPlot, Level
from embstudio.gui.panels.lab.recurrent_distance_plot import DistanceCurve, DistancePlot
from embstudio.gui.panels.lab.recurrent_example import COLOURS
from embstudio.gui.panels.lab.recurrent_picture import STYLES, dash_of, show_accuracy
from embstudio.gui.panels.lab.recurrent_table import Cell, CellTable
from embstudio.gui.panels.lab.recurrent_words import cell_rows
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.lab.messages import Report
from embstudio.lab.recurrent.facts import About, Facts
from embstudio.lab.recurrent.settings import Settings

_CELLS = "Run or step first: then the numbers of each cell stand here."
_DISTANCES = "Asked at the end of each epoch, on held-out examples of each of these distances."


class CellsView(QWidget):
    """The cells side by side, number by number."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = WrappedLabel(_CELLS, self)
        self.table = CellTable(theme, self)
        self.table.setObjectName("labCells")
        self.table.setAccessibleName("The cells side by side")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say what to do."""
        self.empty.show()
        self.table.hide()

    def show_facts(self, facts: Facts, about: About) -> None:
        """Take what is to be seen."""
        lines = [
            [Cell(name, tip), *(Cell(text, tip) for text in texts)]
            for name, tip, texts in cell_rows(facts, about.parameters)
        ]
        self.table.set_cells(("", *about.cells), lines)
        self.empty.hide()
        self.table.show()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.table.restyle()


class CurvesView(QWidget):
    """Right answers by distance and by epoch; loss and gradient's norm by epoch."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.accuracy = EpochPlot(theme, "right, held out", 1.0)
        self.accuracy.setObjectName("labAccuracyCurve")
        self.loss = EpochPlot(theme, "loss, training")
        self.loss.setObjectName("labLoss")
        self.norm = EpochPlot(theme, "gradient's norm")
        self.norm.setObjectName("labNorm")
        self.norm.setToolTip("Norm of the gradient by all numbers to learn, before clipping; mean over 10 batches")
        self.distance = DistancePlot(theme, "right, held out, by distance", "", ("0", "{n} steps"), gradients=False)
        self.distance.setObjectName("labByDistance")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.distance, 3)
        column.addWidget(WrappedLabel(_DISTANCES, self))
        column.addWidget(self.accuracy, 2)
        column.addWidget(self.loss, 2)
        column.addWidget(self.norm, 2)

    def show_nothing(self) -> None:
        """There is no training."""
        for plot in (self.accuracy, self.loss, self.norm):
            plot.set_curves((), 0.0, 1)
        self.distance.set_curves((), 1)

    def show_facts(self, facts: Facts, report: Report, answers: int, settings: Settings) -> None:
        """Take what is to be seen."""
        at, cells = report.epoch + report.share, facts.cells

        def curves(column: int) -> list[EpochCurve]:
            return [EpochCurve(cell.kind, cell.train[:, [0, column]], COLOURS[cell.kind], dash_of(cell.kind))
                    for cell in cells]  # fmt: skip

        show_accuracy(self.accuracy, facts, report, answers)
        self.loss.set_curves(curves(1), at, report.epochs, Level(facts.nothing, "blind guess"))
        clipped = Level(settings.clipping, "clipped to") if settings.clipping else None
        self.norm.set_curves(curves(3), at, report.epochs, clipped)
        by_distance = [
            DistanceCurve(cell.kind, np.array(facts.distances), cell.by_distance, COLOURS[cell.kind], STYLES[cell.kind])
            for cell in cells
        ]
        self.distance.set_curves(by_distance, facts.distance, 1 / answers)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        for plot in (self.accuracy, self.loss, self.norm, self.distance):
            plot.updateGeometry()
            plot.update()
