"""Files of vectors in the real program: from the menu's dialog, by drag and drop, and remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from embstudio.gui.program import Program
from tests.gui.window.conftest import space_of


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text("king 1 2 3\nqueen 4 5 6\nman 7 8 8\nwoman 2 2 9\n")
    return path


def test_a_file_dropped_on_the_window_is_shown(program: Program, qtbot: QtBot, words: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(words))])
    program.window.dropEvent(QDropEvent(
        QPointF(300, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    ))  # fmt: skip
    panel = space_of(program, qtbot)
    qtbot.waitUntil(lambda: panel.map_page.picture.latest is not None)
    assert panel.map_page.map.figure.names == ("king", "queen", "man", "woman")
    assert not program.window.docks["space"].visibleRegion().isEmpty()


def test_the_same_file_read_again_takes_its_place(program: Program, qtbot: QtBot, words: Path) -> None:
    sets = program.studio.vector_sets
    for line in ("", "child 3 3 3\n"):
        words.write_text(words.read_text() + line)
        before = sets.chosen
        program.open_vectors(str(words))
        qtbot.waitUntil(lambda before=before: sets.chosen is not before)
    assert len(sets.open_sets) == 1
    assert sets.active is not None
    assert sets.active.words[-1] == "child"


def test_open_files_are_remembered_by_their_paths(
    open_program: Callable[..., Program], qtbot: QtBot, words: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.json"
    program = open_program(settings=settings)
    program.open_vectors(str(words))
    qtbot.waitUntil(lambda: program.studio.vector_sets.chosen is not None)
    program.window.close()
    assert json.loads(settings.read_text())["vector_files"] == [str(words)]
    again = open_program(settings=settings)
    assert again.studio.vector_sets.closed == (words,)
    assert again.studio.vector_sets.active is None


def test_a_file_of_vectors_named_at_the_start(open_program: Callable[..., Program], qtbot: QtBot, words: Path) -> None:
    program = open_program(str(words))
    qtbot.waitUntil(lambda: program.studio.vector_sets.chosen is not None)
    assert program.studio.document is not None
    assert not program.window.docks["space"].visibleRegion().isEmpty()


@pytest.mark.usefixtures("endless_reading")
def test_closing_while_a_file_is_read_is_clean(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    large = tmp_path / "large.txt"
    line = "0.25 " * 100 + "1\n"
    large.write_text("".join(f"w{row} {line}" for row in range(20_000)))
    program.open_vectors(str(large))
    loading = program.studio.vector_sets.loading
    qtbot.waitUntil(lambda: loading.share > 0)
    program.window.close()
    assert loading._run is None
    assert not program.studio.vector_sets.open_sets
