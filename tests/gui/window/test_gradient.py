"""Looking back in the real program: its worker answers while one steps, types and opens other models."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.gradient_panel import GradientPanel
from embstudio.gui.program import Program
from embstudio.studio import Notice
from tests.gui.window.conftest import OpenProgram

NOTED = "The dog that I adopted from the pound five years ago won the pet competition."
WON = 11


@pytest.fixture
def program(open_program: OpenProgram) -> Program:
    return open_program("sentiment-lstm", NOTED)


def panel_of(program: Program) -> GradientPanel:
    panel = program.window.docks["gradient"].widget()
    assert isinstance(panel, GradientPanel)
    return panel


def look(program: Program, qtbot: QtBot) -> GradientPanel:
    """Go to the panel by its key, and wait for its first picture."""
    window, panel = program.window, panel_of(program)
    assert panel.scene is None
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.scene is not None)
    return panel


def wait_for(program: Program, panel: GradientPanel, qtbot: QtBot) -> None:
    """Wait until the panel shows the text and token that the studio is at."""
    studio = program.studio
    qtbot.waitUntil(
        lambda: not studio.busy and panel.scene is not None and panel.scene.trace is studio.trace
        and panel.scene.last == studio.cursor.token,
    )  # fmt: skip


def test_stepping_typing_and_other_models(program: Program, notices: list[Notice], qtbot: QtBot) -> None:
    panel = look(program, qtbot)
    for token in (0, 5, 9, WON):  # faster than the worker answers
        program.studio.cursor.move(token=token)
    wait_for(program, panel, qtbot)
    assert panel.header.telling.text().startswith("of a change at ‘dog’, 10 steps before, arrives at ‘won’: h ")
    program.studio.type("The film was not good")
    wait_for(program, panel, qtbot)
    assert panel.scene.labels[-1] == "good"
    panel.header.pages.setCurrentIndex(2)
    assert "score of ‘" in panel.header.telling.text()
    program.studio.open("next-word")
    qtbot.waitUntil(lambda: program.studio.document.source.name == "next-word" and not program.studio.busy)
    program.window.raise_panel("gradient")
    wait_for(program, panel, qtbot)
    assert panel.words_page.choice.box.isEditable()
    assert not notices


def test_several_models_on_one_plot(program: Program, qtbot: QtBot) -> None:
    panel = look(program, qtbot)
    menu = panel.compare.menu()
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.text() in ("Sentiment: plain RNN", "Next word: simple stories"):
            action.setChecked(True)
    qtbot.waitUntil(lambda: len(panel.scene.strands) == 3)
    what = panel.back_page.what.box
    what.setCurrentIndex(what.findText("words"))
    what.activated.emit(what.currentIndex())
    program.studio.cursor.move(token=WON)
    wait_for(program, panel, qtbot)
    qtbot.waitUntil(lambda: len(panel.scene.strands) == 3)
    assert [strand.tokens[strand.last].text.strip() for strand in panel.scene.strands] == ["won"] * 3
    assert [each.curve.label for each in panel.back_page.drawn] == ["LSTM", "RNN", "transformer", "0.8ᵏ"]
    assert "Compare (2)" in panel.compare.text().replace("&", "")
