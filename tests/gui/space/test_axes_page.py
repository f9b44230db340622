"""Named axes in the window: where words stand against float64 numpy, what is marked and what is said."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.axes_page import WORDS_ONLY, AxesPage
from embstudio.space.vector_set import VectorSet

pytestmark = pytest.mark.usefixtures("silent")


def direction(vectors: VectorSet, *pairs: tuple[str, str]) -> np.ndarray:
    at = {word: vectors.vectors[vectors.words.index(word)].astype(np.float64) for pair in pairs for word in pair}
    steps = [at[end] - at[start] for start, end in pairs]
    mean = sum(step / np.linalg.norm(step) for step in steps)
    return np.asarray(mean / np.linalg.norm(mean))


@pytest.fixture
def page(show_page: Callable, words: VectorSet, settled: Callable) -> AxesPage:
    page = show_page(AxesPage, words)
    settled(page)
    return page


def test_words_stand_where_their_projection_is(page: AxesPage, words: VectorSet) -> None:
    assert [field.text() for field in page.fields] == ["he", "she", "bad", "good"]
    u, v = direction(words, ("he", "she")), direction(words, ("bad", "good"))
    x = words.vectors.astype(np.float64)
    shown = page.plot.map.figure.points.points
    row = {word: words.words.index(word) for word in ("he", "she", "bad", "good")}
    assert np.allclose(shown[:, 0], (x - (x[row["he"]] + x[row["she"]]) / 2) @ u, atol=1e-4)
    assert np.allclose(shown[:, 1], (x - (x[row["bad"]] + x[row["good"]]) / 2) @ v, atol=1e-4)
    assert page.plot.map.figure.axes == ("more she than he", "more good than bad")
    assert set(page.plot.map.figure.emphasis.marked) == set(row.values())
    degrees = math.degrees(math.acos(u @ v))
    assert f"{degrees:.0f}°" in page.plot.said.text()


def test_a_second_pair_moves_the_axis(page: AxesPage, words: VectorSet, qtbot: QtBot, settled: Callable) -> None:
    qtbot.mouseClick(page.findChild(QToolButton, "AxisAcrossMore"), Qt.MouseButton.LeftButton)
    start, end = page.across.pairs[1]
    assert start.hasFocus()
    assert not page.busy  # an empty pair asks nothing
    qtbot.keyClicks(start, "man")
    start.completer().popup().hide()
    qtbot.keyClick(start, Qt.Key.Key_Tab)
    end.put("woman")
    settled(page)
    u = direction(words, ("he", "she"), ("man", "woman"))
    x = words.vectors.astype(np.float64)
    middle = np.mean([x[words.words.index(word)] for word in ("he", "she", "man", "woman")], axis=0)
    assert np.allclose(page.plot.map.figure.points.points[:, 0], (x - middle) @ u, atol=1e-4)
    least = min(direction(words, pair) @ u for pair in (("he", "she"), ("man", "woman")))
    assert f"cosines of {least:.4f}"[:15] in page.plot.said.text()
    assert page.plot.map.figure.axes[0] == "more she, woman than he, man"
    qtbot.mouseClick(page.findChild(QToolButton, "AxisAcrossLess"), Qt.MouseButton.LeftButton)
    settled(page)
    assert page.plot.map.figure.axes[0] == "more she than he"


def test_words_are_marked_and_shown_alone(page: AxesPage, words: VectorSet, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.plot.marking.marked, "doctor, nurse, xyzzyq")
    qtbot.keyClick(page.plot.marking.marked, Qt.Key.Key_Return)
    rows = [words.words.index(word) for word in ("doctor", "nurse")]
    assert list(page.plot.map.figure.emphasis.near) == rows
    assert page.plot.marking.missing.text() == "not in the set: xyzzyq"
    before = page.plot.map.figure.points.points[rows]
    page.plot.marking.alone.setChecked(True)
    names = list(page.plot.map.figure.names)
    assert set(names) == {"he", "she", "bad", "good", "doctor", "nurse"}
    assert np.array_equal(
        page.plot.map.figure.points.points[[names.index(word) for word in ("doctor", "nurse")]], before
    )
    assert [names[place] for place in page.plot.map.figure.emphasis.near] == ["doctor", "nurse"]
    page.plot.marking.marked.setText("teacher")
    page.plot.marking.marked.editingFinished.emit()
    assert set(page.plot.map.figure.names) == {"he", "she", "bad", "good", "teacher"}


def test_the_mouse_is_told_the_numbers(page: AxesPage, words: VectorSet) -> None:
    row = words.words.index("doctor")
    x, y = page.plot.map.figure.points.points[row].tolist()
    told = page.plot.map.describe(row).replace("−", "-").splitlines()
    assert told[0] == "doctor"
    assert float(told[1].removeprefix("he → she: ")) == pytest.approx(x, rel=1e-3)
    assert float(told[2].removeprefix("bad → good: ")) == pytest.approx(y, rel=1e-3)


def test_one_axis_twice_is_said(page: AxesPage, settled: Callable) -> None:
    for field, word in zip(page.up.pairs[0], ("he", "she"), strict=True):
        field.put(word)
    settled(page)
    assert "nearly one line (cosine 1.000, 0°)" in page.plot.said.text()


def test_a_pair_of_one_word_is_said(page: AxesPage, settled: Callable) -> None:
    page.up.pairs[0][1].put("bad")
    settled(page)
    assert "same vector" in page.plot.said.text()
    page.up.pairs[0][1].put("good")
    settled(page)
    assert "right angle" in page.plot.said.text()


def test_a_typed_vector_is_refused(page: AxesPage) -> None:
    page.up.pairs[0][1].put("[1, 2]")
    assert page.spelling.said.text() == WORDS_ONLY


def test_another_set_is_placed_anew(page: AxesPage, few: VectorSet, settled: Callable) -> None:
    from pathlib import Path

    from embstudio.space.files import LoadOptions

    page.studio.vector_sets._add(Path("few.txt"), LoadOptions(), few)
    page.show_set()
    settled(page)
    assert "‘he’" in page.spelling.said.text()
    for field, word in zip(page.fields, ("w01", "w02", "w03", "w04"), strict=True):
        field.put(word)
    settled(page)
    assert len(page.plot.map.figure.points.points) == 30
    assert page.plot.map.figure.axes == ("more w02 than w01", "more w04 than w03")


def test_a_click_goes_there_on_the_map_too(page: AxesPage, words: VectorSet) -> None:
    doctor = words.words.index("doctor")
    page.plot.map.clicked.emit(doctor)
    assert page.studio.vector_walk.row == doctor
    assert page.plot.map.figure.emphasis.current == doctor
    page.plot.marking.marked.setText("doctor")
    page.plot.marking.alone.setChecked(True)
    place = list(page.plot.map.figure.names).index("doctor")
    assert page.plot.map.figure.emphasis.current == place
    page.studio.vector_walk.go(None)
    page.plot.map.clicked.emit(place)
    assert page.studio.vector_walk.row == doctor
