"""The Map page: maps of all units over the tokens, one unit's story and lines, its sum, and all units' sums."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.gate_words import saying, word
from embstudio.gui.panels.memory import sorting
from embstudio.gui.panels.memory.hold_editor import HoldEditor
from embstudio.gui.panels.memory.hold_menu import HoldMenu
from embstudio.gui.panels.memory.map_stack import MapStack, of_rows
from embstudio.gui.panels.memory.map_tools import (
    BOTH,
    READING,
    TEXT,
    SortChoice,
    ZoomChoice,
    hold_button,
    order_box,
    table_button,
)
from embstudio.gui.panels.memory.page import MemoryPage
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.panels.memory.sorting import Sort, order_of
from embstudio.gui.panels.memory.unit_view import UnitView
from embstudio.gui.panels.step_sum import step_sum
from embstudio.gui.plots.formula_lines import FormulaLines
from embstudio.gui.plots.stacked_bars import StackedBars
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.output_score import OutputScore
from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_flow import RecurrentCell
from embstudio.stepper.unit_order import UnitOrder
from embstudio.studio import Studio

_BARS = {
    "lstm": ("kept f ⊙ c₋₁", "new i ⊙ g", "sum c"),
    "gru": ("kept z ⊙ h₋₁", "new (1−z) ⊙ n", "sum h"),
    "rnn": ("before h₋₁", "change", "now h"),
}


class MapPage(MemoryPage):
    """What a page of this panel is, and its signals, is told in `memory.page`."""

    name = "Map"
    tip = "All units over the tokens, one unit's story, and the sum that makes its state"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.sort = Sort()
        self.order = UnitOrder.of_model(0)
        self._part = ""  # the part that a click chose; the state where none was
        self.sort_choice = SortChoice()
        self.sort_choice.chosen.connect(self._on_sort)
        self.columns_choice = order_box()
        self.columns_choice.activated.connect(self._on_columns)
        self.zoom_choice = ZoomChoice()
        self.table_button = table_button()
        self.hold_button = hold_button()
        self.hold_button.clicked.connect(self._open_editor)
        self.tools = (self.sort_choice, self.columns_choice, self.zoom_choice, self.table_button, self.hold_button)
        self._build()
        self.restyle()

    # Building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self.theme
        self.formula = FormulaLines(theme)
        self.formula.setObjectName("MemoryFormula")
        self.formula.setAccessibleName("This step's sum")
        self.rows_label, self.reading_label = ElidedLabel(), ElidedLabel()
        for label, name in ((self.rows_label, "MemoryRows"), (self.reading_label, "MemoryReading")):
            label.setObjectName(name)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            label.setContentsMargins(8, 0, 8, 0)
        self.stack = MapStack(theme, "GateMap")
        self.other = MapStack(theme, "OtherMap")
        self.other.hide()
        self.maps, self.axis = self.stack.maps, self.stack.axis
        for stack in (self.stack, self.other):
            stack.unhovered.connect(self.unpointed)
            stack.step_picked.connect(self.step_picked)
            stack.menu_wanted.connect(partial(self._show_menu, stack))
        self.editor = HoldEditor()
        self.editor.asked.connect(self.studio.holds.add)
        self.stack.hovered.connect(lambda part, step, unit: self._point(self.scene, part, step, unit))
        self.other.hovered.connect(lambda part, step, unit: self._point(self.other.scene, part, step, unit))
        self.stack.picked.connect(self._on_picked)
        self.other.picked.connect(self._on_other)
        self.stack.sight_changed.connect(self._on_sight)
        self.zoom_choice.zoomed.connect(lambda factor, rows: self.stack.zoom(factor, rows=rows))
        self.unit = UnitView(theme)
        self.lines, self.table, self.story = self.unit.lines, self.unit.table, self.unit.story
        self.table_button.toggled.connect(self.unit.show_table)
        self.unit.hovered.connect(lambda step: self._point(self.scene, self._part, step, self.spot.unit))
        self.unit.unhovered.connect(self.unpointed)
        self.unit.step_picked.connect(self.step_picked)
        self.bars = StackedBars(theme)
        self.bars.setObjectName("UnitBars")
        self.bars.setAccessibleName("What each unit keeps and adds at this token, units in the order of the rows")
        self.bars.describe_unit = self._describe_bar
        self.bars.hovered.connect(self._on_bar_hovered)
        self.bars.unhovered.connect(self.unpointed)
        self.bars.picked.connect(lambda row: self.unit_picked.emit(int(self.order.units[row])))
        self._across = QHBoxLayout()
        self._across.setSpacing(8)
        self._across.addWidget(self.stack, 1)
        self._across.addWidget(self.other, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.editor, self.formula, self.reading_label, self.rows_label):
            column.addWidget(widget)
        column.addLayout(self._across, 24)
        column.addWidget(self.unit, 12)
        column.addSpacing(4)
        column.addWidget(self.bars, 7)

    def restyle(self) -> None:
        for label in (self.rows_label, self.reading_label):
            label.setFont(self.theme.font("small"))
        self.stack.restyle()
        self.other.restyle()
        self.unit.restyle()
        self.formula.restyle()

    # What is shown -----------------------------------------------------------------------------------------------

    def set_scene(self, scene: Scene) -> None:
        super().set_scene(scene)
        cell = scene.cell
        if self._part not in cell.parts:
            self._part = scene.state
        self.columns_choice.setVisible(self._offers_columns)
        self.columns_choice.model().item(BOTH).setEnabled(scene.twin is not None)  # type: ignore[attr-defined]
        if self.columns == BOTH and scene.twin is None:
            self.columns_choice.setCurrentIndex(TEXT)
        self.sort = self.sort_choice.set_scene(scene, self._named, self.sort)
        self.order = order_of(scene, self.sort)
        gutter = self._gutter(scene)
        turned = cell.backwards and self.columns == READING
        self._fill_stacks(scene, gutter, turned=turned)
        self.unit.set_scene(scene, gutter, turned=turned, own_axis=self.columns == BOTH)
        self.unit.set_sight(self.stack.sight[1])
        self.bars.setVisible(scene.flow is not None)
        self.bars.set_legend(_BARS[cell.kind], (cell.state, "n" if cell.kind == "rnn" else "g", ""), gutter)

    def _fill_stacks(self, scene: Scene, gutter: int, *, turned: bool) -> None:
        """Both directions side by side, forward on the left; else only the current one."""
        both = self.columns == BOTH and scene.twin is not None
        self.stack.set_scene(scene, self.order, turned=turned, gutter=gutter)
        self.other.setVisible(both)
        self.stack.heading.setVisible(both)
        self.other.heading.setVisible(both)
        self.reading_label.setVisible(self._offers_columns and not both)
        if both and scene.twin is not None:
            twin = scene.of(scene.twin)
            self.other.set_scene(twin, order_of(twin, self.sort), turned=False, gutter=gutter)
            forward = self.other if scene.cell.backwards else self.stack
            self._across.removeWidget(forward)
            self._across.insertWidget(0, forward, 1)

    def show_spot(self, spot: Spot) -> None:
        super().show_spot(spot)
        scene = self.scene
        assert scene is not None
        self.stack.set_spot(spot)
        if not self.other.isHidden() and self.other.scene is not None:
            self.other.set_spot(spot, current=False)
            for stack in (self.stack, self.other):
                assert stack.scene is not None
                stack.heading.setText(f"{stack.scene.cell.direction} {stack.scene.reading(spot.step)}")
        self.reading_label.setText(scene.reading(spot.step))
        rows = sorting.telling(scene, self.sort, self._named, spot.unit)
        self.rows_label.setText(rows)
        self.rows_label.setVisible(bool(rows))
        self.unit.set_baseline(self.studio.holds.baseline)
        self.unit.show_spot(spot)
        if not self.editor.isHidden():
            self.editor.set_spot(scene, spot)
        if scene.flow is not None:
            kept, new = (of_rows(values[spot.step], self.order) for values in (scene.flow.kept, scene.flow.new))
            self.bars.set_parts(kept, new, scene.flow.limit, f"all units at ‘{scene.labels[spot.step]}’")
            self.bars.set_unit(int(self.order.rows[spot.unit]))
        self.formula.set_lines(step_sum(self.studio, scene.trace, scene.cell, spot.step, spot.unit))

    @property
    def columns(self) -> int:
        """In which order the columns stand: TEXT, READING or BOTH."""
        return self.columns_choice.currentIndex() if self._offers_columns else TEXT

    @property
    def _offers_columns(self) -> bool:
        return self.scene is not None and (self.scene.cell.backwards or self.scene.twin is not None)

    def _gutter(self, scene: Scene) -> int:
        """Room for the longest title, but never more than a third of a narrow panel."""
        metrics = QFontMetrics(self.theme.font())
        cell = scene.cell
        longest = max(metrics.horizontalAdvance(word(cell.point(part))) for part in cell.parts)
        mono = QFontMetrics(self.theme.mono()).horizontalAdvance("m ")
        scale = QFontMetrics(self.theme.mono("small")).horizontalAdvance("±0.97")
        wide = self.width() // (2 if self.columns == BOTH else 1)
        return min(longest + mono + scale + 28, max(120, wide // 3))

    # Words -------------------------------------------------------------------------------------------------------

    def _named(self, score: OutputScore) -> str:
        """What a class or a word is called."""
        document = self.studio.document
        if document is None:
            return str(score.entry)
        known = document.labels if score.axis == "class" else document.vocabulary
        kind = "class" if score.axis == "class" else "word"
        return visible_text(known[score.entry]) if score.entry < len(known) else f"{kind} {score.entry}"

    def _describe_bar(self, row: int) -> str:
        scene, step = self.scene, self.spot.step
        if scene is None or scene.flow is None:
            return ""
        unit = int(self.order.units[row])
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
        if scene.cell.kind == "rnn" and scene.flow is not None:
            new, before = float(scene.flow.new[step, unit]), float(scene.flow.kept[step, unit])
            return f"{at} it goes from {four(before)} to {four(before + new)}"
        return f"{at} it " + ", ".join(order) if order else at

    @property
    def probe(self) -> Probe | None:
        if self.scene is None:
            return None
        return Probe(self.scene.cell.point(self._part), (self.spot.step, self.spot.unit))

    # What the person does ----------------------------------------------------------------------------------------

    def _point(self, scene: Scene | None, part: str, step: int, unit: int) -> None:
        if scene is not None:
            self.pointed.emit(Probe(scene.cell.point(part), (step, unit)))

    def _on_picked(self, part: str, step: int, unit: int) -> None:
        self._part = part
        self.cell_picked.emit(step, unit)
        self.unpointed.emit()

    def _on_other(self, part: str, step: int, unit: int) -> None:
        """A cell of the other direction, which becomes the current one."""
        if self.other.scene is not None:
            self._part = part
            cell: RecurrentCell = self.other.scene.cell
            self.way_picked.emit(cell)
            self.cell_picked.emit(step, unit)
            self.unpointed.emit()

    def _open_editor(self) -> None:
        if self.scene is None:
            return
        gate = {"lstm": "f", "gru": "z"}.get(self.scene.cell.kind, "")  # what a person wants first, if nothing else
        part = gate if self._part == self.scene.state and gate in self.scene.cell.parts else self._part
        self.editor.open(self.scene, self.spot, part)

    def _show_menu(self, stack: MapStack, part: str, step: int, unit: int, at: QPoint) -> None:
        """What can be held at a cell."""
        if stack.scene is None:
            return
        menu = HoldMenu(stack.scene, part, step, unit, self)
        menu.asked.connect(self.studio.holds.add)
        stack.picked.emit(part, step, unit)
        menu.more_wanted.connect(self._open_editor)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _on_bar_hovered(self, row: int) -> None:
        if self.scene is not None:
            self._point(self.scene, self.scene.state, self.spot.step, int(self.order.units[row]))

    def _on_sort(self) -> None:
        self.sort = self.sort_choice.sort.here(self.spot.step)
        self._again()

    def _on_columns(self) -> None:
        self._again()

    def _on_sight(self) -> None:
        self.unit.set_sight(self.stack.sight[1])

    def _again(self) -> None:
        """Show the same scene in another way."""
        if self.scene is not None:
            self.set_scene(self.scene)
            self.changed.emit()
