"""What a newcomer sees, and the ways to walk through it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot
from tokenizers import Tokenizer

from embstudio.gui.program import Program
from embstudio.modelfile import catalogue

SENTENCE = "I expected to hate it but loved it"


def test_opens_on_a_bundled_model_and_a_sentence_already_part_way(program: Program) -> None:
    studio = program.studio
    assert studio.document is not None
    assert studio.trace is not None
    assert studio.document.source == catalogue.bundled()[0]
    assert program.window.sentence.field.text() == studio.document.source.card.example_sentences[0]  # type: ignore[union-attr]
    assert 0 < studio.cursor.token < len(studio.trace) - 1
    assert program.window.docks["memory"].widget().isVisible()


def test_typing_is_followed_by_the_models_own_tokens(
    program: Program, qtbot: QtBot, settle: Callable[[str], None]
) -> None:
    field = program.window.sentence.field
    field.clear()
    qtbot.keyClicks(field, SENTENCE)
    settle(SENTENCE)

    source = program.studio.document.source  # type: ignore[union-attr]
    expected = Tokenizer.from_file(str(source.tokenizer)).encode(SENTENCE)
    trace = program.studio.trace
    assert trace is not None
    assert [token.id for token in trace.tokens] == expected.ids
    assert [token.piece for token in trace.tokens] == expected.tokens
    assert [token.span for token in trace.tokens] == expected.offsets


def test_the_stepping_keys_walk_the_cursor(program: Program, qtbot: QtBot, settle: Callable[[str], None]) -> None:
    program.studio.type(SENTENCE)
    settle(SENTENCE)
    window, cursor = program.window, program.studio.cursor
    end = cursor.bounds.token - 1

    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert cursor.token == 0
    qtbot.keyClick(window, Qt.Key.Key_Right)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert cursor.token == 2
    qtbot.keyClick(window, Qt.Key.Key_Left)
    assert cursor.token == 1
    qtbot.keyClick(window, Qt.Key.Key_End)
    assert cursor.token == end
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert cursor.token == end
    assert window.transport._where.text() == f"token {end + 1} of {end + 1}"


def test_space_plays_to_the_end_and_stops_there(program: Program, qtbot: QtBot, settle: Callable[[str], None]) -> None:
    program.studio.type("not good")
    settle("not good")
    window, cursor = program.window, program.studio.cursor
    window.transport.change_speed(100)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.transport.playing
    qtbot.waitUntil(lambda: cursor.token == cursor.bounds.token - 1)
    qtbot.waitUntil(lambda: not window.transport.playing)


def test_keys_typed_in_the_sentence_stay_there(program: Program, qtbot: QtBot) -> None:
    field, cursor = program.window.sentence.field, program.studio.cursor
    field.setFocus()
    token, text = cursor.token, field.text()
    qtbot.keyClick(field, Qt.Key.Key_Home)
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert cursor.token == token
    assert not program.window.transport.playing
    assert field.text() == " " + text


def test_space_on_a_focused_button_presses_it(program: Program, qtbot: QtBot) -> None:
    program.studio.cursor.move(token=3)
    button = program.window.transport.findChild(QToolButton, "firstButton")
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert program.studio.cursor.token == 0
    assert not program.window.transport.playing


def test_a_click_on_a_chip_goes_there(program: Program, qtbot: QtBot, settle: Callable[[str], None]) -> None:
    program.studio.type(SENTENCE)
    settle(SENTENCE)
    chips = program.window.chips
    for token in (5, 1):
        qtbot.mouseClick(chips.viewport(), Qt.MouseButton.LeftButton, pos=chips.chip_rect(token).center())
        assert program.studio.cursor.token == token
    assert chips.chip_at(QPoint(5000, 10)) is None


@pytest.mark.parametrize("title", [source.title for source in catalogue.bundled()])
def test_the_picker_switches_the_model_and_keeps_the_sentence(
    program: Program, qtbot: QtBot, settle: Callable[[str], None], title: str
) -> None:
    program.studio.type(SENTENCE)
    settle(SENTENCE)
    picker = program.window.picker
    picker.menu().aboutToShow.emit()
    next(action for action in picker.menu().actions() if action.text() == title).trigger()
    studio = program.studio
    qtbot.waitUntil(lambda: studio.document.source.title == title and not studio.busy)  # type: ignore[union-attr]
    assert studio.sentence == SENTENCE
    assert studio.trace is not None
    assert studio.trace.text == SENTENCE
    assert picker.text().strip() == title
    face = {"transformer": "attention", "lstm": "memory", "gru": "memory", "rnn": "memory", "embedding table": "space"}
    name = face[studio.document.opened.anatomy.kind]  # type: ignore[union-attr]
    assert program.window.docks[name].widget().isVisible()


def test_examples_suit_the_model_and_fill_the_sentence(
    program: Program, qtbot: QtBot, settle: Callable[[str], None]
) -> None:
    menu = program.window.sentence.examples.menu()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert "not good" in texts
    next(action for action in menu.actions() if action.text() == "not good").trigger()
    settle("not good")
    assert program.window.sentence.field.text() == "not good"
