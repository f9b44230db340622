"""Files of vectors in the Space panel: opened beside the window, chosen, and said where they cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Studio

pytestmark = pytest.mark.usefixtures("silent")


class Poster(QObject):
    """What `Background` is in the program."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.posted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def _call(self, do: Callable[[], object]) -> None:
        do()


@pytest.fixture
def panel(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[SpacePanel]:
    """The panel without a model."""
    studio = Studio(lambda *_: None, lambda _: None)
    poster = Poster()
    studio.vector_sets.loading.post = poster.posted.emit
    panel = SpacePanel(studio, theme)
    show(panel, 900, 560)
    yield panel
    studio.vector_sets.loading.close()
    panel.close()
    poster.deleteLater()


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text("king 1 2 3\nqueen 4 5 6\nman 7 8 8\n")
    return path


def test_a_file_opens_without_a_model(panel: SpacePanel, words: Path, qtbot: QtBot) -> None:
    sets = panel.studio.vector_sets
    sets.open(words)
    qtbot.waitUntil(lambda: sets.active is not None)
    assert panel.header.sets.currentText() == "words.txt"
    assert panel.header.telling.text().startswith("3 × 3, float32")
    assert panel._stack.currentIndex() == 1
    panel.header.set_chosen.emit(0)
    assert sets.active is None
    assert "Open a model" in panel._empty.text()


def test_what_was_left_out_is_said(panel: SpacePanel, words: Path, qtbot: QtBot) -> None:
    said: list[Notice] = []
    panel.studio.noticed.connect(said.append)
    words.write_text("king 1 2 3\nking 1 2 3\nqueen 4 5 6\n")
    panel.studio.vector_sets.open(words)
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].text.startswith("words.txt: ")
    assert "twice" in panel.header.telling.toolTip() or "king" in panel.header.telling.toolTip()


def test_a_press_leaves_bad_rows_out(panel: SpacePanel, words: Path, qtbot: QtBot) -> None:
    words.write_text("king 1 2 3\nman 7 8 9\nwoman 7 7 7\nqueen 4 5\n")
    sets = panel.studio.vector_sets
    sets.open(words)
    qtbot.waitUntil(panel.load_fault.isVisible)
    assert "line 4" in panel.load_fault.telling.text()
    assert "--" not in panel.load_fault.telling.text()
    button = next(each for each in panel.load_fault.findChildren(QPushButton) if "Leave out" in each.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: sets.active is not None)
    assert sets.active is not None
    assert sets.active.words == ("king", "man", "woman")
    assert not panel.load_fault.isVisible()


@pytest.mark.usefixtures("endless_reading")
def test_a_long_reading_shows_how_far_it_is_and_stops(panel: SpacePanel, tmp_path: Path, qtbot: QtBot) -> None:
    large = tmp_path / "large.txt"
    line = "0.25 " * 100 + "1\n"
    large.write_text("".join(f"w{row} {line}" for row in range(20_000)))
    sets = panel.studio.vector_sets
    sets.open(large)
    qtbot.waitUntil(panel.load_bar.isVisible)
    qtbot.waitUntil(lambda: sets.loading.share > 0)
    qtbot.mouseClick(panel.load_bar.stop, Qt.MouseButton.LeftButton)
    assert not panel.load_bar.isVisible()
    assert sets.loading.path is None
    sets.loading.close()
    assert not sets.open_sets


def test_files_of_the_last_time_are_read_when_they_are_chosen(panel: SpacePanel, words: Path, qtbot: QtBot) -> None:
    sets = panel.studio.vector_sets
    sets.restore([str(words)])
    assert panel.header.sets.itemText(1) == "words.txt (not read yet)"
    assert sets.active is None
    panel.header.set_chosen.emit(1)
    qtbot.waitUntil(lambda: sets.active is not None)
    assert sets.paths == [str(words)]
    assert panel.header.sets.itemText(1) == "words.txt"
