"""The keyboard on a scatter: nothing is only for the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolTip

from embstudio.gui.plots.scatter.hand import How

if TYPE_CHECKING:
    from embstudio.gui.plots.scatter.scatter import Scatter

FAR = 60.0  # pixels an arrow moves the view
TURN = 0.12  # radians it turns a cloud
_ZOOM = 1.5
_AROUND = (30.0, 90.0, 270.0, 810.0, 2430.0)  # pixels within which the next point is looked for, one after the other
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0), Qt.Key.Key_Right: (1.0, 0.0), Qt.Key.Key_Up: (0.0, -1.0), Qt.Key.Key_Down: (0.0, 1.0),
}  # fmt: skip


def press_key(scatter: Scatter, event: QKeyEvent) -> bool:
    """Do what a key stands for; whether it stands for anything.

    Arrows move the view, or turn a cloud (with Shift they always move); with Ctrl they go from point to point, Enter
    clicks the one they stand on, Space selects or deselects it. + and − zoom, 0 brings all into sight, Escape gives up
    a lasso or the selection.
    """
    key, modifiers = Qt.Key(event.key()), event.modifiers()
    if key in _ARROWS:
        right, down = _ARROWS[key]
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            _step(scatter, right, down)
        elif scatter.is_cloud and not modifiers & Qt.KeyboardModifier.ShiftModifier:
            scatter.turn_by(TURN * right, TURN * down)
        else:
            scatter.pan(-FAR * right, -FAR * down)
    elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
        scatter.zoom(_ZOOM)
    elif key == Qt.Key.Key_Minus:
        scatter.zoom(1 / _ZOOM)
    elif key == Qt.Key.Key_0:
        scatter.fit()
    elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and scatter.hovered_row is not None:
        scatter.clicked.emit(scatter.hovered_row)
    elif key == Qt.Key.Key_Space and scatter.hovered_row is not None:
        scatter.toggle(scatter.hovered_row)
    elif key == Qt.Key.Key_Escape and (scatter.hand.outline is not None or len(scatter.figure.selected)):
        if scatter.hand.give_up():
            scatter.update()
        else:
            scatter.choose(np.zeros(0, dtype=np.intp), How.REPLACE)
    else:
        return False
    return True


def wants_key(scatter: Scatter, event: QKeyEvent) -> bool:
    """Whether a key is for the scatter that has the focus although the window may have a use for it. Plain arrows are
    the window's (they step through the sentence), unless there is a cloud to turn."""
    key, controlled = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    if key in _ARROWS:
        return scatter.is_cloud or controlled
    return key == Qt.Key.Key_Space and not event.modifiers() and scatter.hovered_row is not None


def _step(scatter: Scatter, right: float, down: float) -> None:
    """Go to the nearest point on a side, within 45° of it; from nowhere, to the point nearest to the middle."""
    row = next_row(scatter, right, down)
    if row is None:
        return
    scatter.point_at(row)
    scatter.setAccessibleDescription(scatter.describe(row))
    place = scatter.on_screen(row).toPoint() + QPoint(8, 8)
    QToolTip.showText(scatter.mapToGlobal(place), scatter.describe(row), scatter, QRect())


def next_row(scatter: Scatter, right: float, down: float) -> int | None:
    """The point that an arrow goes to; only points in sight."""
    view, grid, here = scatter.view, scatter.grid, scatter.hovered_row
    if here is None:
        here = scatter.figure.emphasis.current
    if here is None or not scatter.rect().contains(scatter.on_screen(here).toPoint()):
        return grid.nearest(view.x, view.y, max(view.width, view.height) / view.zoom)
    start = scatter.figure.points.flat(np.array([here]))[0]
    window = view.window(1.0)
    for around in _AROUND:
        reach = around / view.zoom
        places = grid.places_in(
            max(window.left, start[0] - reach), max(window.bottom, start[1] - reach),
            min(window.right, start[0] + reach), min(window.top, start[1] + reach),
        )  # fmt: skip
        across, up = grid.x[places] - start[0], grid.y[places] - start[1]
        along = across * right - up * down
        beside = np.abs(across * down + up * right)
        ahead = (along > 0) & (beside <= along)
        distances = np.where(ahead, along + 2 * beside, np.inf)
        if ahead.any():
            return int(grid.rows[places[int(distances.argmin())]])
    return None
