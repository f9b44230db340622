"""The Map page: maps of all units over the tokens, lines of one unit, the sum that makes its state, all units' sums."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from embstudio.gui.panels.gate_words import saying, word
from embstudio.gui.panels.memory.page import MemoryPage
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.panels.step_sum import step_sum
from embstudio.gui.plots.formula_lines import FormulaLines
from embstudio.gui.plots.heat_map import HeatMap, symmetric_limit
from embstudio.gui.plots.line_plot import Line, LinePlot
from embstudio.gui.plots.stacked_bars import StackedBars
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.colour_maps import signed_map, unit_map
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio
from embstudio.trace.points import parse

MOST_MAPS = 6
_BARS = {
    "lstm": ("kept f ⊙ c₋₁", "new i ⊙ g", "sum c"),
    "gru": ("kept z ⊙ h₋₁", "new (1−z) ⊙ n", "sum h"),
    "rnn": ("before h₋₁", "change", "now h"),
}


class MapPage(MemoryPage):
    """What a page of this panel is, and its signals, is told in `memory.page`."""

    name = "Map"
    tip = "All units over the tokens, one unit's lines, and the sum that makes its state"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self._part = ""  # the part that a click chose; the state where none was
        self._lines_of: tuple[Scene, int] | None = None  # (scene, unit) that the line plot shows
        self._build()

    # Building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self.theme
        self.table_button = QToolButton()
        self.table_button.setObjectName("MemoryTable")
        self.table_button.setText("&Numbers")
        self.table_button.setToolTip("Show the current unit as a table instead of lines")
        self.table_button.setCheckable(True)
        self.table_button.toggled.connect(self._show_table)
        self.tools = (self.table_button,)
        self.formula = FormulaLines(theme)
        self.formula.setObjectName("MemoryFormula")
        self.formula.setAccessibleName("This step's sum")
        self.maps = [HeatMap(theme) for _ in range(MOST_MAPS)]
        self.axis = TokenAxis(theme)
        self.axis.picked.connect(self.step_picked)
        self.lines = LinePlot(theme)
        self.lines.setObjectName("UnitLines")
        self.lines.setAccessibleName("The current unit over the tokens")
        self.lines.describe_column = self._describe_column
        self.lines.hovered.connect(lambda step: self._point(self._part, step, self.spot.unit))
        self.lines.unhovered.connect(self.unpointed)
        self.lines.picked.connect(self.step_picked)
        self.table = ValueTable(theme)
        self.table.setObjectName("UnitTable")
        self.table.setAccessibleName("The current unit over the tokens, as numbers")
        self.table.picked.connect(self.step_picked)
        self.table.hide()
        self.bars = StackedBars(theme)
        self.bars.setObjectName("UnitBars")
        self.bars.setAccessibleName("What each unit keeps and adds at this token")
        self.bars.describe_unit = self._describe_unit
        self.bars.hovered.connect(self._on_bar_hovered)
        self.bars.unhovered.connect(self.unpointed)
        self.bars.picked.connect(self.unit_picked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.formula)
        for place, heat_map in enumerate(self.maps):
            heat_map.setObjectName(f"GateMap{place}")
            heat_map.hovered.connect(partial(self._on_hovered, place))
            heat_map.unhovered.connect(self.unpointed)
            heat_map.picked.connect(partial(self._on_picked, place))
            column.addWidget(heat_map, 4)
        column.addWidget(self.axis)
        column.addWidget(self.lines, 12)
        column.addWidget(self.table, 12)
        column.addSpacing(4)
        column.addWidget(self.bars, 7)

    def restyle(self) -> None:
        for heat_map in self.maps:
            heat_map.redraw()
        self.lines.redraw()
        self.table.restyle()
        self.formula.restyle()

    # What is shown -----------------------------------------------------------------------------------------------

    def set_scene(self, scene: Scene) -> None:
        super().set_scene(scene)
        cell = scene.cell
        self._lines_of = None
        if self._part not in cell.parts:
            self._part = cell.state if cell.state in cell.parts else cell.parts[-1]
        gutter = self._gutter(scene)
        for place, heat_map in enumerate(self.maps):
            heat_map.setVisible(place < len(cell.parts))
        for heat_map, part in zip(self.maps, cell.parts, strict=False):
            self._fill(heat_map, scene, part, gutter)
        self.axis.set_labels(scene.labels, gutter)
        self.lines.backwards = cell.backwards
        self.lines.set_gutter(gutter)
        self.bars.setVisible(scene.flow is not None)
        self.bars.set_legend(_BARS[cell.kind], (cell.state, "n" if cell.kind == "rnn" else "g", ""), gutter)

    def show_spot(self, spot: Spot) -> None:
        super().show_spot(spot)
        scene = self.scene
        assert scene is not None
        for heat_map in self.maps[: len(scene.cell.parts)]:
            heat_map.set_place(spot.unit, spot.step)
        self.axis.set_column(spot.step)
        self._show_lines(scene, spot.unit)
        self.lines.set_column(spot.step)
        if self.table_button.isChecked():
            self.table.set_row(spot.step)
        if scene.flow is not None:
            kept, new = scene.flow.kept[spot.step], scene.flow.new[spot.step]
            self.bars.set_parts(kept, new, scene.flow.limit, f"all units at ‘{scene.labels[spot.step]}’")
            self.bars.set_unit(spot.unit)
        self.formula.set_lines(step_sum(scene.trace, scene.cell, spot.step, spot.unit))

    def _fill(self, heat_map: HeatMap, scene: Scene, part: str, gutter: int) -> None:
        point = scene.cell.point(part)
        values = scene.values(part).T
        heat_map.describe = partial(self._describe, part)
        heat_map.backwards = scene.cell.backwards
        heat_map.set_gutter(gutter)
        kind = parse(point).kind
        heat_map.set_title(part, word(point), part, f"{kind.meaning}\n{kind.formula}")
        if kind.scale == "unit":
            heat_map.set_values(values, unit_map(self.theme.colours, self.theme.colours.role(part)), 0.0, 1.0)
        else:
            limit = symmetric_limit(values)
            heat_map.set_values(values, signed_map(self.theme.colours), -limit, limit)

    def _gutter(self, scene: Scene) -> int:
        """Room for the longest title, but never more than a third of a narrow panel."""
        metrics = QFontMetrics(self.theme.font())
        cell = scene.cell
        longest = max(metrics.horizontalAdvance(word(cell.point(part))) for part in cell.parts)
        symbol = QFontMetrics(self.theme.mono()).horizontalAdvance("mm")
        return min(max(longest, metrics.horizontalAdvance("update gate xx")) + symbol + 28, max(120, self.width() // 3))

    def _show_lines(self, scene: Scene, unit: int) -> None:
        if self._lines_of != (scene, unit):
            self._lines_of = (scene, unit)
            lines = [Line(part, part, scene.values(part)[:, unit]) for part in scene.cell.parts]
            self.lines.set_lines(lines)
            self.table.lines.set_lines(scene.labels, lines)

    # Words -------------------------------------------------------------------------------------------------------

    def _describe(self, part: str, unit: int, step: int) -> str:
        """The tooltip of a cell: "forget gate, unit 17 at ‘won’: 0.9731 → keeps 97.3 % of its memory"."""
        scene = self.scene
        if scene is None:
            return ""
        point, value = scene.cell.point(part), float(scene.values(part)[step, unit])
        text = f"{word(point)}, unit {unit} at ‘{scene.labels[step]}’: {four(value)}"
        means = saying(point, value)
        return f"{text} → {means}" if means else text

    def _describe_column(self, step: int) -> str:
        label = self.scene.labels[step] if self.scene is not None else ""
        return f"unit {self.spot.unit} at ‘{label}’\n{self.lines.values_text(step)}"

    def _describe_unit(self, unit: int) -> str:
        scene, step = self.scene, self.spot.step
        if scene is None or scene.flow is None:
            return ""
        kept, new = float(scene.flow.kept[step, unit]), float(scene.flow.new[step, unit])
        names = _BARS[scene.cell.kind]
        return f"unit {unit} at ‘{scene.labels[step]}’: {names[0]} {four(kept)}, {names[1]} {four(new)}, " \
               f"{names[2]} {four(kept + new)}"  # fmt: skip

    def telling(self) -> str:
        """The step in words: what the gates of the current unit do at this token."""
        scene = self.scene
        assert scene is not None
        step, unit = self.spot.step, self.spot.unit
        means = [saying(scene.cell.point(part), float(scene.values(part)[step, unit])) for part in scene.cell.parts]
        order = sorted(filter(None, means), key=lambda text: not text.startswith("keeps"))
        at = f"at ‘{scene.labels[step]}’"
        return f"{at} it " + ", ".join(order) if order else at

    @property
    def probe(self) -> Probe | None:
        if self.scene is None:
            return None
        return Probe(self.scene.cell.point(self._part), (self.spot.step, self.spot.unit))

    # What the person does ----------------------------------------------------------------------------------------

    def _point(self, part: str, step: int, unit: int) -> None:
        if self.scene is not None:
            self.pointed.emit(Probe(self.scene.cell.point(part), (step, unit)))

    def _on_hovered(self, place: int, unit: int, step: int) -> None:
        if self.scene is not None:
            self._point(self.scene.cell.parts[place], step, unit)

    def _on_picked(self, place: int, unit: int, step: int) -> None:
        if self.scene is not None:
            self._part = self.scene.cell.parts[place]
            self.cell_picked.emit(step, unit)
            self.unpointed.emit()

    def _on_bar_hovered(self, unit: int) -> None:
        if self.scene is not None:
            self._point(self.scene.cell.state, self.spot.step, unit)

    def _show_table(self, wanted: bool) -> None:
        self.table.setVisible(wanted)
        self.lines.setVisible(not wanted)
        if wanted and self.scene is not None:
            self.table.set_row(self.spot.step)
