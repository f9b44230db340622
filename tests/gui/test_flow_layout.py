"""Controls in a row that wraps: all within the width, in order, none over another, and as high as that needs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.flow_layout import FlowRow

pytestmark = pytest.mark.usefixtures("silent")

TAIL = 120


class Block(QWidget):
    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._size = QSize(width, height)

    def sizeHint(self) -> QSize:
        return self._size

    def minimumSizeHint(self) -> QSize:
        return self._size


@pytest.fixture
def row() -> FlowRow:
    row = FlowRow(tail=TAIL)
    row.flow.setContentsMargins(4, 2, 4, 2)
    row.blocks = [Block(90, 24), Block(60, 18), Block(110, 20), Block(40, 18), Block(10, 16)]  # type: ignore[attr-defined]
    for block in row.blocks:  # type: ignore[attr-defined]
        row.flow.addWidget(block)
    return row


@pytest.mark.parametrize("width", [130, 200, 300, 420, 700])
def test_all_lie_within_in_order_and_none_over_another(row: FlowRow, show: Callable, width: int) -> None:
    show(row, width, 100)
    places = [block.geometry() for block in row.blocks]  # type: ignore[attr-defined]
    inside = row.rect().adjusted(4, 2, -4, -2)
    assert all(inside.contains(place) for place in places)
    assert not any(one.intersects(other) for at, one in enumerate(places) for other in places[:at])
    for one, other in pairwise(places):
        assert one.right() < other.left() or one.bottom() < other.bottom()
    assert places[-1].width() >= min(TAIL, inside.width())  # the last has what is left, or a line of its own
    assert places[-1].right() == inside.right()
    assert row.height() <= max(place.bottom() for place in places) + 1 + 2 + 24 - 16  # no empty line below


def test_hidden_ones_take_no_room_and_the_height_follows(qtbot: QtBot, row: FlowRow, show: Callable) -> None:
    show(row, 200, 100)
    before = row.height()
    for block in row.blocks[:3]:  # type: ignore[attr-defined]
        block.hide()
    qtbot.waitUntil(lambda: row.height() < before)
    assert row.blocks[3].x() == 4  # type: ignore[attr-defined]
