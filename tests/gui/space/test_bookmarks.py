"""Bookmarks of the map: everything comes back as it was; what is missing or other is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.map_page import MapPage
from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Studio
from embstudio.studio.bookmarks import Bookmark

pytestmark = pytest.mark.usefixtures("silent")


def write(path: Path, words: list[str]) -> Path:
    table = np.random.default_rng(len(path.name)).normal(size=(len(words), 4))
    path.write_text(
        "".join(f"{word} {' '.join(f'{x:.5f}' for x in v)}\n" for word, v in zip(words, table, strict=True))
    )
    return path


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return write(tmp_path / "one.txt", [f"w{row}" for row in range(30)])


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return write(tmp_path / "another.txt", [f"v{row}" for row in range(25)])


@pytest.fixture
def panel(theme: Theme, show: Callable, qtbot: QtBot, one: Path) -> Iterator[SpacePanel]:
    panel = SpacePanel(Studio(lambda *_: None, lambda _: None), theme)
    panel.studio.vector_sets.loading.post = lambda do: panel.metaObject() and _post(panel, do)
    show(panel, 900, 560)
    panel.studio.vector_sets.open(one)
    drawn(panel.map_page, qtbot, 30)
    yield panel
    panel.studio.vector_sets.loading.close()
    panel.map_page.picture.run.close()
    panel.map_page.clusters.search.run.close()
    panel.close()


def _post(panel: SpacePanel, do: Callable[[], object]) -> None:
    from PySide6.QtCore import QTimer

    QTimer.singleShot(0, panel, do)


def drawn(page: MapPage, qtbot: QtBot, count: int) -> None:
    qtbot.waitUntil(lambda: len(page.map.figure.points) == count and page.picture.settled)


def arrange(page: MapPage, qtbot: QtBot) -> Bookmark:
    """A place with everything that a bookmark holds."""
    page.walk.compare(metric="manhattan", count=5, centre=True)
    page.controls.picture.setCurrentText("random")
    page.controls.picture.activated.emit(page.controls.picture.currentIndex())
    page.walk.go(7)
    page.map.select(np.array([1, 2, 3, 20]))
    page.bookmarks.add("here")
    return page.studio.bookmarks.all[-1]


def check(page: MapPage) -> None:
    assert page.walk.row == 7
    assert (page.walk.comparison.metric, page.walk.comparison.count, page.walk.comparison.centre) == (
        "manhattan",
        5,
        True,
    )
    assert page.controls.picture.currentText() == "random"
    assert page.map.figure.selected.tolist() == [1, 2, 3, 20]
    assert page.map.figure.axes[0].startswith("random")


def leave(page: MapPage, qtbot: QtBot) -> None:
    page.map.select(np.zeros(0, np.intp))
    page.walk.compare(metric="cosine", count=12, centre=False)
    page.controls.picture.setCurrentText("PCA")
    page.controls.picture.activated.emit(0)
    page.walk.go(0)


def test_one_comes_back_to_the_same_place_of_an_open_set(panel: SpacePanel, qtbot: QtBot, other: Path) -> None:
    page = panel.map_page
    bookmark = arrange(page, qtbot)
    leave(page, qtbot)
    page.studio.vector_sets.open(other)
    drawn(page, qtbot, 25)
    panel.header.pages.setCurrentIndex(1)
    page.bookmarks.go(bookmark)
    assert panel.page is page
    qtbot.waitUntil(lambda: page.map.figure.selected.tolist() == [1, 2, 3, 20])
    drawn(page, qtbot, 30)
    check(page)


def test_a_set_that_is_closed_is_read_again(panel: SpacePanel, qtbot: QtBot) -> None:
    page, sets = panel.map_page, panel.studio.vector_sets
    bookmark = arrange(page, qtbot)
    leave(page, qtbot)
    assert sets.chosen is not None
    sets.close(sets.chosen)
    page.bookmarks.go(Bookmark.of(bookmark.text))
    qtbot.waitUntil(lambda: page.map.figure.selected.tolist() == [1, 2, 3, 20])
    drawn(page, qtbot, 30)
    check(page)


def test_a_file_that_is_gone_is_said(panel: SpacePanel, qtbot: QtBot, one: Path) -> None:
    page, sets = panel.map_page, panel.studio.vector_sets
    bookmark = arrange(page, qtbot)
    assert sets.chosen is not None
    sets.close(sets.chosen)
    one.unlink()
    said: list[Notice] = []
    panel.studio.noticed.connect(said.append)
    page.bookmarks.go(bookmark)
    assert "is not there any more" in said[-1].text
    assert str(one) in said[-1].text


def test_other_vectors_under_the_same_name_are_said_and_words_found_again(
    panel: SpacePanel, qtbot: QtBot, one: Path
) -> None:
    page, sets = panel.map_page, panel.studio.vector_sets
    bookmark = arrange(page, qtbot)
    assert sets.chosen is not None
    sets.close(sets.chosen)
    write(one, ["new", *(f"w{row}" for row in range(30))])
    said: list[Notice] = []
    panel.studio.noticed.connect(said.append)
    page.bookmarks.go(bookmark)
    qtbot.waitUntil(lambda: page.walk.row == 8)
    assert page.standing.word(8) == "w7"
    assert any("its selection is left out" in notice.text for notice in said)
    drawn(page, qtbot, 31)
    assert not len(page.map.figure.selected)


def test_who_goes_elsewhere_meanwhile_is_not_called_back(panel: SpacePanel, qtbot: QtBot, other: Path) -> None:
    page, sets = panel.map_page, panel.studio.vector_sets
    bookmark = arrange(page, qtbot)
    assert sets.chosen is not None
    sets.close(sets.chosen)
    page.bookmarks.go(bookmark)
    sets.loading.stop()
    qtbot.waitUntil(lambda: sets.loading.path is None)
    sets.open(other)
    drawn(page, qtbot, 25)
    sets.open(Path(bookmark.file))
    drawn(page, qtbot, 30)
    assert page.walk.row is None


def test_the_menu_keeps_lists_goes_and_removes(panel: SpacePanel, qtbot: QtBot) -> None:
    page, menu = panel.map_page, panel.bookmarks
    menu.fill()
    assert [action.text() for action in menu.menu_of.actions() if not action.isSeparator()][1] == "No bookmarks yet"
    page.walk.go(4)
    page.map.setFocus()
    qtbot.keyClick(page.map, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    question = panel.findChild(QInputDialog, "bookmarkName")
    assert question is not None
    assert question.textValue() == "w4 in one.txt"
    question.setTextValue("fourth & last")
    question.accept()
    page.walk.go(9)
    menu.fill()
    (action,) = [each for each in menu.menu_of.actions() if each.text() == "fourth && last"]
    assert "at ‘w4’" in action.toolTip()
    action.trigger()
    assert page.walk.row == 4
    menu.removal.actions()[0].trigger()
    assert panel.studio.bookmarks.all == ()


def test_clusters_come_back_too(panel: SpacePanel, qtbot: QtBot) -> None:
    page = panel.map_page
    page.controls.clusters.count.setValue(5)
    page.controls.colour.setCurrentText("clusters")
    page.controls.colour.activated.emit(page.controls.colour.currentIndex())
    qtbot.waitUntil(lambda: page.clusters.grouping is not None)
    page.bookmarks.add("five groups")
    page.controls.clusters.set_count(9)
    page.controls.colour.setCurrentIndex(0)
    page.controls.colour.activated.emit(0)
    assert page.clusters.grouping is None
    page.bookmarks.go(page.studio.bookmarks.all[0])
    qtbot.waitUntil(lambda: page.clusters.grouping is not None)
    assert page.clusters.grouping.count == 5
