"""Zooming into one head: wheel, keys, dragging, buttons and scroll bars, and what the picture shows then."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QScrollBar, QToolButton
from pytestqt.qtbot import QtBot

from embstudio.formulas.block_maximum import fit, fit_weights, weight_limit
from embstudio.gui.plots.head_map import HeadMap
from embstudio.gui.plots.zoom_frame import ZoomFrame
from embstudio.gui.style.colour_maps import unit_map
from embstudio.gui.style.theme import Theme

pytestmark = pytest.mark.usefixtures("silent")

COUNT = 300


@pytest.fixture
def weights() -> np.ndarray:
    """[query, key], NaN above the diagonal, one weight of 1."""
    values = np.random.default_rng(2).random((COUNT, COUNT), dtype=np.float32) * 0.3
    values[np.triu_indices(COUNT, 1)] = np.nan
    values[211, 93] = 1
    return values


@pytest.fixture
def frame(theme: Theme, show: Callable, weights: np.ndarray) -> ZoomFrame:
    grid = HeadMap(theme)
    labels = [f"w{place}" for place in range(COUNT)]
    grid.set_labels(labels, labels)
    grid.set_values(weights, unit_map(theme.colours, theme.colours.attention), 0.0, 1.0)
    frame = ZoomFrame(grid)
    show(frame, 460, 380)
    return frame


@pytest.fixture
def grid(frame: ZoomFrame) -> HeadMap:
    assert isinstance(frame.grid, HeadMap)
    return frame.grid


def wheel(grid: HeadMap, at: QPointF, turn: int, modifiers: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        at, QPointF(grid.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(grid, event)


def test_the_wheel_zooms_at_the_pointer(grid: HeadMap) -> None:
    at = grid.cell_rect(211, 93).center()
    for _ in range(12):
        wheel(grid, at, 120, Qt.KeyboardModifier.NoModifier)
    window = grid.window_in_sight
    assert window.zoomed
    assert window.rows < 30
    under = grid.cell_at(at)
    assert under is not None
    assert abs(under[0] - 211) <= 2
    assert abs(under[1] - 93) <= 2
    for _ in range(20):
        wheel(grid, at, -120, Qt.KeyboardModifier.NoModifier)
    assert not grid.window_in_sight.zoomed


def test_zoomed_cells_are_painted_where_they_are_said_to_be(
    grid: HeadMap, theme: Theme, pixel: Callable, weights: np.ndarray
) -> None:
    grid.set_place(211, 93)
    grid.zoom(0.02)
    table = unit_map(theme.colours, theme.colours.attention)
    rows, columns = grid.in_sight()
    assert rows.start <= 211 < rows.stop
    for row in range(rows.start, rows.stop):
        for column in range(columns.start, columns.stop):
            cell = grid.cell_rect(row, column)
            at = QPointF(cell.left() + 6, cell.top() + 6)  # beside the marks and the number
            assert grid.cell_at(at) == (row, column)
            assert pixel(grid, at) == tuple(table[int(weights[row, column] * 255 + 0.5)][:3])
    assert grid.shows_numbers
    assert f"from {rows.start + 1}–{rows.stop} of {COUNT}" in grid.note


def test_keys_zoom_at_the_current_cell_and_arrows_keep_it_in_sight(qtbot: QtBot, grid: HeadMap) -> None:
    grid.picked.connect(grid.set_place)
    grid.set_place(100, 50)
    grid.setFocus()
    for _ in range(8):
        qtbot.keyClick(grid, Qt.Key.Key_Plus)
    assert grid.window_in_sight.rows < 80
    for _ in range(90):
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        rows, columns = grid.in_sight()
        assert rows.start <= grid.row < rows.stop
        assert columns.start <= grid.column < columns.stop
    assert grid.row == 190
    qtbot.keyClick(grid, Qt.Key.Key_Minus)
    assert grid.window_in_sight.zoomed
    qtbot.keyClick(grid, Qt.Key.Key_0)
    assert not grid.window_in_sight.zoomed


def test_dragging_moves_a_click_picks_and_a_double_click_shows_all(qtbot: QtBot, grid: HeadMap) -> None:
    picked: list[tuple[int, int]] = []
    grid.picked.connect(lambda row, column: picked.append((row, column)))
    grid.set_place(150, 100)
    grid.zoom(0.1)
    before = grid.window_in_sight
    start = grid.cell_rect(150, 100).center().toPoint()
    way = QPoint(-round(5 * grid.columns.pitch), -round(3 * grid.rows.pitch))
    qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 1.0):
        qtbot.mouseMove(grid, start + way * share)
    qtbot.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=start + way)
    assert grid.window_in_sight == before.moved(3, 5)
    assert picked == []
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_rect(152, 103).center().toPoint())
    assert picked == [(152, 103)]
    qtbot.mouseDClick(grid, Qt.MouseButton.LeftButton, pos=start)
    assert not grid.window_in_sight.zoomed


def test_buttons_and_scroll_bars(qtbot: QtBot, frame: ZoomFrame, grid: HeadMap) -> None:
    bars = frame.findChildren(QScrollBar)
    assert not any(bar.isVisible() for bar in bars)
    for name in ("ZoomIn", "ZoomIn", "ZoomOut", "ZoomIn"):
        qtbot.mouseClick(frame.findChild(QToolButton, name), Qt.MouseButton.LeftButton)
    assert grid.window_in_sight.rows == 192
    assert all(bar.isVisible() for bar in bars)
    down = next(bar for bar in bars if bar.orientation() == Qt.Orientation.Vertical)
    down.setValue(down.maximum())
    assert grid.in_sight()[0] == slice(COUNT - 192, COUNT)
    qtbot.mouseClick(frame.findChild(QToolButton, "ZoomAll"), Qt.MouseButton.LeftButton)
    assert not any(bar.isVisible() for bar in bars)
    for button in frame.findChildren(QToolButton):
        assert button.accessibleName()
        assert button.toolTip()


def test_all_in_sight_a_single_weight_survives_and_it_is_said(grid: HeadMap, theme: Theme, pixel: Callable) -> None:
    grid.resize(220, 200)
    assert grid.shared
    assert "the strongest of its cells" in grid.note
    cells = grid.cells_rect()
    places = [QPointF(x + 0.5, y + 0.5) for x in range(cells.left(), cells.right() + 1)
              for y in range(cells.top(), cells.bottom() + 1)]  # fmt: skip
    found = [at for at in places if grid.cell_at(at) == (211, 93)]
    assert found
    peak = tuple(unit_map(theme.colours, theme.colours.attention)[255][:3])
    assert {pixel(grid, at) for at in found} == {peak}


def test_weights_shrink_as_any_table_does(weights: np.ndarray) -> None:
    hidden = np.isnan(weights)
    plain = np.nan_to_num(weights)
    for rows, columns in ((40, 70), (300, 300), (700, 13), (299, 301), (1, 1)):
        np.testing.assert_array_equal(fit_weights(plain, hidden, rows, columns), fit(weights, rows, columns))


def test_what_stands_far_out_is_clipped_and_said(theme: Theme) -> None:
    rows = np.full((100, 100), 0.01, np.float32)
    rows[np.arange(100), np.arange(100)] = np.linspace(0.1, 0.2, 100)
    assert weight_limit(rows) == pytest.approx(0.2)
    rows[0, 0] = 1
    limit = weight_limit(rows)
    assert limit == pytest.approx(np.quantile(rows.max(axis=1), 0.9))
    grid = HeadMap(theme)
    grid.set_values(rows, unit_map(theme.colours, theme.colours.attention), 0.0, limit)
    assert grid.note.startswith(f"{(rows > limit).sum()} above")
