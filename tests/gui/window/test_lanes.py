"""Lanes in the real program: real window, real worker process, real bundled models."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.base.settings import load_settings
from embstudio.gui.panels.lanes_panel import LanesPanel
from embstudio.gui.program import Program
from embstudio.modelfile.catalogue import find
from embstudio.studio import Notice

SENTENCE = "I expected to hate it but loved it"
OTHERS = ("sentiment-rnn", "next-word")


def panel_of(program: Program) -> LanesPanel:
    panel = program.window.docks["lanes"].widget()
    assert isinstance(panel, LanesPanel)
    return panel


@pytest.fixture
def lanes(qtbot: QtBot, open_program: Callable[..., Program], tmp_path: Path) -> Program:
    """The program with three lanes in front, all read."""
    program = open_program("sentiment-lstm", SENTENCE, tmp_path / "settings.json")
    program.window.raise_panel("lanes")
    for name in OTHERS:
        program.studio.companions.add(name)
    wait_for(qtbot, program, SENTENCE)
    return program


def wait_for(qtbot: QtBot, program: Program, text: str) -> None:
    """Until all lanes show a text."""

    def shown() -> bool:
        rows = panel_of(program).rows
        return len(rows) == len(OTHERS) + 1 and all(
            row.lane is not None and row.lane.trace is not None and row.lane.trace.text == text for row in rows
        )

    qtbot.waitUntil(shown)


def test_a_typed_sentence_reaches_every_lane(qtbot: QtBot, lanes: Program) -> None:
    for text in ("not", "not good", "not good at all"):  # as a person types: the newest wins
        lanes.studio.type(text)
    wait_for(qtbot, lanes, "not good at all")
    said = [row.verdict.text() for row in panel_of(lanes).rows]
    assert all(said)
    assert said[0] != said[1]


def test_models_that_were_added_stay_while_the_open_one_changes(qtbot: QtBot, lanes: Program) -> None:
    lanes.studio.open("sentiment-rnn")
    qtbot.waitUntil(lambda: lanes.studio.document.source.name == "sentiment-rnn")
    qtbot.waitUntil(lambda: len(panel_of(lanes).rows) == 2)
    lanes.studio.open("sentiment-lstm")
    wait_for(qtbot, lanes, SENTENCE)


def test_lanes_survive_the_worker(qtbot: QtBot, lanes: Program) -> None:
    said: list[Notice] = []
    lanes.studio.noticed.connect(said.append)
    pid = lanes.background.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(said))
    lanes.studio.type("after the worker died")
    wait_for(qtbot, lanes, "after the worker died")
    assert all(member.problem is None for member in lanes.studio.companions.members)


def test_they_are_there_again_the_next_time(
    qtbot: QtBot, lanes: Program, open_program: Callable[..., Program], tmp_path: Path
) -> None:
    lanes.window.close()
    settings, complaints = load_settings(tmp_path / "settings.json")
    assert complaints == []
    assert settings.companions == list(OTHERS)
    again = open_program(None, None, tmp_path / "settings.json")
    again.window.raise_panel("lanes")
    wait_for(qtbot, again, SENTENCE)


def test_compare_offers_what_is_not_open(qtbot: QtBot, open_program: Callable[..., Program]) -> None:
    program = open_program("sentiment-lstm", SENTENCE)
    menu = program.window.compare.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    offered = [action.text() for action in menu.actions()]
    assert find("sentiment-rnn").title in offered
    assert find("sentiment-lstm").title not in offered
    action = next(each for each in menu.actions() if each.text() == find("sentiment-rnn").title)
    action.trigger()
    qtbot.waitUntil(lambda: len(panel_of(program).rows) == 2)
    assert panel_of(program).isVisible()
    qtbot.mouseClick(panel_of(program).rows[1].closed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel_of(program).invitation.isVisible)


def test_a_window_of_a_long_text_follows_the_cursor(qtbot: QtBot, lanes: Program) -> None:
    text = " ".join([SENTENCE] * 60)
    lanes.studio.type(text)
    wait_for(qtbot, lanes, text)
    row = panel_of(lanes).rows[2]
    assert row.lane is not None
    assert row.lane.trace is not None
    assert row.lane.trace.window is not None
    for token in (400, 100, len(lanes.studio.trace) - 1):  # type: ignore[arg-type]
        lanes.studio.cursor.move(token=token)
        qtbot.waitUntil(lambda: row.verdict.text().startswith("next: "))
