"""What the published scaling laws say of a model: drawn, and as a table."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from embstudio.formulas.scaling.known_shapes import Shape
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.fact_table import FactTable
from embstudio.gui.panels.lab.law_curves import AXES, curves, law_facts, warning
from embstudio.gui.panels.lab.law_plot import LawPlot
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme

_ABOUT = (
    "What published laws say of a model of this size that reads the training tokens given under Costs, and the best N "
    "and D for the same number of operations. The losses are those of each paper's own texts and tokenizer: "
    "they cannot be held against one another, nor against another model's."
)
_HEADINGS = ("law", "loss", "perplexity", "fitted here", "best N", "best D")


class LawsView(QWidget):
    """The person chooses what the loss is drawn over."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: tuple[Shape, float] | None = None
        self.plot = LawPlot(theme)
        self.axis = QComboBox()
        self.axis.setObjectName("scalingAxis")
        self.axis.setAccessibleName("What the loss is drawn over")
        self.axis.addItems(AXES)
        over = FlowRow()
        for widget in (QLabel("loss over"), self.axis):
            over.flow.addWidget(widget)
        self.table = FactTable(theme, _HEADINGS, frozenset({0}), 0)
        self.table.setAccessibleName("What the laws say of this model")
        self.warned = WrappedLabel("", quiet=False)
        self.warned.setObjectName("scalingWarned")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (over, self.plot, self.table, self.warned, WrappedLabel(_ABOUT)):
            column.addWidget(part)
        column.addStretch(1)
        self.axis.currentIndexChanged.connect(lambda _: self._draw())

    def show_shape(self, shape: Shape, tokens: float) -> None:
        """tokens: read in training."""
        self._asked = shape, tokens
        self._draw()
        self.table.set_facts(law_facts(shape, tokens))
        self.warned.setText(warning(shape, tokens))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.table.restyle()
        self.plot.updateGeometry()
        self.plot.update()

    def _draw(self) -> None:
        if self._asked is not None:
            axis = self.axis.currentText()
            self.plot.set_curves(curves(*self._asked, axis), axis)
