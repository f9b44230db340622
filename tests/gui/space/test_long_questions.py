"""Questions to large sets: the window goes on, and what takes long can be stopped and asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space import lookups
from embstudio.gui.panels.space.analogy_page import AnalogyPage
from embstudio.gui.panels.space.answer_wait import STOPPED
from embstudio.gui.panels.space.asking_page import AskingPage
from embstudio.gui.panels.space.axes_page import AxesPage
from embstudio.gui.panels.space.distances_page import DistancesPage
from embstudio.space.lookup import Lookup
from embstudio.space.vector_set import VectorSet
from embstudio.space.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("silent")

NAMES = ("king", "man", "woman", "queen", "he", "she", "bad", "good", "cat", "dog")


class _Held(np.ndarray):
    """A table that can be had only while `open` is set, as one on a slow disk."""

    open = Event()

    def __getitem__(self, key: object) -> np.ndarray:  # type: ignore[override]
        if not isinstance(key, int | np.integer):
            assert self.open.wait(120)
        return np.asarray(np.ndarray.__getitem__(self, key))  # type: ignore[index]


@pytest.fixture
def slow() -> Iterator[VectorSet]:
    """Words whose table is held back until `_Held.open` is set."""
    table = np.random.default_rng(1).normal(size=(60, 6)).astype(np.float32).view(_Held)
    _Held.open.clear()
    yield VectorSet((*NAMES, *(f"w{row}" for row in range(50))), table)
    _Held.open.set()


@pytest.mark.parametrize("kind", [AnalogyPage, AxesPage])
def test_a_long_question_can_be_stopped_and_asked_again(
    kind: type[AskingPage], show_page: Callable, slow: VectorSet, qtbot: QtBot, settled: Callable
) -> None:
    page = show_page(kind, slow)
    stop, again = (page.findChild(QToolButton, name) for name in ("answerStop", "answerAgain"))
    qtbot.waitUntil(lambda: stop.isVisible())
    assert page.busy
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert not page.busy
    assert page.wait.telling.text() == STOPPED
    assert not stop.isVisible()
    assert again.isVisible()
    _Held.open.set()
    qtbot.waitUntil(lambda: page.answers._running is None)
    said = page.plot.said if isinstance(page, AxesPage) else page.said
    assert said.text() == ""  # the answer that came too late is not shown
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    settled(page)
    assert said.text()
    assert not page.wait.isVisible()


def test_what_is_quick_shows_no_way_to_stop_it(show_page: Callable, words: VectorSet, settled: Callable) -> None:
    page = show_page(DistancesPage, words)
    settled(page)
    assert not page.wait.isVisible()
    assert not page.wait._patience.isActive()


def test_a_list_of_many_words_is_made_beside_the_window(
    show_page: Callable, few: VectorSet, settled: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "MOST_AT_ONCE", 10)
    page = show_page(DistancesPage, few)
    assert page.lookup is None
    assert "a list of their words is made" in page.empty.text()
    assert not page.row.isEnabled()
    settled(page)
    assert page.row.isEnabled()
    assert page.lookup is page.lookups.current
    page.fields[0].put("w03")
    page.fields[1].put("w04")
    settled(page)
    assert page.table.metrics.rows


def test_a_list_that_nobody_waits_for_is_given_up() -> None:
    words = tuple(f"w{row}" for row in range(50_000))
    calls: list[int] = []

    class Enough(Exception):
        pass

    def check() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Enough

    with pytest.raises(Enough):
        Lookup(VectorSet(words, np.zeros((50_000, 2), np.float32))).prepare(check)
    assert len(calls) == 2
    again = Vocabulary((*words, "w7", "w49999"))
    assert [again.find(word) for word in ("w0", "w7", "w49999")] == [0, 7, 49999]
