"""One unit over the tokens: its story in words, and its gates and states as lines or numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.panels.memory.story_label import StoryLabel
from embstudio.gui.panels.memory.story_words import StoryWords
from embstudio.gui.plots.line_plot import Line, LinePlot
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.unit_story import unit_story
from embstudio.trace.trace import Trace


class UnitView(QWidget):
    """hovered(step), unhovered(), step_picked(step). The table has what was kept and what was new beside the lines."""

    hovered = Signal(int)
    unhovered = Signal()
    step_picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.scene: Scene | None = None
        self.spot = Spot(0, 0)
        self.turned = False
        self.baseline: Trace | None = None  # the run without what is held, to compare with
        self._told: tuple[Scene, int, bool] | None = None  # (scene, unit, turned) that the lines show
        self.story = StoryLabel(self)
        self.story.step_picked.connect(self.step_picked)
        self.lines = LinePlot(theme)
        self.lines.setObjectName("UnitLines")
        self.lines.setAccessibleName("The current unit over the tokens")
        self.lines.describe_column = self._describe
        self.lines.hovered.connect(lambda column: self.hovered.emit(self._step(column)))
        self.lines.unhovered.connect(self.unhovered)
        self.lines.picked.connect(lambda column: self.step_picked.emit(self._step(column)))
        self.axis = TokenAxis(theme)
        self.axis.picked.connect(lambda column: self.step_picked.emit(self._step(column)))
        self.axis.hide()
        self.table = ValueTable(theme)
        self.table.setObjectName("UnitTable")
        self.table.setAccessibleName("The current unit over the tokens, as numbers")
        self.table.picked.connect(self.step_picked)
        self.table.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.story)
        column.addWidget(self.lines, 1)
        column.addWidget(self.axis)
        column.addWidget(self.table, 1)

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.lines.redraw()
        self.table.restyle()

    def set_scene(self, scene: Scene, gutter: int, *, turned: bool, own_axis: bool) -> None:
        """Take another layer. turned: its columns stand as it reads, backwards. own_axis: no map stands right above."""
        self.scene, self.turned, self._told = scene, turned, None
        self.lines.backwards = scene.cell.backwards and not turned
        self.lines.set_gutter(gutter)
        self.axis.set_labels(scene.labels[::-1] if turned else scene.labels, gutter)
        self.axis.setVisible(own_axis and not self.lines.isHidden())
        self._own_axis = own_axis

    def set_baseline(self, baseline: Trace | None) -> None:
        """Take the run to compare with, or none."""
        if baseline is not self.baseline:
            self.baseline, self._told = baseline, None

    def set_sight(self, sight: slice) -> None:
        """Show these columns only."""
        self.lines.set_sight(sight)
        self.axis.set_sight(sight)

    def show_spot(self, spot: Spot) -> None:
        """Go to a step and a unit."""
        self.spot = spot
        assert self.scene is not None
        if self._told != (self.scene, spot.unit, self.turned):
            fresh = self._told is None
            self._told = (self.scene, spot.unit, self.turned)
            self._tell(self.scene, spot.unit, fresh=fresh)
        column = self._step(spot.step)
        self.lines.set_column(column)
        self.axis.set_column(column)
        if not self.table.isHidden():
            self.table.set_row(spot.step)

    def show_table(self, wanted: bool) -> None:
        """Numbers in place of lines, or back."""
        self.table.setVisible(wanted)
        self.lines.setVisible(not wanted)
        self.axis.setVisible(not wanted and self._own_axis)
        if wanted and self.scene is not None:
            self.table.set_row(self.spot.step)

    _own_axis = False

    def _tell(self, scene: Scene, unit: int, *, fresh: bool) -> None:
        found = scene.flow
        way = -1 if self.turned else 1
        values = {part: scene.values(part)[:, unit] for part in scene.cell.parts}
        self.lines.set_lines(
            [Line(part, part, each[::way]) for part, each in values.items()],
            [Line(part, part, each[::way]) for part, each in self._before(scene, unit).items()],
        )
        columns = [Line(part, part, each) for part, each in values.items()]
        if found is not None:
            columns += [Line("kept", "", found.kept[:, unit]), Line("new", "", found.new[:, unit])]
            story = unit_story(scene.trace, scene.cell, found, unit)
            self.story.tell(StoryWords(scene, story, self.theme.colours.accent).html(), fresh=fresh)
        self.story.setVisible(found is not None)
        self.table.lines.set_lines(scene.labels, columns)

    def _before(self, scene: Scene, unit: int) -> dict[str, np.ndarray]:
        """The parts that are others in the run to compare with, as they are there."""
        if self.baseline is None:
            return {}
        points = {part: scene.cell.point(part) for part in scene.cell.parts}
        there = {part: self.baseline[point].values for part, point in points.items() if point in self.baseline}
        same = {part: each[:, unit] for part, each in there.items() if each.shape == scene.values(part).shape}
        return {part: each for part, each in same.items() if not np.array_equal(each, scene.values(part)[:, unit])}

    def _step(self, column: int) -> int:
        return self.scene.steps - 1 - column if self.turned and self.scene is not None else column

    def _describe(self, column: int) -> str:
        label = self.scene.labels[self._step(column)] if self.scene is not None else ""
        before = ", ".join(f"{line.symbol} {four(float(line.values[column]))}" for line in self.lines.before)
        compared = f"\nwithout what is held: {before}" if before else ""
        return f"unit {self.spot.unit} at ‘{label}’\n{self.lines.values_text(column)}{compared}"
