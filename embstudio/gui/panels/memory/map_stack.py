"""Maps of all gates and states of one direction of a layer, one above the other over the same tokens."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.gate_words import saying, word
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.plots.heat_map import HeatMap, symmetric_limit
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.style.colour_maps import signed_map, unit_map
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.unit_order import UnitOrder
from embstudio.trace.points import parse

MOST_MAPS = 6


class MapStack(QWidget):
    """Rows are units in any order, columns are steps as the text stands or, turned, as the layer reads. Whatever it
    says to others is in units and steps.

    picked(part, step, unit), hovered(part, step, unit), unhovered(), step_picked(step); sight_changed(): other cells
    are in sight (`sight`). menu_wanted(part, step, unit, position): the right button or the menu key on a cell.
    """

    picked = Signal(str, int, int)
    hovered = Signal(str, int, int)
    unhovered = Signal()
    step_picked = Signal(int)
    sight_changed = Signal()
    menu_wanted = Signal(str, int, int, QPoint)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.scene: Scene | None = None
        self.order = UnitOrder.of_model(0)
        self.turned = False
        self._rows = self.order.rows
        self._alone = ""  # the part that is shown alone; empty: all
        self.heading = ElidedLabel()
        self.heading.setObjectName(f"{name}Reading")
        self.heading.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.heading.setContentsMargins(8, 0, 8, 0)
        self.heading.hide()
        self.maps = [HeatMap(theme) for _ in range(MOST_MAPS)]
        self.axis = TokenAxis(theme)
        self.axis.picked.connect(lambda column: self.step_picked.emit(self._step(column)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        for place, heat_map in enumerate(self.maps):
            heat_map.setObjectName(f"{name}{place}")
            heat_map.describe = partial(self._describe, place)
            heat_map.hovered.connect(partial(self._on_hovered, place))
            heat_map.unhovered.connect(self.unhovered)
            heat_map.picked.connect(partial(self._on_picked, place))
            heat_map.menu_wanted.connect(partial(self._on_menu, place))
            heat_map.window_changed.connect(partial(self._share_sight, heat_map))
            heat_map.alone_wanted.connect(partial(self._show_alone, place))
            column.addWidget(heat_map, 1)
        column.addWidget(self.axis)

    @property
    def shown(self) -> list[HeatMap]:
        """The maps that there are values for and that are not hidden by one that is shown alone."""
        return [heat_map for heat_map in self.maps if not heat_map.isHidden()]

    @property
    def sight(self) -> tuple[slice, slice]:
        """The rows and columns in sight."""
        return self.maps[0].in_sight()

    def set_scene(self, scene: Scene, order: UnitOrder, *, turned: bool, gutter: int) -> None:
        """Fill the maps. turned: the columns in the order in which a layer reads that reads backwards."""
        self.scene, self.order, self.turned = scene, order, turned
        self._rows = order.rows
        if self._alone not in scene.cell.parts:
            self._alone = ""
        self._show_parts()
        for heat_map, part in zip(self.maps, scene.cell.parts, strict=False):
            self._fill(heat_map, scene, part, gutter)
        self.axis.set_labels(scene.labels[::-1] if turned else scene.labels, gutter)
        self.axis.set_sight(self.sight[1])

    def _fill(self, heat_map: HeatMap, scene: Scene, part: str, gutter: int) -> None:
        point = scene.cell.point(part)
        values = scene.values(part)[:: -1 if self.turned else 1].T[self.order.units]
        heat_map.backwards = scene.cell.backwards and not self.turned
        heat_map.set_gutter(gutter)
        kind = parse(point).kind
        heat_map.set_title(part, word(point), part, f"{kind.meaning}\n{kind.formula}")
        if scene.twin is not None:
            heat_map.setAccessibleName(f"{part}, {word(point)}, {scene.cell.direction}")
        if kind.scale == "unit":
            heat_map.set_values(values, unit_map(self.theme.colours, self.theme.colours.role(part)), 0.0, 1.0)
        else:
            limit = symmetric_limit(values)
            heat_map.set_values(values, signed_map(self.theme.colours), -limit, limit)

    def set_spot(self, spot: Spot, *, current: bool = True) -> None:
        """Mark a step and, where this stack is the current one, a unit's row."""
        if self.scene is None:
            return
        row, column = int(self._rows[min(spot.unit, len(self._rows) - 1)]), self.column(spot.step)
        for heat_map in self.maps[: len(self.scene.cell.parts)]:
            heat_map.marks_row = current
            heat_map.set_place(row, column)
        self.axis.set_column(column)

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.heading.setFont(self.theme.font("small"))
        for heat_map in self.maps:
            heat_map.redraw()

    def column(self, step: int) -> int:
        """Where a step is drawn."""
        return self.scene.steps - 1 - step if self.turned and self.scene is not None else step

    def _step(self, column: int) -> int:
        return self.column(column)  # turning twice turns back

    def _unit(self, row: int) -> int:
        return int(self.order.units[row])

    # Zooming -----------------------------------------------------------------------------------------------------

    def zoom(self, factor: float, *, rows: bool) -> None:
        """Zoom all maps along one axis, around the current cell; 0 shows all along both."""
        self.maps[0].zoom(factor, rows=rows, columns=not rows)

    def _share_sight(self, changed: HeatMap) -> None:
        if self.scene is None:
            return
        there = changed.window_in_sight
        for heat_map in self.maps[: len(self.scene.cell.parts)]:
            if heat_map is not changed and heat_map.values.shape == changed.values.shape:
                heat_map.show_window(there)
        self.axis.set_sight(there.slices[1])
        self.sight_changed.emit()

    def _show_alone(self, place: int) -> None:
        if self.scene is not None:
            part = self.scene.cell.parts[place]
            self._alone = "" if self._alone == part else part
            self._show_parts()

    def _show_parts(self) -> None:
        parts = self.scene.cell.parts if self.scene is not None else ()
        for place, heat_map in enumerate(self.maps):
            heat_map.setVisible(place < len(parts) and self._alone in ("", parts[place]))

    # Words and what the person does ------------------------------------------------------------------------------

    def _describe(self, place: int, row: int, column: int) -> str:
        """The tooltip of a cell: "forget gate, unit 17 at ‘won’: 0.9731 → keeps 97.3 % of its memory"."""
        scene = self.scene
        if scene is None or not row < len(self.order.units):
            return ""
        part, step, unit = scene.cell.parts[place], self._step(column), self._unit(row)
        point, value = scene.cell.point(part), float(scene.values(part)[step, unit])
        text = f"{word(point)}, unit {unit} at ‘{scene.labels[step]}’: {four(value)}"
        means = saying(point, value)
        return f"{text} → {means}" if means else text

    def _on_hovered(self, place: int, row: int, column: int) -> None:
        if self.scene is not None:
            self.hovered.emit(self.scene.cell.parts[place], self._step(column), self._unit(row))

    def _on_picked(self, place: int, row: int, column: int) -> None:
        if self.scene is not None:
            self.picked.emit(self.scene.cell.parts[place], self._step(column), self._unit(row))

    def _on_menu(self, place: int, row: int, column: int, at: QPoint) -> None:
        if self.scene is not None:
            self.menu_wanted.emit(self.scene.cell.parts[place], self._step(column), self._unit(row), at)


def of_rows(values: np.ndarray, order: UnitOrder) -> np.ndarray:
    """Values [unit] in the order of the rows."""
    return np.asarray(values[order.units])
