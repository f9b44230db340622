"""Another provider in the real window: the worker opens the model again, and the choice is remembered."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from embstudio.session.execution.way import Way
from tests.gui.window.conftest import OpenProgram


def test_from_a_provider_that_is_not_there_to_the_cpu(open_program: OpenProgram, qtbot: QtBot, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"provider": "qnn"}), encoding="utf-8")
    program = open_program("sentiment-lstm", "Not bad at all", settings)
    studio, window = program.studio, program.window
    qtbot.waitUntil(lambda: window.notice.isVisible())
    assert window.status.runs_on.text() == "CPU, not QNN"
    studio.cursor.move(token=0)
    act = window.notice.findChild(QAbstractButton, "noticeAction")
    assert (act.text(), act.isVisible()) == ("Run on the CPU", True)
    act.click()
    qtbot.waitUntil(lambda: window.status.runs_on.text() == "CPU" and not studio.busy)
    assert (studio.cursor.token, studio.sentence) == (0, "Not bad at all")
    assert not window.notice.isVisible()
    window.close()
    assert json.loads(settings.read_text(encoding="utf-8"))["provider"] == "cpu"


def test_a_comparison_by_the_worker(open_program: OpenProgram, qtbot: QtBot) -> None:
    program = open_program("sentiment-lstm", "Not bad at all")
    program.window.parity_wanted.emit()
    assert program.window.findChild(QWidget, "ParityDialog") is not None
    program.studio.parities.ask(Way("cpu"), Way("cpu", half=True))
    qtbot.waitUntil(lambda: not program.studio.parities.running)
    assert program.studio.parities.found is not None
    assert program.studio.parities.found.parting is None
