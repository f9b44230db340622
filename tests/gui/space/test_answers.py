"""Questions off the UI thread: the newest is answered, older ones end early, errors come back as errors."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, get_ident

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embstudio.base.errors import InputError, WorkerError
from embstudio.gui.panels.space.answers import Answers, Check

pytestmark = pytest.mark.usefixtures("silent")


@pytest.fixture
def answers(qapp: QApplication) -> Answers:
    return Answers()


def test_an_answer_comes_from_another_thread_to_this_one(answers: Answers, qtbot: QtBot) -> None:
    came: list[tuple[int, int]] = []
    answers.answered.connect(lambda worker: came.append((worker, get_ident())))
    answers.ask(lambda _check: get_ident())
    assert answers.busy
    qtbot.waitUntil(lambda: not answers.busy)
    assert came[0][0] != get_ident()
    assert came[0][1] == get_ident()


def test_only_the_newest_is_answered(answers: Answers, qtbot: QtBot) -> None:
    begun, go_on, went_on = Event(), Event(), Event()
    came: list[str] = []
    answers.answered.connect(came.append)

    def first(check: Check) -> str:
        begun.set()
        go_on.wait(120)
        check()
        went_on.set()
        return "first"

    answers.ask(first)
    assert begun.wait(120)
    answers.ask(lambda _check: "second")
    answers.ask(lambda _check: "third")
    go_on.set()
    qtbot.waitUntil(lambda: not answers.busy)
    assert came == ["third"]
    assert not went_on.is_set()  # it ended where it asked whether anybody still waits


def test_what_is_forgotten_never_comes(answers: Answers, qtbot: QtBot) -> None:
    go_on = Event()
    came: list[str] = []
    answers.answered.connect(came.append)
    answers.ask(lambda _check: str(go_on.wait(120)))
    answers.forget()
    assert not answers.busy
    go_on.set()
    qtbot.waitUntil(lambda: answers._running is None)
    assert came == []


def _refuse(_check: Check) -> None:
    raise InputError("There is nothing.")


def _break(_check: Check) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(("question", "kind"), [(_refuse, InputError), (_break, WorkerError)])
def test_errors_come_back(answers: Answers, qtbot: QtBot, question: Callable, kind: type) -> None:
    failed: list[object] = []
    answers.failed.connect(failed.append)
    answers.ask(question)
    qtbot.waitUntil(lambda: not answers.busy)
    assert [type(error) for error in failed] == [kind]
