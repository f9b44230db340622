"""Curves on a log scale: its marks, its ends, what is nothing, and labels that do not lie over one another."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from embstudio.gui.plots.columns_in_sight import ColumnsInSight
from embstudio.gui.plots.curve_plot import CurvePlot, DrawnCurve
from embstudio.gui.plots.log_scale import mark_text, marks, range_of
from embstudio.gui.style.numbers import four_of_log10
from embstudio.gui.style.theme import Theme
from embstudio.stepper.gradient_curves import Curve, power_curve

pytestmark = pytest.mark.usefixtures("silent")


def curve(values: np.ndarray, label: str = "h", role: str = "state") -> Curve:
    return Curve(label, label, role, np.arange(len(values), dtype=float), np.asarray(values, float), len(values) - 1)


@pytest.fixture
def plot(theme: Theme, show: Callable) -> CurvePlot:
    plot = CurvePlot(theme, ColumnsInSight())
    show(plot, 700, 300)
    return plot


def drawn(plot: CurvePlot, *curves: Curve) -> None:
    plot.sight.take(len(curves[0].values))
    colours = ("hidden", "memory", "query")
    plot.set_curves([DrawnCurve(each, colours[at % 3], at) for at, each in enumerate(curves)])


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 0.0), (-0.1, 0.05), (-0.9, 0.0), (-1.2, 0.3), (-7.0, 1.0), (-300.0, 0.0), (-4000.0, 3.0)]
)
def test_marks_are_few_inside_and_round(low: float, high: float) -> None:
    bottom, top = range_of(low, high)
    assert bottom <= low
    assert high <= top
    placed = marks(bottom, top, 7)
    assert 1 <= len(placed) <= 8
    assert all(bottom - 1e-9 <= mark <= top + 1e-9 for mark in placed)
    assert placed == sorted(set(placed))
    if low <= 0 <= high:
        assert 0.0 in placed  # 1 is what all is measured by
    for mark in placed:
        value = 10.0 ** (mark - math.floor(mark))
        assert min(abs(value - each / 2) for each in range(2, 21)) < 1e-9


def test_marks_as_they_are_written() -> None:
    assert [mark_text(mark) for mark in (0.0, -1.0, -2.0, math.log10(0.5), 1.0, 3.0)] == [
        "1", "0.1", "0.01", "0.5", "10", "1000",
    ]  # fmt: skip
    assert [mark_text(mark) for mark in (-3.0, -20.0, 4.0, 400.0)] == ["1e−3", "1e−20", "1e4", "1e400"]


def test_numbers_that_no_float_holds() -> None:
    assert four_of_log10(math.log10(0.05497558)) == "0.05498"
    assert four_of_log10(-412 + math.log10(3.2104)) == "3.210e−412"
    assert four_of_log10(500 + math.log10(9.99996)) == "1.000e+501"
    assert four_of_log10(-math.inf) == "0"


def test_the_scale_goes_to_the_ends_and_values_stand_at_their_heights(plot: CurvePlot) -> None:
    drawn(plot, curve(np.array([-5.5, -3.0, -1.0, 0.0])))
    assert (plot.low, plot.high) == (-6.0, 0.0)
    rect = plot.plot_rect
    assert plot.y_of(-6.0) == pytest.approx(rect.bottom())
    assert plot.y_of(-3.0) == pytest.approx(rect.center().y())


def test_a_plain_power_does_not_flatten_the_others(plot: CurvePlot) -> None:
    few = curve(np.linspace(-4.0, 0.0, 300))
    drawn(plot, few, power_curve(0.5, 299, 300))  # 90 decades
    assert plot.low == -8.0
    drawn(plot, curve(np.linspace(-1.0, 0.0, 16)), power_curve(0.8, 15, 16))
    assert plot.low <= 15 * math.log10(0.8)  # a little further than the others: all of it is there


def test_nothing_has_a_band_below_the_scale(plot: CurvePlot) -> None:
    drawn(plot, curve(np.array([-2.0, 0.0, -np.inf])))
    assert plot.y_of(-np.inf) > plot.y_of(plot.low)
    assert plot.y_of(-np.inf) < plot.height()
    drawn(plot, curve(np.array([-2.0, -1.0, 0.0])))
    assert plot.plot_rect.bottom() == pytest.approx(plot.height() - 6.0)


def test_all_curves_are_painted_where_they_are(plot: CurvePlot, pixel: Callable, theme: Theme) -> None:
    level = curve(np.full(5, -1.0))
    drawn(plot, level, curve(np.zeros(5)))
    colour = theme.colour("hidden")
    at = QPointF(plot.centre(2), plot.y_of(-1.0))
    assert pixel(plot, at) == (colour.red(), colour.green(), colour.blue())


def test_thousands_of_values_keep_their_peaks(plot: CurvePlot, pixel: Callable, theme: Theme) -> None:
    values = np.full(20_000, -6.0)
    values[7_321] = 0.0  # one of about 35 that share a pixel
    drawn(plot, curve(values))
    colour = theme.colour("hidden")
    x, y = plot.centre(7_321), (plot.y_of(0) + plot.y_of(-6)) / 2
    found = {pixel(plot, QPointF(x + off, y)) for off in (-1, 0, 1)}
    assert (colour.red(), colour.green(), colour.blue()) in found


def test_labels_do_not_lie_over_one_another(plot: CurvePlot) -> None:
    from embstudio.gui.plots import curve_plot

    drawn(plot, *(curve(np.array([-1.0 - 0.001 * at, 0.0]), f"curve {at}") for at in range(6)))
    ends = [curve_plot._Label(each, QPointF(0, 0), plot.y_of(float(each.curve.values[0]))) for each in plot.drawn]
    placed = curve_plot._spread(ends, 14.0, 7.0, plot.height() - 7.0)
    heights = [label.y for label in placed]
    assert all(below - above >= 14.0 - 1e-6 for above, below in pairwise(heights))
    assert heights[0] >= 7.0
    assert heights[-1] <= plot.height() - 7.0


def test_columns_are_counted_from_the_first_there_is(plot: CurvePlot) -> None:
    drawn(plot, curve(np.linspace(-3, 0, 200)))
    plot.sight.zoom(0.25, 0.5)
    assert plot.sight.count == 50
    assert plot.sight.start == 75
    assert plot.place_at(QPointF(plot.centre(90), 20)) == (90,)
    plot.sight.move(1000)
    assert plot.sight.start == 150
    plot.sight.bring(10)
    assert plot.sight.start == 10
    plot.sight.zoom(0)
    assert plot.sight.count == 200
