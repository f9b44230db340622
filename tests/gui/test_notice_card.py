"""What is said stays readable while a model is opened, and goes when a new trace answers it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QToolButton, QWidget

from embstudio.base.errors import InputError
from embstudio.gui.notice_card import NoticeCard
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import OpenRequest, Request
from embstudio.studio import Notice, Severity
from tests.gui.conftest import OpenStudio

pytestmark = pytest.mark.usefixtures("silent")

LOST = Notice(Severity.WARNING, "The file of vectors is lost.", "Look for it.", "ENOENT")
ODD = Notice(Severity.ERROR, "Odd numbers.", "Take others.", "0x7f")


class SlowStudio(OpenStudio):
    """Models come when `come` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[Request, str]] = []

    def _keep(self, request: Request, lane: str) -> None:
        if isinstance(request, OpenRequest):
            self.waiting.append((request, lane))
        else:
            super()._keep(request, lane)

    def come(self) -> None:
        """Answer the request for the model that was wanted last, and what follows from it."""
        super()._keep(*self.waiting.pop())


@pytest.fixture
def studio() -> SlowStudio:
    return SlowStudio()


@pytest.fixture
def card(studio: SlowStudio, theme: Theme, show: Callable) -> NoticeCard:
    window = QWidget()
    window.card = NoticeCard(studio, theme, window)  # type: ignore[attr-defined]
    show(window, 700, 500)
    return window.card  # type: ignore[attr-defined, no-any-return]


def said(card: NoticeCard) -> str:
    return "" if card.isHidden() else card.accessibleDescription()


def test_what_comes_before_the_first_model_stays_beside_its_first_trace(studio: SlowStudio, card: NoticeCard) -> None:
    studio.noticed.emit(LOST)
    studio.open("toy-rnn")
    studio.come()
    assert studio.trace is not None
    assert said(card) == f"{LOST.text}\n{LOST.advice}"
    studio.type("good good")
    assert said(card) == ""


def test_what_comes_while_another_model_is_opened_stays_too(studio: SlowStudio, card: NoticeCard) -> None:
    studio.open("toy-rnn")
    studio.come()
    studio.noticed.emit(ODD)
    studio.open("toy-lstm")
    studio.come()
    assert said(card) == ""  # it was of the model before
    studio.open("toy-rnn")
    studio.noticed.emit(ODD)
    studio.come()
    assert said(card) == f"{ODD.text}\n{ODD.advice}"


def test_what_there_is_to_say_of_the_first_trace_is_added(studio: SlowStudio, card: NoticeCard) -> None:
    studio.open("toy-rnn")
    studio.noticed.emit(LOST)
    studio.come()
    studio.noticed.emit(LOST)  # the same again
    assert said(card) == f"{LOST.text}\n{LOST.advice}"
    studio.open("toy-lstm")
    studio.noticed.emit(LOST)
    studio.come()
    studio.noticed.emit(ODD)
    assert said(card) == f"{LOST.text}\n{LOST.advice}\n{ODD.text}\n{ODD.advice}"
    assert card.notice is not None
    assert (card.notice.severity, card.notice.detail) == (Severity.ERROR, "ENOENT\n0x7f")
    studio.noticed.emit(LOST)
    assert said(card) == f"{LOST.text}\n{LOST.advice}"


def test_one_that_was_closed_does_not_come_back(studio: SlowStudio, card: NoticeCard) -> None:
    studio.open("toy-rnn")
    studio.noticed.emit(LOST)
    studio.come()
    button = card.findChild(QToolButton, "noticeClose")
    assert button is not None
    button.click()
    studio.noticed.emit(ODD)
    assert said(card) == f"{ODD.text}\n{ODD.advice}"


def test_why_a_model_was_not_opened_goes_with_the_next_trace(studio: SlowStudio, card: NoticeCard) -> None:
    studio.open("toy-rnn")
    studio.come()
    studio.open("no/such/model.onnx")
    assert "no/such/model.onnx" in said(card)
    studio.open("toy-lstm")
    studio.come()
    assert said(card) == ""
    studio.noticed.emit(Notice.of(InputError("Too long.")))
    studio.type("good good")
    assert said(card) == ""
