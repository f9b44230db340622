"""A text longer than the model can take, in the real window: said, and walked through part by part."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.window_bar import WindowBar
from tests.gui.window.conftest import OpenProgram

LONG = " ".join(f"The dog number {n} was cute." for n in range(200))


def test_a_long_text_is_walked_through_part_by_part(open_program: OpenProgram, qtbot: QtBot) -> None:
    program = open_program("next-word", "The dog was cute.")
    studio = program.studio
    bar = program.window.findChild(WindowBar)
    assert bar is not None
    assert not bar.isVisible()

    studio.type(LONG)
    qtbot.waitUntil(lambda: studio.trace is not None and studio.trace.text == LONG)
    assert bar.isVisible()
    seen, places = [], []
    while True:
        assert studio.trace is not None
        window = studio.trace.window
        assert window is not None
        seen.extend(token.id for token in studio.trace.tokens[max(0, len(seen) - window.start) :])
        places.append(bar.where.text())
        assert bar.where.text() == f"tokens {window.start + 1:,}–{window.end:,} of {window.total:,}"
        if not bar.later.isEnabled():
            break
        start = window.next_start
        qtbot.mouseClick(bar.later, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(
            lambda start=start: studio.trace.window.start == start,  # type: ignore[misc, union-attr]
        )
    assert len(seen) == window.total
    assert len(places) > 2

    last = window.start
    qtbot.mouseClick(bar.earlier, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: studio.trace.window.start < last)  # type: ignore[union-attr]
    studio.type("The dog was cute.")
    qtbot.waitUntil(lambda: not bar.isVisible())
