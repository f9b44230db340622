"""Playing: it stops where a breakpoint holds, goes on from there, and goes round if it is told to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.style.theme import Theme
from embstudio.gui.token_chips import TokenChips
from embstudio.gui.transport import Transport
from embstudio.studio import Notice
from tests.gui.conftest import OpenModel, OpenStudio

pytestmark = pytest.mark.usefixtures("silent")

TURN = "I expected to hate it but loved it"


@pytest.fixture
def studio(open_model: OpenModel) -> OpenStudio:
    studio = open_model("sentiment-lstm", TURN)
    studio.cursor.move(token=0)
    return studio


@pytest.fixture
def transport(studio: OpenStudio, theme: Theme, show: Callable[[QWidget, int, int], None]) -> Transport:
    transport = Transport(studio, theme, 30.0)
    show(transport, 500, 60)
    return transport


def played(transport: Transport, qtbot: QtBot) -> None:
    """Play until it stops."""
    transport.play.trigger()
    qtbot.waitUntil(lambda: not transport.playing)


def test_it_stops_at_the_token_where_a_breakpoint_holds_and_goes_on(
    transport: Transport, studio: OpenStudio, qtbot: QtBot
) -> None:
    studio.watches.add_breakpoint("position == 2 or position == 5")
    places = []
    for _ in range(3):
        played(transport, qtbot)
        places.append((studio.cursor.token, studio.watches.reason.partition(":")[0]))
    assert places == [(2, "Stopped at ‘to’"), (5, "Stopped at ‘but’"), (7, "")]
    assert transport.play.text() == "Play"


def test_a_disabled_breakpoint_does_not_stop(transport: Transport, studio: OpenStudio, qtbot: QtBot) -> None:
    studio.watches.add_breakpoint("position == 2")
    studio.watches.enable(0, False)
    played(transport, qtbot)
    assert studio.cursor.token == 7


def test_from_the_end_it_begins_again_and_stops_there_if_a_breakpoint_holds(
    transport: Transport, studio: OpenStudio, qtbot: QtBot
) -> None:
    studio.watches.add_breakpoint("position == 0")
    studio.cursor.move(token=7)
    played(transport, qtbot)
    assert studio.cursor.token == 0
    played(transport, qtbot)
    assert studio.cursor.token == 7


def test_in_a_loop_it_goes_round_until_a_breakpoint_holds(
    transport: Transport, studio: OpenStudio, qtbot: QtBot
) -> None:
    transport.loop.trigger()
    studio.cursor.move(token=6)
    transport.play.trigger()
    rounds: list[int] = []
    studio.cursor.changed.connect(lambda place, _previous: rounds.append(place.token))
    qtbot.waitUntil(lambda: rounds.count(0) == 2)
    assert transport.playing
    studio.watches.add_breakpoint("position == 3")
    qtbot.waitUntil(lambda: not transport.playing)
    assert studio.cursor.token == 3
    assert rounds[: rounds.index(0) + 1] == [7, 0]


def test_f5_runs_to_the_next_and_back_to_the_one_before(transport: Transport, studio: OpenStudio) -> None:
    said: list[Notice] = []
    studio.noticed.connect(said.append)
    assert not transport.run.isEnabled()
    studio.watches.add_breakpoint("position == 2 or position == 5")
    assert transport.run.isEnabled()
    places = []
    for action in (transport.run, transport.run, transport.run, transport.run_back, transport.run_back):
        action.trigger()
        places.append(studio.cursor.token)
    assert places == [2, 5, 5, 2, 2]
    assert [notice.text for notice in said] == [
        "No breakpoint holds after this token.", "No breakpoint holds before this token.",
    ]  # fmt: skip
    assert said[0].advice


def test_running_ends_the_playing(transport: Transport, studio: OpenStudio) -> None:
    studio.watches.add_breakpoint("position == 5")
    transport.play.trigger()
    transport.run.trigger()
    assert not transport.playing
    assert studio.cursor.token == 5


def test_f9_breaks_at_this_token_and_f8_watches_what_the_inspector_shows(
    transport: Transport, studio: OpenStudio
) -> None:
    studio.cursor.move(token=4, unit=17)
    transport.break_here.trigger()
    assert studio.watches.marks == (4,)
    transport.break_here.trigger()
    assert studio.watches.marks == ()
    transport.watch.trigger()
    assert studio.watches.watches == ("lstm.0.forward.c[17]",)
    studio.watches.break_pointed()
    assert studio.watches.breakpoints[0].text == "changes_sign(lstm.0.forward.c[17])"


def test_each_button_says_its_key(transport: Transport) -> None:
    for button in transport.findChildren(QToolButton):
        assert button.accessibleName()
        assert "(" in button.toolTip()


def test_chips_are_marked_where_a_breakpoint_holds(
    studio: OpenStudio, theme: Theme, show: Callable[[QWidget, int, int], None], qtbot: QtBot
) -> None:
    chips = TokenChips(studio, theme)
    show(chips, 700, chips.sizeHint().height())

    def dotted() -> list[int]:
        picture, colour = chips.viewport().grab().toImage(), theme.colour("error")
        return [
            token for token in range(studio.cursor.bounds.token)
            if picture.pixelColor(chips.chip_rect(token).center().x(), chips.chip_rect(token).bottom() + 5) == colour
        ]  # fmt: skip

    assert dotted() == []
    studio.watches.add_breakpoint("position == 2 or position == 5")
    qtbot.waitUntil(lambda: dotted() == [2, 5])
    assert "● a breakpoint holds: position = 2 == 2" in chips.describe(2)
    assert "●" not in chips.describe(3)
    studio.type("not good at all")
    qtbot.waitUntil(lambda: chips.describe(2).count("●") == 1)
    studio.watches.enable(0, False)
    qtbot.waitUntil(lambda: dotted() == [])


def test_the_menu_of_a_chip_breaks_there(
    studio: OpenStudio, theme: Theme, show: Callable[[QWidget, int, int], None]
) -> None:
    chips = TokenChips(studio, theme)
    show(chips, 700, chips.sizeHint().height())
    at = chips.chip_rect(3).center()
    QApplication.sendEvent(
        chips.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, chips.mapToGlobal(QPoint(at)))
    )
    menu = chips.findChild(QMenu, "chipMenu")
    menu.actions()[0].trigger()
    menu.close()
    assert studio.watches.marks == (3,)
