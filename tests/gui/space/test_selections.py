"""What was selected: the way back and forward, on the page and by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space import selection_history
from embstudio.gui.panels.space.map_page import MapPage
from embstudio.gui.panels.space.selection_history import SelectionHistory
from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.style.theme import Theme
from embstudio.space.files import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio

pytestmark = pytest.mark.usefixtures("silent")


def set_of(count: int) -> VectorSet:
    vectors = np.random.default_rng(count).normal(size=(count, 4)).astype(np.float32)
    return VectorSet(tuple(f"w{row}" for row in range(count)), vectors)


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[MapPage]:
    studio = Studio(lambda *_: None, lambda _: None)
    studio.vector_sets._add(Path("one.txt"), LoadOptions(), set_of(30))
    panel = SpacePanel(studio, theme)
    show(panel, 900, 560)
    qtbot.waitUntil(lambda: panel.map_page.picture.latest is not None)
    yield panel.map_page
    panel.map_page.picture.run.close()
    panel.close()


def rows(page: MapPage) -> list[int]:
    return page.map.figure.selected.tolist()


def test_back_and_forward_over_selections(page: MapPage, qtbot: QtBot) -> None:
    page.map.select(np.array([1, 2]))
    page.map.toggle(7)
    page.side.clear.click()
    side = page.side
    assert rows(page) == []
    assert side.tabs.isTabEnabled(1), "one can go back from nothing too"
    for expected in ([1, 2, 7], [1, 2], []):
        side.selection_back.click()
        assert rows(page) == expected
    assert not side.selection_back.isEnabled()
    side.selection_forward.click()
    assert rows(page) == [1, 2]
    assert side.records.records.rows.tolist() == [1, 2]
    page.map.select(np.array([9]))
    assert not side.selection_forward.isEnabled(), "another selection is a new way"


def test_the_keys_do_the_same(page: MapPage, qtbot: QtBot) -> None:
    page.map.select(np.array([3]))
    page.map.select(np.array([4]))
    page.map.setFocus()
    both = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.map, Qt.Key.Key_Left, both)
    assert rows(page) == [3]
    qtbot.keyClick(page.map, Qt.Key.Key_Right, both)
    assert rows(page) == [4]
    qtbot.keyClick(page.map, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert rows(page) == list(range(30))


def test_another_picture_keeps_the_selection_and_its_history(page: MapPage, qtbot: QtBot) -> None:
    page.map.select(np.array([5, 6]))
    page.controls.picture.setCurrentText("random")
    page.controls.picture.activated.emit(page.controls.picture.currentIndex())
    qtbot.waitUntil(lambda: page.map.figure.axes[0].startswith("random"))
    assert rows(page) == [5, 6]
    page.side.selection_back.click()
    assert rows(page) == []


def test_other_vectors_have_no_history(page: MapPage, qtbot: QtBot) -> None:
    page.map.select(np.array([5, 6]))
    page.studio.vector_sets._add(Path("two.txt"), LoadOptions(), set_of(20))
    qtbot.waitUntil(lambda: len(page.map.figure.points) == 20)
    assert rows(page) == []
    assert not page.side.selection_back.isEnabled()
    assert not page.side.tabs.isVisible()


def test_a_history_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    history = SelectionHistory()
    for row in range(300):
        history.take(np.array([row]))
    for _ in range(300):
        history.back()
    assert history.current.tolist() == [299 - selection_history.KEPT]
    monkeypatch.setattr(selection_history, "MOST_ROWS", 10)
    history.clear()
    for row in range(6):
        history.take(np.arange(row, row + 4))
    for _ in range(6):
        history.back()
    assert history.current.tolist() == [3, 4, 5, 6]
