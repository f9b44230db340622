"""Curves over layers and tables of cosines: what is drawn is where it says, and is told in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.plots.cosine_table import CosineTable, short
from embstudio.gui.plots.layer_curves import LayerCurve, LayerCurves
from embstudio.gui.style.theme import Theme

pytestmark = pytest.mark.usefixtures("silent")

VALUES = np.array([1.0, 0.6, 0.2, np.nan])


@pytest.fixture
def curves(theme: Theme, show: Callable) -> LayerCurves:
    plot = LayerCurves(theme)
    show(plot, 420, 260)
    plot.set_curves([LayerCurve("one", "value", VALUES), LayerCurve("other", "query", -VALUES)], ("emb", "0", "1", "2"))
    plot.grab()
    return plot


def test_values_stand_where_the_scale_says(curves: LayerCurves, pixel: Callable) -> None:
    assert (curves.low, curves.high) == (-1, 1)
    rect = curves.plot_rect
    for value in (-1.0, 0.0, 0.6, 1.0):
        assert rect.bottom() - curves.y_of(value) == pytest.approx((value + 1) / 2 * rect.height())
    ground = curves.theme.colour("panel").getRgb()[:3]
    for column, value in enumerate(VALUES[:3]):
        at = QPointF(curves.columns.centre(column), curves.y_of(float(value)))
        assert pixel(curves, at) != ground


def test_the_scale_is_as_wide_as_the_values_need(curves: LayerCurves) -> None:
    curves.set_curves([LayerCurve("one", "value", np.array([0.2, 0.9]))], ("0", "1"))
    assert curves.low == 0
    curves.set_curves([LayerCurve("one", "value", np.array([-0.2, 0.9]))], ("0", "1"))
    assert curves.low == -0.5
    curves.set_curves([LayerCurve("one", "value", np.array([np.nan, np.nan]))], ("0", "1"))
    assert "not known" in curves.accessibleDescription()
    curves.grab()


def test_a_click_picks_the_layer_under_it(curves: LayerCurves, qtbot: QtBot) -> None:
    picked: list[int] = []
    curves.picked.connect(picked.append)
    for column in range(4):
        at = QPointF(curves.columns.centre(column), 100).toPoint()
        qtbot.mouseClick(curves, Qt.MouseButton.LeftButton, pos=at)
    assert picked == [0, 1, 2, 3]


def test_the_current_layer_is_marked_in_the_accent(curves: LayerCurves, pixel: Callable) -> None:
    accent = curves.theme.colour("accent").getRgb()[:3]
    at = QPointF(curves.columns.centre(3), curves.y_of(0.5))  # where no curve is
    assert pixel(curves, at) != accent
    curves.set_current(3)
    near = [pixel(curves, at + QPointF(off, 0)) for off in (-1, 0)]
    assert accent in near


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.746, ".75"), (-0.456, "−.46"), (1.0, "1.00"), (0.997, ".99+"), (-0.001, ".00"), (-1.0, "−1.00"), (0.0, ".00")],
)
def test_cosines_are_short_and_none_below_1_is_called_1(value: float, said: str) -> None:
    assert short(value) == said


def test_the_table_tells_pairs_and_fills_its_place(theme: Theme, show: Callable, qtbot: QtBot) -> None:
    table = CosineTable(theme)
    show(table, 300, 300)
    matrix = np.array([[1, 0.5, np.nan], [0.5, 1, -0.25], [np.nan, -0.25, 1]])
    table.set_matrix(("1", "2", "3"), ("first", "second", "third"), matrix)
    model = table.cells
    shown = [[model.index(row, column).data() for column in range(3)] for row in range(3)]
    assert shown == [["1.00", ".50", "—"], [".50", "1.00", "−.25"], ["—", "−.25", "1.00"]]
    assert model.index(1, 2).data(Qt.ItemDataRole.ToolTipRole) == "second\nthird\ncosine −0.250000"
    assert "zero" in model.index(0, 2).data(Qt.ItemDataRole.ToolTipRole)
    assert table.verticalHeader().defaultSectionSize() > table.verticalHeader().minimumSectionSize() + 4
    picked: list[int] = []
    table.picked.connect(picked.append)
    place = table.visualRect(model.index(2, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert picked == [2]
    table.set_matrix((), (), np.zeros((0, 0)))
    assert model.rowCount() == 0


def test_colours_are_of_the_signed_map(theme: Theme, show: Callable) -> None:
    table = CosineTable(theme)
    show(table, 300, 300)
    table.set_matrix(("1", "2"), ("a", "b"), np.array([[1.0, -1.0], [-1.0, 1.0]]))
    grounds = {table.cells.index(0, column).data(Qt.ItemDataRole.BackgroundRole).name() for column in range(2)}
    assert len(grounds) == 2
