"""Sets of points that are sorted beside the window: some are drawn at once, all as soon as they are sorted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from embstudio.gui.plots.scatter.colouring import Categories
from embstudio.gui.plots.scatter.export import export_figure
from embstudio.gui.plots.scatter.hand import Tool
from embstudio.gui.plots.scatter.picture import Picture, layers_of
from embstudio.gui.plots.scatter.point_set import AT_ONCE, TURNING, PointSet
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.theme import Theme
from embstudio.space.turning import Turn

pytestmark = pytest.mark.usefixtures("silent")

COUNT = AT_ONCE + 10_000
RANDOM = np.random.default_rng(2)
FLAT = RANDOM.normal(size=(COUNT, 2)).astype(np.float32)
CLOUD = RANDOM.normal(size=(COUNT, 3)).astype(np.float32)
CODES = RANDOM.integers(0, 3, COUNT)
SOME = f"{TURNING:,} of {COUNT:,} points, chosen at random"


@pytest.fixture
def scatter(theme: Theme, show: Callable) -> Scatter:
    scatter = Scatter(theme)
    show(scatter, 500, 400)
    return scatter


def settle(scatter: Scatter, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: scatter.settled)


def drawn(scatter: Scatter) -> QImage:
    """The picture of the points alone, as the figure keeps it."""
    scatter.repaint()
    assert scatter.figure._image is not None
    return scatter.figure._image


def expected(scatter: Scatter, points: PointSet, colouring: Categories | None, selected: np.ndarray) -> QImage:
    """The same, made here at once."""
    picture = Picture(points, colouring, scatter.theme.colours, scatter.theme.scale)
    image, _ = picture.draw(layers_of(points.grid, colouring, selected), scatter.view, scatter.devicePixelRatioF())
    return image


NONE = np.zeros(0, np.intp)


def test_some_are_drawn_at_once_and_then_all(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.set_points(FLAT)
    points = scatter.figure.points
    assert points.known_whole is None  # nobody waited for it
    assert len(scatter.grid) == TURNING
    scatter.repaint()
    assert f"{SOME}, until all are drawn" in scatter.figure.notes()
    view = scatter.view.x, scatter.view.y, scatter.view.zoom
    settle(scatter, qtbot)
    assert len(scatter.grid) == COUNT
    assert not any("chosen at random" in note for note in scatter.figure.notes())
    assert (scatter.view.x, scatter.view.y, scatter.view.zoom) == pytest.approx(view)  # nothing moved
    assert drawn(scatter) == expected(scatter, PointSet(FLAT), None, NONE)


def test_points_without_a_place_are_counted_when_all_are_there(scatter: Scatter, qtbot: QtBot) -> None:
    holed = FLAT.copy()
    holed[::7] = np.nan
    scatter.set_points(holed)
    settle(scatter, qtbot)
    scatter.repaint()
    assert f"without a place and left out: {len(holed[::7]):,}" in scatter.figure.notes()


def test_a_cloud_comes_to_rest_beside_the_window(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.set_points(CLOUD)
    settle(scatter, qtbot)
    scatter.turn_by(0.5, 0.2)
    assert len(scatter.grid) == TURNING
    scatter.rest()
    assert (scatter.settled, len(scatter.grid)) == (False, TURNING)
    scatter.repaint()
    assert f"{SOME}, until all are drawn" in scatter.figure.notes()
    settle(scatter, qtbot)
    assert len(scatter.grid) == COUNT
    there = PointSet(CLOUD)
    there.turn_to(Turn().by(0.5, 0.2), turning=False)
    assert drawn(scatter) == expected(scatter, there, None, NONE)


def test_what_came_of_another_side_is_not_shown(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.set_points(CLOUD)
    settle(scatter, qtbot)
    for _ in range(3):  # goes on before it is at rest
        scatter.turn_by(0.3, 0.0)
        scatter.rest()
    scatter.turn_by(0.3, 0.0)
    qtbot.wait(50)
    assert len(scatter.grid) == TURNING
    scatter.rest()
    settle(scatter, qtbot)
    there = PointSet(CLOUD)
    there.turn_to(scatter.figure.points.turn, turning=False)
    assert drawn(scatter) == expected(scatter, there, None, NONE)


def test_colours_and_selections_keep_the_old_picture_until_the_new_one_is_there(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.set_points(FLAT)
    settle(scatter, qtbot)
    before = drawn(scatter).copy()
    colouring = Categories("kind", CODES, ("a", "b", "c"))
    scatter.set_colouring(colouring)
    assert drawn(scatter) == before
    settle(scatter, qtbot)
    assert drawn(scatter) == expected(scatter, PointSet(FLAT), colouring, NONE)
    selected = np.flatnonzero(FLAT[:, 0] > 1)
    scatter.select(selected)
    settle(scatter, qtbot)
    assert drawn(scatter) == expected(scatter, PointSet(FLAT), colouring, selected)


def test_a_box_holds_all_points_even_while_some_are_drawn(scatter: Scatter) -> None:
    scatter.set_points(FLAT)
    scatter.set_tool(Tool.BOX)
    assert len(scatter.grid) == TURNING
    QTest.mousePress(scatter, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    QTest.mouseMove(scatter, QPoint(300, 250))
    QTest.mouseRelease(scatter, Qt.MouseButton.LeftButton, pos=QPoint(300, 250))
    places = scatter.view.places(FLAT)
    held = (places >= [200, 150]).all(axis=1) & (places <= [300, 250]).all(axis=1)
    assert np.array_equal(scatter.figure.selected, np.flatnonzero(held))


def test_a_figure_that_is_saved_has_all_points(scatter: Scatter, tmp_path: Path) -> None:
    scatter.set_points(FLAT)
    assert len(scatter.grid) == TURNING
    export_figure(scatter, tmp_path / "all.png")
    assert (len(scatter.grid), scatter.settled) == (COUNT, True)
    assert not any("chosen at random" in note for note in scatter.figure.notes())
