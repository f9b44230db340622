"""The scaling calculator: how many weights a model of any shape has, what they cost, and what the laws say of it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from embstudio.anatomy.model_shape import Compared, compared
from embstudio.base.errors import StudioError
from embstudio.formulas.scaling.known_shapes import KNOWN, Shape
from embstudio.formulas.scaling.recurrent_shape import RecurrentShape
from embstudio.formulas.scaling.transformer_shape import TransformerShape
from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.exporter import TABLES, Export, Exporter
from embstudio.gui.panels.lab.fact_table import FactTable
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.law_curves import AXES, curves, law_facts, warning
from embstudio.gui.panels.lab.law_plot import LawPlot
from embstudio.gui.panels.lab.pair_bars import PairBars
from embstudio.gui.panels.lab.scaling_knobs import Use, recurrent_knobs, transformer_knobs, use_knobs
from embstudio.gui.panels.lab.scaling_source import open_shape
from embstudio.gui.panels.lab.scaling_words import (
    BILLION,
    as_lines,
    cost_facts,
    counts_of,
    difference_words,
    doubling,
    formulas_of,
    headline,
    note_words,
)
from embstudio.gui.panels.lab.sides import Sides
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio

OPEN = "The open model"
_NO_SHAPE = "{} has no layers that the formulas know (it is a table of words, or was not recognised). This is {}."
_NO_MODEL = "No model is open. This is {}."
_FIRST = "GPT-2 small"
_ABOUT_LAWS = (
    "What published laws say of a model of this size that reads the training tokens given under Costs, and the best N "
    "and D for the same number of operations. The losses are those of each paper's own texts and tokenizer: "
    "they cannot be held against one another, nor against another model's."
)
_ABOUT_NOTES = "What the reading notes say of parameters, beside what comes out when it is counted."


class ScalingPage(QWidget):
    """See docs/guide.md, Scaling. Everything is arithmetic, done as one types."""

    transformer: Knobs[TransformerShape]
    recurrent: Knobs[RecurrentShape]
    use: Knobs[Use]
    axis: QComboBox
    presets: QComboBox
    copy: QToolButton

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.theme = studio, theme
        self.rows: list[Compared] = []  # the file's weights beside the formula's, where it is the open model
        self._title = _FIRST
        self._build()
        for knobs in (self.transformer, self.recurrent):
            knobs.changed.connect(self._show)
        self.use.changed.connect(self._show)
        self.axis.currentIndexChanged.connect(lambda _: self._show())
        self.presets.activated.connect(lambda _: self._choose())
        self.copy.clicked.connect(lambda _checked=False: QGuiApplication.clipboard().setText(self.as_text()))
        bind(self, studio.document_changed, self._on_document)
        self._choose()
        self.restyle()

    @property
    def busy(self) -> bool:
        """Never: it is arithmetic."""
        return False

    @property
    def shape(self) -> Shape:
        """What the knobs say."""
        return self.recurrent.settings if self._is_recurrent else self.transformer.settings

    @property
    def follows(self) -> bool:
        """Whether it is the open model that is counted."""
        return self.presets.currentText() == OPEN

    def take(self, name: str) -> None:
        """Choose the open model or a known shape."""
        self.presets.setCurrentText(name)
        self._choose()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.fault.setStyleSheet(f"color: {self.theme.colours.error}")
        self.answer.setFont(self.theme.font(bold=True))
        for part in (self.bars, self.costs, self.laws, self.sides):
            part.restyle()
        self.plot.updateGeometry()
        self.plot.update()

    def as_text(self) -> str:
        """Everything as lines between tabs."""
        return "\n".join("\t".join(line) for line in self._lines()) + "\n"

    def save(self, lines: list[tuple[str, ...]], path: Path) -> str:
        """Write everything as CSV; says so."""
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("what", "how", "number"), *lines])
        except OSError as error:
            raise StudioError("The table could not be saved.", where=str(path), detail=str(error)) from error
        return f"The table is saved in {path.name}."

    # What the person does ------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        """Turn the knobs to what is chosen."""
        name = self.presets.currentText()
        document = self.studio.document
        shape, self._title, excuse = None, name, ""
        if name == OPEN:
            shape = open_shape(self.studio)
            if shape is None:
                title = document.source.title if document is not None else ""
                excuse = _NO_SHAPE.format(title, _FIRST) if title else _NO_MODEL.format(_FIRST)
                name = _FIRST
            else:
                self._title = document.source.title if document is not None else name
        if shape is None:
            shape = next(known.shape for known in KNOWN if known.name == name)
        self._excuse = excuse
        self._is_recurrent = not isinstance(shape, TransformerShape)
        self.transformer.setVisible(not self._is_recurrent)
        self.recurrent.setVisible(self._is_recurrent)
        if isinstance(shape, TransformerShape):
            self.transformer.set_settings(shape)
        else:
            self.recurrent.set_settings(shape)
        self._show()

    def _on_document(self) -> None:
        if self.follows:
            self._choose()

    # What is shown -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        shape = self.shape
        try:
            shape.check()
            self.use.settings.check()
        except StudioError as error:
            self.fault.setText(str(error))
            for part in (self.bars, self.costs, self.plot, self.laws):
                part.setEnabled(False)
            return
        for part in (self.bars, self.costs, self.plot, self.laws):
            part.setEnabled(True)
        self.fault.setText(self._excuse)
        known = next((each for each in KNOWN if each.shape == shape), None)
        self.answer.setText(f"{self._title}: {headline(shape, known.published if known is not None else None)}")
        self._show_parameters(shape)
        self.costs.set_facts(cost_facts(shape, self.use.settings))
        tokens = self.use.settings.tokens * BILLION
        self.plot.set_curves(curves(shape, tokens, self.axis.currentText()), self.axis.currentText())
        self.laws.set_facts(law_facts(shape, tokens))
        self.warned.setText(warning(shape, tokens))

    def _show_parameters(self, shape: Shape) -> None:
        document = self.studio.document
        formulas = formulas_of(shape)
        self.rows = []
        if self.follows and not self._excuse and document is not None:
            self.rows = compared(document.opened.anatomy, shape)
            names = [row.component for row in self.rows]
            columns = [("by formula", np.array([float(row.formula) for row in self.rows])),
                       ("in the file", np.array([float(row.file) for row in self.rows]))]  # fmt: skip
            tips = ["\n".join(filter(None, [formulas.get(row.component, ""), row.why])) for row in self.rows]
        else:
            counts = counts_of(shape)
            whole = sum(counts.values())
            names = [*counts, "total"]
            columns = [("parameters", np.array([*map(float, counts.values()), float(whole)]))]
            tips = [f"{formulas.get(name, '')}\n{count / max(1, whole):.1%} of all" for name, count in counts.items()]
        self.bars.set_values(names, columns, tips, total=True, write=lambda value: f"{value:,.0f}")
        self.differs.setText(difference_words(self.rows) if self.rows else "")
        self.doubled.setText(doubling(shape))

    def _lines(self) -> list[tuple[str, ...]]:
        lines = as_lines(self._title, self.shape, self.use.settings)
        lines += [("in the file", row.component, str(row.file)) for row in self.rows]
        tokens = self.use.settings.tokens * BILLION
        for fact in law_facts(self.shape, tokens):
            name, loss, perplexity, inside, best_size, best_text = fact.cells
            lines += [
                (name, "loss, nats a token", loss), (name, "perplexity", perplexity), (name, "in its range", inside),
                (name, "best N for 6ND", best_size), (name, "best D for 6ND", best_text),
            ]  # fmt: skip
        return lines

    # Laying out ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._is_recurrent, self._excuse = False, ""
        self.presets = QComboBox(self)
        self.presets.setObjectName("scalingPresets")
        self.presets.setAccessibleName("Model whose shape is taken")
        self.presets.setToolTip("The open model, as it was read, or a shape that people know")
        self.presets.addItems([OPEN, *(known.name for known in KNOWN)])
        self.copy = QToolButton(self)
        self.copy.setObjectName("scalingCopy")
        self.copy.setText("Copy")
        self.copy.setToolTip("Copy shape, parameters, costs and laws as a table")
        self.saves = QToolButton(self)
        self.saves.setObjectName("scalingSave")
        self.saves.setText("Save")
        self.saves.setToolTip("Save the same as a file")
        self.saves.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.saves)
        self.saves.setMenu(menu)
        self.exporter = Exporter(
            self.studio, menu, (Export("Everything as a table (CSV)…", "scaling.csv", TABLES, self.save),), self._lines,
            self,
        )  # fmt: skip
        top = FlowRow(self)
        top.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (QLabel("shape of"), self.presets, self.copy, self.saves):
            top.flow.addWidget(widget)
        self.answer = WrappedLabel("", self, quiet=False)
        self.answer.setObjectName("scalingAnswer")
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("scalingFault")
        for label in (self.answer, self.fault):
            label.setIndent(8)
        self.bars = PairBars(self.theme, "Parameters by component")
        self.bars.setObjectName("scalingBars")
        self.differs, self.doubled = WrappedLabel("", quiet=False), WrappedLabel("")
        self.differs.setObjectName("scalingDiffers")
        self.doubled.setObjectName("scalingDoubled")
        self.transformer, self.recurrent, self.use = transformer_knobs(), recurrent_knobs(), use_knobs()
        self.costs = FactTable(self.theme, ("what", "how", "number"), frozenset({0, 1}), 1)
        self.costs.setAccessibleName("What the model costs")
        self.plot = LawPlot(self.theme)
        self.axis = QComboBox()
        self.axis.setObjectName("scalingAxis")
        self.axis.setAccessibleName("What the loss is drawn over")
        self.axis.addItems(AXES)
        over = FlowRow()
        for widget in (QLabel("loss over"), self.axis):
            over.flow.addWidget(widget)
        headings = ("law", "loss", "perplexity", "fitted here", "best N", "best D")
        self.laws = FactTable(self.theme, headings, frozenset({0}), 0)
        self.laws.setAccessibleName("What the laws say of this model")
        self.warned = WrappedLabel("", quiet=False)
        self.warned.setObjectName("scalingWarned")
        self.notes = WrappedLabel(note_words(), quiet=False)
        self.notes.setObjectName("scalingNotes")
        parameters = ScrollBody(_column(self.bars, self.differs, self.doubled, left=8), "scalingParameters")
        laws = _column(over, self.plot, self.laws, self.warned, WrappedLabel(_ABOUT_LAWS))
        self.sides = Sides(self.theme, (
            ("Parameters", "How many weights each component has", parameters),
            ("Shape", "What the model is made of", _column(self.transformer, self.recurrent)),
            ("Costs", "Memory, operations and time", _column(self.use, self.costs)),
            ("Laws", "Published scaling laws", laws),
            ("Notes", "The reading notes' figures", _column(WrappedLabel(_ABOUT_NOTES), self.notes)),
        ))  # fmt: skip
        self.sides.tabs.setAccessibleName("What is shown of the model")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(4)
        for part in (top, self.answer, self.fault):
            outer.addWidget(part)
        outer.addWidget(self.sides, 1)


def _column(*widgets: QWidget, left: int = 0) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(left, 0, 0, 0)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return whole
