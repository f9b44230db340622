"""King − man + woman in the window: the ranked answers against float64 numpy, and the arrows' geometry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.analogy_page import WORDS_ONLY, AnalogyPage
from embstudio.space.vector_set import VectorSet

pytestmark = pytest.mark.usefixtures("silent")


def unit(vectors: np.ndarray) -> np.ndarray:
    x = vectors.astype(np.float64)
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-300)


@pytest.fixture
def page(show_page: Callable, words: VectorSet, settled: Callable) -> AnalogyPage:
    page = show_page(AnalogyPage, words)
    settled(page)
    return page


def test_answers_are_those_of_float64(page: AnalogyPage, words: VectorSet) -> None:
    assert [field.text() for field in page.fields] == ["king", "man", "woman"]
    rows = [words.words.index(word) for word in ("king", "man", "woman")]
    table = unit(words.vectors)
    target = table[rows[0]] - table[rows[1]] + table[rows[2]]
    cosines = table @ unit(target)
    best = [row for row in np.argsort(-cosines, kind="stable")[:20].tolist() if row not in rows][:10]
    shown = page.table.scores.rows
    assert [word for word, _score in shown] == [words.words[row] for row in best]
    assert np.allclose([score for _word, score in shown], cosines[best], atol=1e-12)
    assert shown[0][0] == "queen"


def test_what_is_left_out_is_said(page: AnalogyPage, words: VectorSet) -> None:
    said = page.said.text()
    assert "left out (‘king’, ‘man’, ‘woman’)" in said
    assert "otherwise ‘king’ itself would come first" in said


def test_the_other_rule(page: AnalogyPage, words: VectorSet, settled: Callable) -> None:
    page.rule.setCurrentIndex(1)
    settled(page)
    rows = [words.words.index(word) for word in ("king", "man", "woman")]
    table = unit(words.vectors)
    a, b, c = ((1 + table @ table[row]) / 2 for row in rows)
    ratios = a * c / (b + 0.001)
    ratios[rows] = -np.inf
    best = np.argsort(-ratios, kind="stable")[:10]
    shown = page.table.scores.rows
    assert [word for word, _score in shown] == [words.words[row] for row in best]
    assert np.allclose([score for _word, score in shown], ratios[best], rtol=1e-9)
    assert page.table.scores.headerData(2, Qt.Orientation.Horizontal) == "ratio"


def test_the_arrows_are_the_same_arrow_twice(page: AnalogyPage, words: VectorSet) -> None:
    first, second = page.plot.scene.arrows[:2]
    assert np.allclose(np.subtract(first.end, first.start), np.subtract(second.end, second.start), atol=1e-9)
    rows = [words.words.index(word) for word in ("king", "man", "woman", "queen")]
    x = unit(words.vectors[rows])
    points = np.vstack([x[:3], x[0] - x[1] + x[2], x[3]])
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) ** 2
    assert f"{100 * spread[:2].sum() / spread.sum():.1f} %" in page.plane_note.text()
    # What the picture and the distance off it leave of a point is all of it.
    whole = np.linalg.norm(points[4] - points.mean(axis=0))
    at = np.array(page.plot.scene.spots[4].place)
    off = float(page.plane_note.text().split(" stands ")[1].split()[0])
    assert np.hypot(np.linalg.norm(at), off) == pytest.approx(whole, abs=1e-4)


def test_words_are_asked_with_the_keyboard(page: AnalogyPage, qtbot: QtBot, settled: Callable) -> None:
    for field, word in zip(page.fields, ("paris", "france", "italy"), strict=True):
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, word)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    settled(page)
    assert page.table.scores.rows[0][0] == "rome"
    assert page.plot.scene.spots[4].name == "rome"


def test_a_typed_vector_is_refused(page: AnalogyPage) -> None:
    page.fields[0].put("[" + ", ".join(["1"] * 100) + "]")
    assert page.spelling.said.text() == WORDS_ONLY


def test_a_set_of_three_has_no_answer(show_page: Callable, settled: Callable) -> None:
    page = show_page(AnalogyPage, VectorSet(("king", "man", "woman"), np.eye(3)))
    settled(page)
    assert page.table.scores.rows == ()
    assert "No other word" in page.said.text()
