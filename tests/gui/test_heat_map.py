"""Heat maps, the token axis and the reduction to pixels against brute force and the pixels that are painted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from embstudio.formulas.block_maximum import fit
from embstudio.gui.plots.heat_map import HeatMap, symmetric_limit
from embstudio.gui.plots.line_plot import Line, LinePlot
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.plots.token_label import token_label, token_labels
from embstudio.gui.style.colour_maps import signed_map, unit_map
from embstudio.gui.style.theme import Theme
from embstudio.trace.token import Token

pytestmark = pytest.mark.usefixtures("silent")


def colour_of(table: np.ndarray, share: float) -> tuple[int, ...]:
    """The colour of a share of the range, worked out here on its own."""
    return tuple(int(part) for part in table[int(share * (len(table) - 1) + 0.5)][:3])


@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (7, 2), (2, 9), (1, 1), (5, 5)])
def test_the_strongest_of_each_block_survives(rows: int, columns: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, 7, 9)).astype(np.float32)
    values[0, 3, 3] = np.nan
    small = fit(values, rows, columns)
    assert small.shape == (2, rows, columns)
    for r in range(rows):
        for c in range(columns):
            down = slice(r * 7 // rows, max((r + 1) * 7 // rows, r * 7 // rows + 1))
            across = slice(c * 9 // columns, max((c + 1) * 9 // columns, c * 9 // columns + 1))
            block = values[0, down, across]
            if np.isnan(block).all():
                assert np.isnan(small[0, r, c])
            else:
                assert abs(small[0, r, c]) == np.nanmax(np.abs(block))


def test_one_peak_among_many_cells_is_painted_and_can_be_pointed_at(theme: Theme, show: Callable[..., None]) -> None:
    values = np.zeros((900, 1200), np.float32)
    values[613, 431] = 1
    heat_map = HeatMap(theme)
    table = unit_map(theme.colours, theme.colours.forget_gate)
    heat_map.set_values(values, table, 0, 1)
    heat_map.set_place(0, 1199)
    show(heat_map, 400, 120)
    image = heat_map.grab().toImage()
    wanted = colour_of(table, 1.0)
    found = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if (c := image.pixelColor(x, y)) and (c.red(), c.green(), c.blue()) == wanted and x >= 100
    ]
    assert len(found) == 1
    assert heat_map.shared
    assert heat_map.cell_at(QPointF(*found[0]) + QPointF(0.5, 0.5)) == (613, 431)


def test_cells_have_the_colour_of_their_value(
    theme: Theme, show: Callable[..., None], pixel: Callable[..., tuple]
) -> None:
    values = np.array([[-2.0, -1.0, 0.0], [0.5, 1.0, 2.0]], np.float32)
    heat_map = HeatMap(theme)
    heat_map.set_values(values, signed_map(theme.colours), -2, 2)
    heat_map.set_place(0, 2)
    show(heat_map, 420, 90)
    for row in range(2):
        for column in range(3):
            painted = pixel(heat_map, heat_map.cell_rect(row, column).center())
            assert painted == colour_of(signed_map(theme.colours), (values[row, column] + 2) / 4)
    assert pixel(heat_map, heat_map.cell_rect(0, 2).center()) == tuple(theme.colour("zero").getRgb()[:3])


@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_not_read_yet_is_covered(
    theme: Theme, show: Callable[..., None], pixel: Callable[..., tuple], backwards: bool
) -> None:
    heat_map = HeatMap(theme)
    heat_map.backwards = backwards
    table = unit_map(theme.colours, theme.colours.input_gate)
    heat_map.set_values(np.ones((2, 5), np.float32), table, 0, 1)
    heat_map.set_place(0, 2)
    show(heat_map, 500, 90)
    full = [pixel(heat_map, heat_map.cell_rect(1, column).center()) == colour_of(table, 1.0) for column in range(5)]
    assert full == ([False, False, True, True, True] if backwards else [True, True, True, False, False])


def test_single_outliers_do_not_wash_out_the_rest_and_are_said() -> None:
    values = np.linspace(-1, 1, 500)
    assert symmetric_limit(values) == 1.0
    values[0] = 40
    assert symmetric_limit(values) < 1.1
    assert symmetric_limit(np.zeros(3)) == 1.0


def test_clipping_is_said(theme: Theme) -> None:
    heat_map = HeatMap(theme)
    heat_map.set_values(np.array([[-2.1, 0, 5.0, 9.0]]), signed_map(theme.colours), -2.1, 2.1)
    assert heat_map.range_text == "−2.1 … 2.1, 2 values clipped"


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (Qt.Key.Key_Left, [2, 3]), (Qt.Key.Key_Right, [2, 5]), (Qt.Key.Key_Up, [1, 4]), (Qt.Key.Key_Down, [3, 4]),
        (Qt.Key.Key_Home, [2, 0]), (Qt.Key.Key_End, [2, 7]), (Qt.Key.Key_PageDown, [4, 4]),
        (Qt.Key.Key_PageUp, [0, 4]),
    ],
)  # fmt: skip
def test_keys_ask_to_go_there(qtbot: QtBot, theme: Theme, show: Callable[..., None], key: Qt.Key, wanted: list) -> None:
    heat_map = HeatMap(theme)
    heat_map.set_values(np.zeros((5, 8)), signed_map(theme.colours), -1, 1)
    heat_map.set_place(2, 4)
    show(heat_map, 400, 90)
    with qtbot.waitSignal(heat_map.picked) as asked:
        qtbot.keyClick(heat_map, key)
    assert asked.args == wanted


def test_token_labels_are_readable() -> None:
    assert token_label(Token(" dog", "Ġdog", 5)) == "dog"
    assert token_label(Token("\n", "Ċ", 5)) == "⏎"
    assert token_label(Token("  ", "ĠĠ", 5)) == "␣␣"
    tokens = [Token("a", "a", 1), Token("b", "b", 2)]
    assert token_labels(tokens, 2) == ("a", "b")
    assert token_labels(tokens, 3) == ("1", "2", "3")


@pytest.mark.parametrize("count", [1, 3, 20, 200])
def test_axis_labels_never_touch(theme: Theme, show: Callable[..., None], count: int) -> None:
    axis = TokenAxis(theme)
    axis.set_labels(["competition" if n % 3 else "I" for n in range(count)], 100)
    axis.set_column(count - 1)
    show(axis, 600, 20)
    placed = [rect for rect, _text in axis._place()]
    assert placed
    assert all(a.right() <= b.left() for a, b in pairwise(placed))
    assert all(rect.right() <= 600 for rect in placed)


def test_lines_are_where_their_values_are(
    qtbot: QtBot, theme: Theme, show: Callable[..., None], pixel: Callable[..., tuple]
) -> None:
    plot = LinePlot(theme)
    plot.set_lines([Line("f", "f", np.array([0.1, 0.9, -0.6])), Line("h", "h", np.array([0.5, -0.25, 1.5]))])
    plot.set_column(2)
    show(plot, 500, 140)
    assert (plot.low, plot.high) == (-0.6, 1.5)
    hue = theme.colour("hidden")
    for column, value in ((0, 0.5), (1, -0.25)):
        at = QPointF(plot.columns.centre(column), plot.y_of(value))
        assert pixel(plot, at) == tuple(hue.getRgb()[:3])
    with qtbot.waitSignal(plot.picked) as asked:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(int(plot.columns.centre(1)), 40))
    assert asked.args == [1]
    assert plot.values_text(1) == "f 0.9000, h −0.2500"
