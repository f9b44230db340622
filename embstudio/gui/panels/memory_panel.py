"""What a recurrent network remembers: gates and states of every unit at every token, and this step's sum."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.gate_words import saying, word
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.step_sum import step_sum
from embstudio.gui.plots.formula_lines import FormulaLines
from embstudio.gui.plots.heat_map import HeatMap, symmetric_limit
from embstudio.gui.plots.line_plot import Line, LinePlot
from embstudio.gui.plots.stacked_bars import StackedBars
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.plots.token_label import token_labels
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.colour_maps import signed_map, unit_map
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_flow import Flow, RecurrentCell, flow, recurrent_cells
from embstudio.studio import Studio
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace

NOTHING = "Type a sentence to see what the model remembers of it."
NO_MEMORY = "This model has no recurrent memory.\nIts attention is in the Attention panel."
NO_LAYERS = "No recurrent memory was found in this model.\nWhat was found is in the Anatomy panel."
NO_GATES = "The gates and states of this model's recurrent layers could not be captured."
MOST_MAPS = 6
_BARS = {
    "lstm": ("kept f ⊙ c₋₁", "new i ⊙ g", "sum c"),
    "gru": ("kept z ⊙ h₋₁", "new (1−z) ⊙ n", "sum h"),
    "rnn": ("before h₋₁", "change", "now h"),
}


class MemoryPanel(Panel):
    """Maps of all units over the tokens, lines of one unit, the sum that makes its state, and all units' sums."""

    title = "Memory"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.cell: RecurrentCell | None = None
        self.cells: list[RecurrentCell] = []
        self._flow: Flow | None = None
        self._labels: tuple[str, ...] = ()
        self._part = ""  # the part that a click chose; the state where none was
        self._lines_of: tuple[str, int] | None = None  # (prefix, unit) that the line plot shows
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.empty = EmptyState(NOTHING)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._build())
        self.restyle()

    # Building ----------------------------------------------------------------------------------------------------

    def _build(self) -> ScrollBody:
        theme = self.theme
        self.formula = FormulaLines(theme)
        self.formula.setObjectName("MemoryFormula")
        self.formula.setAccessibleName("This step's sum")
        self.maps = [HeatMap(theme) for _ in range(MOST_MAPS)]
        self.axis = TokenAxis(theme)
        self.axis.picked.connect(self._go_to_token)
        self.lines = LinePlot(theme)
        self.lines.setObjectName("UnitLines")
        self.lines.setAccessibleName("The current unit over the tokens")
        self.lines.describe_column = self._describe_column
        self.lines.hovered.connect(self._on_line_hovered)
        self.lines.unhovered.connect(self._point_here)
        self.lines.picked.connect(self._go_to_token)
        self.table = ValueTable(theme)
        self.table.setObjectName("UnitTable")
        self.table.setAccessibleName("The current unit over the tokens, as numbers")
        self.table.picked.connect(self._go_to_token)
        self.table.hide()
        self.bars = StackedBars(theme)
        self.bars.setObjectName("UnitBars")
        self.bars.setAccessibleName("What each unit keeps and adds at this token")
        self.bars.describe_unit = self._describe_unit
        self.bars.hovered.connect(self._on_bar_hovered)
        self.bars.unhovered.connect(self._point_here)
        self.bars.picked.connect(self._go_to_unit)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(0)
        column.addLayout(self._build_header())
        column.addWidget(self.formula)
        for place, heat_map in enumerate(self.maps):
            heat_map.setObjectName(f"GateMap{place}")
            heat_map.hovered.connect(partial(self._on_hovered, place))
            heat_map.unhovered.connect(self._point_here)
            heat_map.picked.connect(partial(self._on_picked, place))
            column.addWidget(heat_map, 4)
        column.addWidget(self.axis)
        column.addWidget(self.lines, 12)
        column.addWidget(self.table, 12)
        column.addSpacing(4)
        column.addWidget(self.bars, 7)
        return ScrollBody(body, "MemoryScroll")

    def _build_header(self) -> QHBoxLayout:
        self.layer_label = QLabel("La&yer")
        self.layer_choice = QComboBox()
        self.layer_choice.setObjectName("MemoryLayer")
        self.layer_choice.setAccessibleName("Recurrent layer and direction")
        self.layer_choice.setToolTip("Which recurrent layer, and which way it reads")
        self.layer_choice.activated.connect(self._choose_cell)
        self.layer_label.setBuddy(self.layer_choice)
        self.unit_box = QSpinBox()
        self.unit_box.setObjectName("MemoryUnit")
        self.unit_box.setAccessibleName("Unit")
        self.unit_box.setToolTip("The unit that lines and sum are about (Up and Down in a map change it too)")
        self.unit_box.valueChanged.connect(self._go_to_unit)
        unit_label = QLabel("&Unit")
        unit_label.setBuddy(self.unit_box)
        self.table_button = QToolButton()
        self.table_button.setObjectName("MemoryTable")
        self.table_button.setText("&Numbers")
        self.table_button.setToolTip("Show the current unit as a table instead of lines")
        self.table_button.setCheckable(True)
        self.table_button.toggled.connect(self._show_table)
        self.telling = ElidedLabel()
        self.telling.setObjectName("MemoryTelling")
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 8, 2)
        header.setSpacing(8)
        header.addWidget(self.layer_label)
        header.addWidget(self.layer_choice)
        header.addWidget(unit_label)
        header.addWidget(self.unit_box)
        header.addWidget(self.telling, 1)
        header.addWidget(self.table_button)
        return header

    def restyle(self) -> None:
        for heat_map in self.maps:
            heat_map.redraw()
        self.lines.redraw()
        self.table.restyle()
        self.formula.restyle()

    # Following the studio ----------------------------------------------------------------------------------------

    def show_trace(self) -> None:
        trace = self.studio.trace
        self.cells = recurrent_cells(trace) if trace is not None and len(trace) else []
        if trace is None or not self.cells:
            self.cell = None
            self.empty.setText(self._why_empty())
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        self._labels = token_labels(trace.tokens, len(trace))
        several = len(self.cells) > 1
        self.layer_choice.clear()
        self.layer_choice.addItems([f"{cell.kind} {cell.layer} {cell.direction}" for cell in self.cells])
        self.layer_choice.setVisible(several)
        self.layer_label.setVisible(several)
        kept = [cell for cell in self.cells if self.cell is not None and cell.prefix == self.cell.prefix]
        self._show_cell(trace, (kept or self.cells)[0])

    def show_place(self) -> None:
        trace = self.studio.trace
        if trace is None or self.cell is None:
            return
        if self.cell.layer != self.studio.cursor.layer:
            self._follow_layer(trace)
        token, unit = self._place()
        for heat_map in self.maps[: len(self.cell.parts)]:
            heat_map.set_place(unit, token)
        self.axis.set_column(token)
        self._show_lines(trace, unit)
        self.lines.set_column(token)
        if self.table_button.isChecked():
            self.table.set_row(token)
        if self._flow is not None:
            self.bars.set_parts(
                self._flow.kept[token], self._flow.new[token], self._flow.limit, f"all units at ‘{self._labels[token]}’"
            )
            self.bars.set_unit(unit)
        self.formula.set_lines(step_sum(trace, self.cell, token, unit))
        self.unit_box.blockSignals(True)
        self.unit_box.setValue(unit)
        self.unit_box.blockSignals(False)
        self.telling.setText(self._telling(trace, token, unit))
        self._point_here()

    def _why_empty(self) -> str:
        document = self.studio.document
        if self.studio.trace is None or document is None or not len(self.studio.trace):
            return NOTHING
        anatomy = document.opened.anatomy
        if anatomy.recurrent:
            return NO_GATES
        return NO_MEMORY if anatomy.blocks else NO_LAYERS

    def _show_cell(self, trace: Trace, cell: RecurrentCell) -> None:
        """Fill the maps with another layer, direction or trace."""
        self.cell, self._flow, self._lines_of = cell, flow(trace, cell), None
        if self._part not in cell.parts:
            self._part = cell.state if cell.state in cell.parts else cell.parts[-1]
        self.layer_choice.setCurrentIndex(self.cells.index(cell))
        gutter = self._gutter(cell)
        for place, heat_map in enumerate(self.maps):
            heat_map.setVisible(place < len(cell.parts))
        for heat_map, part in zip(self.maps, cell.parts, strict=False):
            self._fill(heat_map, trace, cell, part, gutter)
        self.axis.set_labels(self._labels, gutter)
        self.lines.backwards = cell.backwards
        self.lines.set_gutter(gutter)
        self.bars.setVisible(self._flow is not None)
        self.bars.set_legend(_BARS[cell.kind], (cell.state, "n" if cell.kind == "rnn" else "g", ""), gutter)
        self.unit_box.blockSignals(True)
        units = trace[cell.point(cell.parts[0])].size("unit")
        self.unit_box.setRange(0, units - 1)
        self.unit_box.setSuffix(f" (0–{units - 1})")
        self.unit_box.blockSignals(False)

    def _fill(self, heat_map: HeatMap, trace: Trace, cell: RecurrentCell, part: str, gutter: int) -> None:
        point = cell.point(part)
        values = trace[point].values.T
        heat_map.describe = partial(self._describe, point)
        heat_map.backwards = cell.backwards
        heat_map.set_gutter(gutter)
        kind = parse(point).kind
        heat_map.set_title(part, word(point), part, f"{kind.meaning}\n{kind.formula}")
        if kind.scale == "unit":
            heat_map.set_values(values, unit_map(self.theme.colours, self.theme.colours.role(part)), 0.0, 1.0)
        else:
            limit = symmetric_limit(values)
            heat_map.set_values(values, signed_map(self.theme.colours), -limit, limit)

    def _gutter(self, cell: RecurrentCell) -> int:
        """Room for the longest title, but never more than a third of a narrow panel."""
        metrics = QFontMetrics(self.theme.font())
        longest = max(metrics.horizontalAdvance(word(cell.point(part))) for part in cell.parts)
        symbol = QFontMetrics(self.theme.mono()).horizontalAdvance("mm")
        return min(max(longest, metrics.horizontalAdvance("update gate xx")) + symbol + 28, max(120, self.width() // 3))

    def _follow_layer(self, trace: Trace) -> None:
        """Take the cell of the cursor's layer that reads the same way, if there is one."""
        assert self.cell is not None
        there = [cell for cell in self.cells if cell.layer == self.studio.cursor.layer]
        same_way = [cell for cell in there if cell.direction == self.cell.direction]
        if there:
            self._show_cell(trace, (same_way or there)[0])

    def _show_lines(self, trace: Trace, unit: int) -> None:
        assert self.cell is not None
        if self._lines_of != (self.cell.prefix, unit):
            self._lines_of = (self.cell.prefix, unit)
            lines = [Line(part, part, trace[self.cell.point(part)].values[:, unit]) for part in self.cell.parts]
            self.lines.set_lines(lines)
            self.table.lines.set_lines(self._labels, lines)

    # Words -------------------------------------------------------------------------------------------------------

    def _describe(self, point: str, unit: int, token: int) -> str:
        """The tooltip of a cell: "forget gate, unit 17 at ‘won’: 0.9731 → keeps 97.3 % of its memory"."""
        trace = self.studio.trace
        if trace is None or point not in trace:
            return ""
        value = float(trace[point].values[token, unit])
        text = f"{word(point)}, unit {unit} at ‘{self._labels[token]}’: {four(value)}"
        means = saying(point, value)
        return f"{text} → {means}" if means else text

    def _describe_column(self, token: int) -> str:
        return f"unit {self._place()[1]} at ‘{self._labels[token]}’\n{self.lines.values_text(token)}"

    def _describe_unit(self, unit: int) -> str:
        if self._flow is None or self.cell is None:
            return ""
        token = self._place()[0]
        kept, new = float(self._flow.kept[token, unit]), float(self._flow.new[token, unit])
        names = _BARS[self.cell.kind]
        return f"unit {unit} at ‘{self._labels[token]}’: {names[0]} {four(kept)}, {names[1]} {four(new)}, " \
               f"{names[2]} {four(kept + new)}"  # fmt: skip

    def _telling(self, trace: Trace, token: int, unit: int) -> str:
        """The step in words: what the gates of the current unit do at this token."""
        assert self.cell is not None
        points = [self.cell.point(part) for part in self.cell.parts]
        means = [saying(point, float(trace[point].values[token, unit])) for point in points]
        order = sorted(filter(None, means), key=lambda text: not text.startswith("keeps"))
        return f"at ‘{self._labels[token]}’ it " + ", ".join(order) if order else f"at ‘{self._labels[token]}’"

    # What the person does ----------------------------------------------------------------------------------------

    def _place(self) -> tuple[int, int]:
        """The current token and unit, within this layer."""
        cursor = self.studio.cursor
        return min(cursor.token, len(self._labels) - 1), min(cursor.unit, self.unit_box.maximum())

    @Slot()
    def _point_here(self) -> None:
        if self.cell is not None:
            self.studio.point_at(Probe(self.cell.point(self._part), self._place()))

    def _point(self, part: str, token: int, unit: int) -> None:
        if self.cell is not None:
            self.studio.point_at(Probe(self.cell.point(part), (token, unit)))

    def _on_hovered(self, place: int, unit: int, token: int) -> None:
        if self.cell is not None:
            self._point(self.cell.parts[place], token, unit)

    def _on_picked(self, place: int, unit: int, token: int) -> None:
        if self.cell is not None:
            self._part = self.cell.parts[place]
            self.studio.cursor.move(token=token, unit=unit)
            self._point_here()

    def _on_line_hovered(self, token: int) -> None:
        self._point(self._part, token, self._place()[1])

    def _on_bar_hovered(self, unit: int) -> None:
        if self.cell is not None:
            self._point(self.cell.state, self._place()[0], unit)

    def _go_to_token(self, token: int) -> None:
        self.studio.cursor.move(token=token)

    def _go_to_unit(self, unit: int) -> None:
        self.studio.cursor.move(unit=unit)

    def _show_table(self, wanted: bool) -> None:
        self.table.setVisible(wanted)
        self.lines.setVisible(not wanted)
        if wanted and self.cell is not None:
            self.table.set_row(self._place()[0])

    def _choose_cell(self, place: int) -> None:
        if self.studio.trace is None:
            return
        cell = self.cells[place]
        self._show_cell(self.studio.trace, cell)
        if cell.layer != self.studio.cursor.layer:
            self.studio.cursor.move(layer=cell.layer)
        else:
            self.show_place()
