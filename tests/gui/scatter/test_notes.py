"""What must be said of a picture is said whole, on the screen and in the figure that is saved."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from embstudio.gui.plots.scatter.export import svg_of
from embstudio.gui.plots.scatter.notes import Notes
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.theme import Theme

pytestmark = pytest.mark.usefixtures("silent")

SAID = ("gaps and sizes mean nothing", "20,000 of 1,000,000 vectors, drawn at random", "centred, unit length")


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [170, 360, 1200])
def test_nothing_is_cut_off_where_there_are_lines_for_it(qapp: QApplication, width: int, scale: float) -> None:
    theme = Theme(qapp)
    theme.apply("dark", scale)
    notes = Notes(SAID, theme, PlaneView(width=width, height=900), QRectF())
    assert re.findall(r"\w+", " ".join(notes.lines)) == re.findall(r"\w+", " ".join(SAID))
    metrics = QFontMetricsF(theme.font("small"))
    assert all(metrics.horizontalAdvance(line) <= width - 30 for line in notes.lines)
    assert notes.rect.right() <= width
    assert notes.rect.height() >= len(notes.lines) * metrics.height()


def test_a_low_plot_shows_the_first_and_that_there_is_more(theme: Theme) -> None:
    notes = Notes(SAID, theme, PlaneView(width=260, height=60), QRectF())
    (line,) = notes.lines
    assert line.startswith("gaps and sizes")
    assert line.endswith("…")


def test_they_keep_clear_of_the_legend(theme: Theme) -> None:
    notes = Notes(SAID, theme, PlaneView(width=600, height=500), QRectF(300, 6, 290, 100))
    assert notes.rect.right() <= 300
    assert not Notes((), theme, PlaneView(width=600, height=500), QRectF()).lines


@pytest.mark.parametrize("width", [260, 900])
def test_the_saved_figure_says_it_too(theme: Theme, show: Callable, width: int) -> None:
    scatter = Scatter(theme)
    scatter.set_points(np.random.default_rng(0).normal(size=(50, 2)))
    scatter.figure.captions = SAID
    show(scatter, width, 400)
    written = " ".join(re.findall(r">([^<>]+)</text>", svg_of(scatter).decode()))
    assert re.findall(r"\w+", " ".join(SAID)) == [w for w in re.findall(r"\w+", written) if w in " ".join(SAID)]
