"""The Crowding page: how old what is in the memory is, what is left of one token's writing, how fast units forget."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.memory.page import MemoryPage
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.panels.memory.source_choice import SourceBox, SourceChoice
from embstudio.gui.panels.memory.units_page import NO_SUM, TOO_FEW, shares_of
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.half_life_bars import HalfLifeBars, life
from embstudio.gui.plots.line_plot import Line, LinePlot
from embstudio.gui.plots.stacked_areas import StackedAreas
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.crowding import Bands, bands, constant, half_lives, left_of
from embstudio.stepper.memory_shares import MemoryShares
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio

NOTED = 0.8  # the forget gate of the reading notes
RECENT = 2  # bands that are recent: the last five tokens


class CrowdingPage(MemoryPage):
    """Areas: the memory after each token by the age of what is in it. Lines: what is left of one token's writing, in
    the current unit and in all, beside a gate that is always the same. Bars: units by their half-life."""

    name = "Crowding"
    tip = "How much of the memory is overwritten as the text grows, and how fast units forget"

    def __init__(self, studio: Studio, theme: Theme, source: SourceChoice, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.source = source
        self.shares: MemoryShares | None = None
        self.bands = Bands((), np.zeros((0, 0)))
        self._drawn: tuple[object, ...] = ()  # what the lines are of
        self._left = np.zeros(0)  # of all that the source wrote, after each token
        source.changed.connect(self.changed)
        self._build_tools(source)
        self._build_plots(theme)
        self.empty = EmptyState(NO_SUM)
        self.empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget, share in ((self.areas, 4), (self.axis, 0), (self.lines, 4), (self.table, 8), (self.lives, 3)):
            column.addWidget(widget, share)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(ScrollBody(body, "CrowdingScroll"))
        self._stack.addWidget(self.empty)

    def _build_tools(self, source: SourceChoice) -> None:
        self.source_box = SourceBox(source, "CrowdingSource")
        self.constant = QDoubleSpinBox()
        self.constant.setObjectName("CrowdingConstant")
        self.constant.setAccessibleName("A gate that is always the same")
        self.constant.setToolTip(
            "Beside the model's own gates: what would be left if every gate let through this much at every token, as a "
            "dashed line (the reading notes have 0.80)"
        )
        self.constant.setRange(0.0, 1.0)
        self.constant.setSingleStep(0.01)
        self.constant.setValue(NOTED)
        self.constant.valueChanged.connect(lambda _value: self.changed.emit())
        label = QLabel("&fixed gate")
        label.setBuddy(self.constant)
        self.numbers = QToolButton()
        self.numbers.setObjectName("CrowdingNumbers")
        self.numbers.setText("&Numbers")
        self.numbers.setCheckable(True)
        self.numbers.setToolTip("Show areas and lines as a table")
        self.numbers.toggled.connect(self._show_table)
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.source_box, label, self.constant, self.numbers):
            row.addWidget(widget)
        self.tools = (tools,)

    def _build_plots(self, theme: Theme) -> None:
        self.areas = StackedAreas(theme)
        self.areas.setObjectName("CrowdingAreas")
        self.areas.setAccessibleName("The memory by how long ago it was written")
        self.areas.describe_column = self._describe_bands
        self.axis = TokenAxis(theme)
        self.lines = LinePlot(theme)
        self.lines.setObjectName("CrowdingLines")
        self.lines.setAccessibleName("What is left of the chosen token's writing")
        self.lines.describe_column = self._describe_left
        self.table = ValueTable(theme)
        self.table.setObjectName("CrowdingTable")
        self.table.setAccessibleName("Ages of the memory and what is left, as numbers")
        self.table.hide()
        for plot in (self.areas, self.lines, self.axis, self.table):
            plot.picked.connect(self.step_picked)
        self.lives = HalfLifeBars(theme)
        self.lives.setObjectName("CrowdingLives")
        self.lives.setAccessibleName("Units by their half-life")
        self.lives.picked.connect(self._next_in_bar)

    def restyle(self) -> None:
        self.areas.redraw()
        self.lines.redraw()
        self.lives.update()
        self.table.restyle()

    # What is shown -----------------------------------------------------------------------------------------------

    def set_scene(self, scene: Scene) -> None:
        super().set_scene(scene)
        self.shares = shares = shares_of(scene)
        self._drawn = ()
        self.empty.setText(NO_SUM if scene.cell.kind == "rnn" else TOO_FEW)
        self._stack.setCurrentIndex(0 if shares is not None else 1)
        for tool in self.tools:
            tool.setEnabled(shares is not None)
        if shares is None:
            self.source_box.show_choice(None)
            return
        if Bands not in scene.kept:
            scene.kept[Bands] = bands(shares)
        found = scene.kept[Bands]
        assert isinstance(found, Bands)
        self.bands = found
        gutter = self._gutter()
        self.areas.backwards = self.lines.backwards = scene.cell.backwards
        self.areas.set_bands(found.names, found.shares, scene.cell.state, gutter)
        self.axis.set_labels(scene.labels, gutter)
        self.lines.set_gutter(gutter)
        self.lives.set_lives(half_lives(shares), gutter)

    def show_spot(self, spot: Spot) -> None:
        super().show_spot(spot)
        scene, shares = self.scene, self.shares
        assert scene is not None
        if shares is None:
            return
        self.source.settle(scene, shares, spot.step)
        self.source_box.show_choice(scene)
        self._show_lines(scene, shares, spot.unit)
        self.areas.set_column(spot.step)
        self.axis.set_column(spot.step)
        self.lines.set_column(spot.step)
        self.lives.set_place(spot.unit, self.constant.value())
        if self.numbers.isChecked():
            self.table.set_row(spot.step)

    def _show_lines(self, scene: Scene, shares: MemoryShares, unit: int) -> None:
        source, keep = self.source.step, self.constant.value()
        drawn = (scene, source, unit, keep)
        if drawn == self._drawn:
            return
        if drawn[:2] != self._drawn[:2]:
            self._left = left_of(shares, source)
        self._drawn = drawn
        own = shares.left(source, slice(unit, unit + 1))[:, 0]
        ages = np.array([shares.step(step) - shares.step(source) for step in range(scene.steps)])
        steady = np.where(ages < 0, np.nan, constant(keep, scene.steps)[np.maximum(ages, 0)])
        lines = [
            Line(f"unit {unit}", "f", own),
            Line(f"{keep:.2f}ᵏ", "", steady),
            Line("all units", scene.cell.state, self._left),
        ]
        self.lines.set_lines(lines)
        by_age = [Line(name, "", self.bands.shares[:, band]) for band, name in enumerate(self.bands.names)]
        self.table.lines.set_lines(scene.labels, [*by_age, *lines])

    def _gutter(self) -> int:
        metrics = QFontMetrics(self.theme.font("small"))
        wide = max(metrics.horizontalAdvance("last 6–20"), metrics.horizontalAdvance("mm all units"))
        return min(wide + round(60 * self.theme.scale), max(130, self.width() // 3))

    @property
    def probe(self) -> Probe | None:
        scene = self.scene
        return None if scene is None else Probe(scene.cell.point(scene.state), (self.spot.step, self.spot.unit))

    # Words -------------------------------------------------------------------------------------------------------

    def telling(self) -> str:
        scene, shares = self.scene, self.shares
        if scene is None or shares is None:
            return ""
        source, now = self.source.step, self.spot.step
        word, here = f"‘{scene.labels[source]}’", f"‘{scene.labels[now]}’"
        recent = float(self.bands.shares[now, :RECENT].sum())
        age = f"{percent(recent)} of the memory is from the last 5 tokens"
        if not shares.read(source, now):
            return f"{age}; {word} has not been read yet at {here}"
        left = float(self._left[now])
        if np.isnan(left):
            return f"{age}; {word} wrote nothing"
        keep, steps = self.constant.value(), shares.step(now) - shares.step(source)
        return (
            f"of what {word} wrote, {percent(left)} is left at {here} (always {keep:.2f} would leave "
            f"{percent(keep**steps)}); {age}"
        )

    def _describe_bands(self, step: int) -> str:
        label = self.scene.labels[step] if self.scene is not None else ""
        return f"the memory after ‘{label}’, by how long ago it was written\n{self.areas.values_text(step)}"

    def _describe_left(self, step: int) -> str:
        scene, shares = self.scene, self.shares
        if scene is None or shares is None:
            return ""
        word, here = scene.labels[self.source.step], scene.labels[step]
        if not shares.read(self.source.step, step):
            return f"‘{word}’ has not been read yet at ‘{here}’"
        unit, own, steady, whole = self.spot.unit, *(float(line.values[step]) for line in self.lines.lines)
        return (
            f"left of what ‘{word}’ wrote, at ‘{here}’\nunit {unit}: {four(own)} (half-life "
            f"{life(float(self.lives.lives[unit]))} tokens)\nall units: {four(whole)}\n"
            f"always {self.constant.value():.2f}: {four(steady)}"
        )

    # What the person does ----------------------------------------------------------------------------------------

    def _show_table(self, wanted: bool) -> None:
        self.table.setVisible(wanted)
        self.areas.setVisible(not wanted)
        self.lines.setVisible(not wanted)
        self.axis.setVisible(not wanted)
        if wanted and self.scene is not None and self.shares is not None:
            self.table.set_row(self.spot.step)

    def _next_in_bar(self, bar: int) -> None:
        """To the next unit of a bar, the longest-lived first."""
        units = self.lives.units_in(bar).tolist()
        if units:
            at = units.index(self.spot.unit) + 1 if self.spot.unit in units else 0
            self.unit_picked.emit(units[at % len(units)])
