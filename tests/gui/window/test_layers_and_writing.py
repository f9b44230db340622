"""Looking through the layers and writing on, in the real program with its real worker."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.layers_panel import LayersPanel
from tests.gui.window.conftest import OpenProgram
from tests.masked_model import make_masked_model

STORY = "Once upon a time there was a little"


def test_each_step_shows_what_the_token_stands_for_layer_by_layer(open_program: OpenProgram, qtbot: QtBot) -> None:
    program = open_program("next-word", STORY)
    program.window.raise_panel("layers")
    panel = program.window.docks["layers"].widget()
    assert isinstance(panel, LayersPanel)

    def is_shown(token: int) -> bool:
        return panel.lens is not None and panel.lens is program.studio.lenses.of("", token)

    for token in (2, 6, 3):
        program.studio.cursor.move(token=token)
        qtbot.waitUntil(partial(is_shown, token))
        assert program.studio.trace.tokens[token].text in panel.telling.text()  # type: ignore[union-attr]
        assert panel.table.stages.rowCount() == len(panel.shown)


def test_words_are_written_and_taken_back(open_program: OpenProgram, qtbot: QtBot) -> None:
    program = open_program("next-word", STORY)
    studio, window = program.studio, program.window
    studio.cursor.move(token=len(studio.trace) - 1)  # type: ignore[arg-type]
    button = window.findChild(QPushButton, "appendBest")

    def has(count: int) -> bool:
        return len(studio.trace) == count and not studio.busy  # type: ignore[arg-type]

    for _ in range(3):
        count = len(studio.trace)  # type: ignore[arg-type]
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(partial(has, count + 1))
        assert window.sentence.field.text() == studio.sentence == studio.trace.text  # type: ignore[union-attr]
    window.findChild(QAction, "Take back what was written last").trigger()
    qtbot.waitUntil(partial(has, count))
    assert studio.cursor.token == count - 1


def test_a_mask_from_the_menu(open_program: OpenProgram, qtbot: QtBot, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "masked"
    folder.mkdir()
    program = open_program(str(make_masked_model(data, folder)), "The dog was cute")
    studio = program.studio
    studio.cursor.move(token=2)
    program.window.findChild(QAction, "Mask this token").trigger()
    qtbot.waitUntil(lambda: studio.trace.text == "The [MASK] was cute")  # type: ignore[union-attr]
    assert studio.cursor.token == 2
    assert studio.writer.hidden
