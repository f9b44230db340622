"""PySide6 6.12.0 on Python 3.11 loses a reference to None or True at each paint event and signal, and the program dies
once none is left. This is why pyproject.toml keeps PySide6 below 6.12; the test guards the version that is in use."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

ROUNDS = 400
NOISE = 40  # references that come and go with anything else

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True cannot die from Python 3.12 on")


class Emitter(QObject):
    fired = Signal(int)


class Painted(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawLine(0, 0, 9, 9)


def references() -> tuple[int, int, int]:
    return sys.getrefcount(None), sys.getrefcount(True), sys.getrefcount(False)


def test_painting_and_signals_keep_the_references_of_none_true_and_false(qtbot: QtBot) -> None:
    widget, emitter, seen = Painted(), Emitter(), []
    qtbot.addWidget(widget)
    emitter.fired.connect(seen.append)
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    widget.render(image)

    before = references()
    for turn in range(ROUNDS):
        widget.render(image)
        emitter.fired.emit(turn)
    after = references()

    assert len(seen) == ROUNDS
    assert all(abs(now - then) < NOISE for now, then in zip(after, before, strict=True)), (before, after)
