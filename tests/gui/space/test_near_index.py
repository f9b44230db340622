"""The approximate index in the window: where it can be switched on, how it is made, stopped and told of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QToolButton
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.map_page import MapPage
from embstudio.gui.style.theme import Theme
from embstudio.space import approximate_index
from embstudio.space.approximate_index import ApproximateFinder
from embstudio.space.files import LoadOptions
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.recall import RecallSample
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Notice, Studio

pytestmark = pytest.mark.usefixtures("silent")

ROWS = 3000
TABLE = np.random.default_rng(3).normal(size=(ROWS, 12)).astype(np.float32)


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> MapPage:
    studio = Studio(lambda *_: None, lambda _: None)
    studio.vector_sets._add(Path("many.npy"), LoadOptions(), VectorSet(tuple(f"w{row}" for row in range(ROWS)), TABLE))
    page = MapPage(studio, theme)
    show(page, 1100, 600)
    page.show_set()
    page.walk.go(5)
    qtbot.waitUntil(lambda: page.controls.isVisible())  # its first picture is there
    return page


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows take too long to index for a test."""
    monkeypatch.setattr(approximate_index, "LEAST_ROWS", 1000)


def test_below_a_million_it_is_needless_and_not_seen(page: MapPage) -> None:
    assert not page.controls.index.isVisible()
    assert not page.controls.index.isEnabled()
    assert "needless below 1,000,000 vectors" in page.controls.index.toolTip()


@pytest.mark.usefixtures("few_are_many")
def test_it_is_made_measured_and_told_beside_the_answer(page: MapPage, qtbot: QtBot) -> None:
    page.show_set()
    assert page.controls.index.isVisible()
    exact = NeighbourFinder(TABLE)
    qtbot.waitUntil(lambda: page.nearest.of(5) is not None)
    assert page.nearest.recall is None
    page.controls.index.click()
    assert page.findChild(QProgressBar, "indexProgress").isVisible()
    assert page.findChild(QToolButton, "indexStop").isVisible()
    assert page.nearest.of(5) is not None  # exact meanwhile
    qtbot.waitUntil(lambda: page.nearest.recall is not None)
    expected = RecallSample(exact).of(ApproximateFinder(exact), 12)
    told = page.findChild(ElidedLabel, "indexTelling").text()
    share = float(told.split("found ")[1].split(" %")[0])
    assert share == pytest.approx(100 * expected.share, abs=1.5)  # threads may build it a little otherwise
    assert told.endswith("% of the true 12 nearest of 200 words drawn at random.")
    assert not page.findChild(QToolButton, "indexStop").isVisible()
    assert f"approximate ({share:.1f} % found)" in page.side.heading.text()
    rows, distances = page.nearest.of(5)
    cosines = 1 - TABLE @ TABLE[5] / (np.linalg.norm(TABLE, axis=1) * np.linalg.norm(TABLE[5]))
    np.testing.assert_allclose(distances, cosines[rows], atol=1e-6)
    page.controls.metrics.setCurrentText("manhattan")
    page.walk.compare(metric="manhattan")
    assert not page.controls.index.isEnabled()
    assert "no index by manhattan" in page.controls.index.toolTip()
    assert page.nearest.recall is None


@pytest.mark.usefixtures("few_are_many")
def test_making_it_can_be_stopped(page: MapPage, qtbot: QtBot) -> None:
    page.show_set()
    qtbot.waitUntil(lambda: page.nearest.of(5) is not None)
    page.controls.index.click()
    qtbot.mouseClick(page.findChild(QToolButton, "indexStop"), Qt.MouseButton.LeftButton)
    assert not page.controls.index.isChecked()
    assert not page.findChild(QToolButton, "indexStop").isVisible()
    assert page.nearest.index.doing == ""
    qtbot.waitUntil(lambda: page.nearest.index._answers._running is None)
    assert page.nearest.recall is None
    assert page.nearest.of(5) is not None


@pytest.mark.usefixtures("few_are_many")
def test_what_is_in_the_way_is_said_and_the_search_stays_exact(
    page: MapPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.show_set()
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    monkeypatch.setattr(approximate_index, "available_memory", lambda: 1000)
    page.controls.index.click()
    qtbot.waitUntil(lambda: bool(said))
    assert "needs" in str(said[0])
    assert not page.controls.index.isChecked()
    qtbot.waitUntil(lambda: page.nearest.of(5) is not None)
    assert len(said) == 1


@pytest.mark.usefixtures("few_are_many")
def test_another_set_lets_it_go(page: MapPage, qtbot: QtBot) -> None:
    page.show_set()
    page.controls.index.click()
    qtbot.waitUntil(lambda: page.nearest.recall is not None)
    small = VectorSet(("a", "b", "c"), np.eye(3, dtype=np.float32))
    page.studio.vector_sets._add(Path("few.npy"), LoadOptions(), small)
    page.show_set()
    page.show_place()
    assert page.nearest.index._made is None
    assert page.nearest.recall is None
    assert not page.controls.index.isEnabled()
