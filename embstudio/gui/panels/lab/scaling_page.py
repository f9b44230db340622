"""The scaling calculator: how many weights a model of any shape has, what they cost, and what the laws say of it."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from embstudio.anatomy.model_shape import Compared, compared
from embstudio.base.errors import StudioError
from embstudio.formulas.scaling.known_shapes import KNOWN, Shape
from embstudio.formulas.scaling.transformer_shape import TransformerShape
from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.column import column
from embstudio.gui.panels.lab.exporter import TABLES, Export, Exporter
from embstudio.gui.panels.lab.fact_table import FactTable
from embstudio.gui.panels.lab.laws_view import LawsView
from embstudio.gui.panels.lab.parameters_view import ParametersView
from embstudio.gui.panels.lab.scaling_knobs import recurrent_knobs, transformer_knobs, use_knobs
from embstudio.gui.panels.lab.scaling_notes import note_words
from embstudio.gui.panels.lab.scaling_source import open_shape
from embstudio.gui.panels.lab.scaling_table import as_lines
from embstudio.gui.panels.lab.scaling_words import BILLION, cost_facts, headline
from embstudio.gui.panels.lab.sides import Sides
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio

OPEN = "The open model"
_NO_SHAPE = "{} has no layers that the formulas know (it is a table of words, or was not recognised). This is {}."
_NO_MODEL = "No model is open. This is {}."
_FIRST = "GPT-2 small"
_ABOUT_NOTES = "What the reading notes say of parameters, beside what comes out when it is counted."


class ScalingPage(QWidget):
    """See docs/guide.md, Scaling. Everything is arithmetic, done as one types."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.theme = studio, theme
        self.rows: list[Compared] = []  # the file's weights beside the formula's, where it is the open model
        self._title, self._excuse = _FIRST, ""
        self._is_recurrent = False
        self.presets = QComboBox(self)
        self.presets.setObjectName("scalingPresets")
        self.presets.setAccessibleName("Model whose shape is taken")
        self.presets.setToolTip("The open model, as it was read, or a shape that people know")
        self.presets.addItems([OPEN, *(known.name for known in KNOWN)])
        self.answer, self.fault = (WrappedLabel("", self, quiet=False) for _ in range(2))
        self.answer.setObjectName("scalingAnswer")
        self.fault.setObjectName("scalingFault")
        self.parameters, self.laws = ParametersView(theme), LawsView(theme)
        self.transformer, self.recurrent, self.use = transformer_knobs(), recurrent_knobs(), use_knobs()
        self.costs = FactTable(theme, ("what", "how", "number"), frozenset({0, 1}), 1)
        self.costs.setAccessibleName("What the model costs")
        self.notes = WrappedLabel(note_words(), quiet=False)
        self.notes.setObjectName("scalingNotes")
        self.sides = Sides(theme, (
            ("Parameters", "How many weights each component has", ScrollBody(self.parameters, "scalingParameters")),
            ("Shape", "What the model is made of", column(self.transformer, self.recurrent)),
            ("Costs", "Memory, operations and time", column(self.use, self.costs)),
            ("Laws", "Published scaling laws", self.laws),
            ("Notes", "The reading notes' figures", column(WrappedLabel(_ABOUT_NOTES), self.notes)),
        ))  # fmt: skip
        self.sides.tabs.setAccessibleName("What is shown of the model")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(4)
        outer.addWidget(self._top())
        for label in (self.answer, self.fault):
            label.setIndent(8)
            outer.addWidget(label)
        outer.addWidget(self.sides, 1)
        for changed in (self.transformer.changed, self.recurrent.changed, self.use.changed):
            changed.connect(self._show)
        self.presets.activated.connect(lambda _: self._choose())
        bind(self, studio.document_changed, self._on_document)
        self._choose()
        self.restyle()

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
        for part in (self.parameters, self.costs, self.laws, self.sides):
            part.restyle()

    def as_text(self) -> str:
        """Everything as lines between tabs."""
        return "\n".join("\t".join(line) for line in self._lines()) + "\n"

    def save(self, lines: list[tuple[str, ...]], path: Path) -> str:
        """Write everything as CSV; says so. Raises StudioError."""
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("what", "how", "number"), *lines])
        except OSError as error:
            raise StudioError("The table could not be saved.", where=str(path), detail=str(error)) from error
        return f"The table is saved in {path.name}."

    # What the person does ------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        """Turn the knobs to what is chosen."""
        document, name = self.studio.document, self.presets.currentText()
        self._title, self._excuse = name, ""
        shape = next((known.shape for known in KNOWN if known.name == name), None) or open_shape(self.studio)
        if shape is None:
            self._excuse = _NO_SHAPE.format(document.source.title, _FIRST) if document else _NO_MODEL.format(_FIRST)
            self._title = _FIRST
            shape = next(known.shape for known in KNOWN if known.name == _FIRST)
        elif name == OPEN and document is not None:
            self._title = document.source.title
        self._is_recurrent = not isinstance(shape, TransformerShape)
        self.transformer.setVisible(not self._is_recurrent)
        self.recurrent.setVisible(self._is_recurrent)
        if isinstance(shape, TransformerShape):
            self.transformer.set_settings(shape)
        else:
            self.recurrent.set_settings(shape)

    def _on_document(self) -> None:
        if self.follows:
            self._choose()

    # What is shown -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        shape, use = self.shape, self.use.settings
        try:
            shape.check()
            use.check()
        except StudioError as error:
            self.fault.setText(str(error))
            self._enable(enabled=False)
            return
        self._enable(enabled=True)
        self.fault.setText(self._excuse)
        known = next((each for each in KNOWN if each.shape == shape), None)
        self.answer.setText(f"{self._title}: {headline(shape, known.published if known is not None else None)}")
        document = self.studio.document
        from_file = self.follows and not self._excuse and document is not None
        self.rows = compared(document.opened.anatomy, shape) if from_file and document is not None else []
        self.parameters.show_shape(shape, self.rows)
        self.costs.set_facts(cost_facts(shape, use))
        self.laws.show_shape(shape, use.tokens * BILLION)

    def _enable(self, *, enabled: bool) -> None:
        for part in (self.parameters, self.costs, self.laws):
            part.setEnabled(enabled)

    def _lines(self) -> list[tuple[str, ...]]:
        return as_lines(self._title, self.shape, self.use.settings, self.rows)

    def _top(self) -> FlowRow:
        copy = QToolButton(self)
        copy.setObjectName("scalingCopy")
        copy.setText("Copy")
        copy.setToolTip("Copy shape, parameters, costs and laws as a table")
        copy.clicked.connect(lambda _checked=False: QGuiApplication.clipboard().setText(self.as_text()))
        save = QToolButton(self)
        save.setObjectName("scalingSave")
        save.setText("Save")
        save.setToolTip("Save the same as a file")
        save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(save)
        save.setMenu(menu)
        exports = (Export("Everything as a table (CSV)…", "scaling.csv", TABLES, self.save),)
        self.exporter = Exporter(self.studio, menu, exports, self._lines, self)
        top = FlowRow(self)
        top.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (QLabel("shape of", top), self.presets, copy, save):
            top.flow.addWidget(widget)
        return top
