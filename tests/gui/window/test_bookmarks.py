"""Bookmarks across runs, and of another model's words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from embstudio.gui.program import Program
from tests.gui.window.conftest import space_of


def test_a_bookmark_of_another_model_opens_it_in_a_later_run(
    open_program: Callable[..., Program], qtbot: QtBot, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.json"
    program = open_program("words", "king queen", settings=settings)
    program.window.raise_panel("space")
    page = space_of(program, qtbot).map_page
    qtbot.waitUntil(lambda: len(page.map.figure.points) > 0)
    page.walk.go(700)
    page.map.select(np.array([5, 6, 700]))
    word = page.standing.word(700)
    page.bookmarks.add("seven hundred")
    program.window.close()

    again = open_program("sentiment-rnn", "a fine film", settings=settings)
    page = space_of(again, qtbot).map_page
    (bookmark,) = again.studio.bookmarks.all
    page.bookmarks.go(bookmark)
    qtbot.waitUntil(lambda: page.map.figure.selected.tolist() == [5, 6, 700])
    assert again.studio.document is not None
    assert again.studio.document.source.name == "words"
    assert page.walk.row == 700
    assert page.standing.word(700) == word
