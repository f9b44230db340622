"""Two words by every metric: the numbers of the table and the picture against float64 numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.asking_page import NO_SET, PREPARING
from embstudio.gui.panels.space.distances_page import NO_ROW, DistancesPage
from embstudio.gui.panels.space.lookups import Lookups
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.plots.metric_table import UNDEFINED
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import EmbedRequest
from embstudio.space.files import LoadOptions
from embstudio.space.vector_set import VectorSet

pytestmark = pytest.mark.usefixtures("silent")


def numbers(page: DistancesPage) -> dict[str, str]:
    """What the table says."""
    model = page.table.metrics
    return {model.index(row, 0).data(): model.index(row, 2).data() for row in range(model.rowCount())}


def test_the_example_of_the_notes(show_page: Callable, few: VectorSet) -> None:
    page = show_page(DistancesPage, few)
    page.first.put("[0.2, 0.8, 0.1]")
    page.second.put("[0.7, 0.3, 0.9]")
    said = numbers(page)
    assert said["Euclidean"] == "1.0677078"
    assert said["cosine similarity"] == "0.4799168"
    assert said["dot product"] == "0.4700000"
    assert said["Manhattan"] == "1.8000000"
    assert said["Chebyshev"] == "0.8000000"
    assert page.plot.scene.angle.text == "61.3°, cosine 0.4799"
    assert page.ranking.text() == NO_ROW
    assert not page.ranks.isVisible()


def test_every_metric_of_two_words(show_page: Callable, words: VectorSet, settled: Callable) -> None:
    page = show_page(DistancesPage, words)
    settled(page)
    assert (page.first.text(), page.second.text()) == ("cat", "dog")
    a, b = (words.vectors[words.words.index(word)].astype(np.float64) for word in ("cat", "dog"))
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    wanted = {
        "cosine similarity": cosine, "cosine distance": 1 - cosine, "Euclidean": np.linalg.norm(a - b),
        "squared Euclidean": np.sum((a - b) ** 2), "dot product": a @ b, "angular": math.acos(cosine) / math.pi,
        "Manhattan": np.abs(a - b).sum(), "Chebyshev": np.abs(a - b).max(),
        "correlation": 1 - np.corrcoef(a, b)[0, 1],
    }  # fmt: skip
    shown = {row.name: row.value for row in page.table.metrics.rows}
    assert shown.keys() == wanted.keys()
    for name, value in wanted.items():
        assert shown[name] == pytest.approx(value, rel=1e-9), name


def test_the_picture_is_to_scale(show_page: Callable, words: VectorSet, settled: Callable) -> None:
    page = show_page(DistancesPage, words)
    settled(page)
    page.grab()
    a, b = (words.vectors[words.words.index(word)].astype(np.float64) for word in ("cat", "dog"))
    zero, at_a, at_b = (
        np.array(page.plot.on_screen(place).toTuple())
        for place in ((0.0, 0.0), *(spot.place for spot in page.plot.scene.spots))
    )
    scale = np.linalg.norm(at_a - zero) / np.linalg.norm(a)
    assert np.linalg.norm(at_b - zero) == pytest.approx(scale * np.linalg.norm(b), rel=1e-9)
    assert np.linalg.norm(at_b - at_a) == pytest.approx(scale * np.linalg.norm(a - b), rel=1e-9)
    for place in (zero, at_a, at_b):
        assert page.plot.rect().contains(*map(round, place.tolist()))


def test_ranks_agree_with_those_of_all_distances(show_page: Callable, few: VectorSet, settled: Callable) -> None:
    """With 30 words all are among the 100 nearest, so the correlation is of all but the word itself."""
    page = show_page(DistancesPage, few)
    page.first.put("w03")
    page.second.put("w04")
    settled(page)
    table = few.vectors.astype(np.float64)
    others = np.array([row for row in range(30) if row != 3])
    manhattan, chebyshev = (
        np.argsort(np.argsort(distance(np.abs(table[others] - table[3]))))
        for distance in (lambda gaps: gaps.sum(axis=1), lambda gaps: gaps.max(axis=1))
    )
    model = page.ranks.ranks
    at = [model.names.index(name) for name in ("Manhattan", "Chebyshev")]
    assert model.rho[at[0], at[1]] == pytest.approx(np.corrcoef(manhattan, chebyshev)[0, 1], abs=1e-12)
    assert "cosine and angular rank the same" in page.ranking.text()
    assert "Euclidean and squared Euclidean rank the same" in page.ranking.text()
    assert "29 words" in page.ranking.text()


def test_unit_vectors_are_said_to_rank_alike(show_page: Callable, few: VectorSet, settled: Callable) -> None:
    vectors = few.vectors[:29].astype(np.float64)
    unit = VectorSet(few.words[:29], vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    page = show_page(DistancesPage, unit)
    page.first.put("w03")
    page.second.put("w04")
    settled(page)
    assert "cosine, Euclidean, squared Euclidean, dot product and angular rank the same" in page.ranking.text()
    assert "have the same length" in page.ranking.text()


def test_what_is_undefined_is_said(show_page: Callable, few: VectorSet, settled: Callable) -> None:
    page = show_page(DistancesPage, few)
    page.first.put("w01")
    page.second.put("nothing")
    settled(page)
    said = numbers(page)
    undefined = {name for name, text in said.items() if text == UNDEFINED}
    assert undefined == {"cosine similarity", "cosine distance", "angular", "correlation"}
    assert "no direction" in page.undefined.text()
    assert page.plot.scene.angle is None
    assert "no angle" in page.plane_note.text()


def test_an_unknown_word_is_offered_in_other_spellings(
    show_page: Callable, words: VectorSet, settled: Callable, qtbot: QtBot
) -> None:
    page = show_page(DistancesPage, words)
    page.second.setFocus()
    page.second.selectAll()
    qtbot.keyClicks(page.second, "eleefant")
    qtbot.keyClick(page.second, Qt.Key.Key_Return)
    settled(page)
    assert "‘eleefant’" in page.spelling.said.text()
    button = next(button for button in page.spelling.buttons if button.text() == "elephant")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert page.second.text() == "elephant"
    assert not page.spelling.isVisible()
    assert page.plot.scene.spots[1].name == "elephant"
    settled(page)


def test_a_word_is_completed(show_page: Callable, words: VectorSet, qtbot: QtBot, settled: Callable) -> None:
    page = show_page(DistancesPage, words)
    settled(page)
    page.first.setFocus()
    page.first.selectAll()
    qtbot.keyClicks(page.first, "quee")
    wanted = [word for word in words.words if word.startswith("quee")]
    assert list(page.first.offered()) == wanted[:12]
    page.first.completer().activated.emit("queens")
    assert page.first.text() == "queens"
    assert page.plot.scene.spots[0].name == "queens"
    settled(page)


def test_different_widths_cannot_be_compared(show_page: Callable, few: VectorSet) -> None:
    page = show_page(DistancesPage, few)
    page.first.put("w01")
    page.second.put("[1, 2]")
    assert "5 numbers and 2" in page.spelling.said.text()


def test_what_is_no_vector_is_said(show_page: Callable, few: VectorSet) -> None:
    page = show_page(DistancesPage, few)
    page.first.put("[1, x]")
    page.second.put("w01")
    assert "no vector" in page.spelling.said.text()


def test_swapping_ranks_around_the_other(show_page: Callable, few: VectorSet, settled: Callable) -> None:
    page = show_page(DistancesPage, few)
    page.first.put("w01")
    page.second.put("w02")
    page._swap()
    settled(page)
    assert [spot.name for spot in page.plot.scene.spots] == ["w02", "w01"]
    assert "‘w02’" in page.ranking.text()


def test_without_vectors_it_says_what_to_do(show_page: Callable) -> None:
    page = show_page(DistancesPage, None)
    assert page.empty.text() == NO_SET
    assert not page.row.isEnabled()


def test_without_words_it_says_what_to_type(show_page: Callable, few: VectorSet) -> None:
    page = show_page(DistancesPage, few)
    assert page._stack.currentWidget() is page.empty
    assert "[0.2, 0.8, 0.1]" in page.empty.text()


def test_vectors_are_compared_as_chosen_on_the_map(
    show_page: Callable, few: VectorSet, settled: Callable, qtbot: QtBot
) -> None:
    page = show_page(DistancesPage, few)
    page.first.put("w01")
    page.second.put("[1, 2, 3, 4, 5]")
    settled(page)
    assert page.done.text() == ""
    page.studio.vector_walk.compare(centre=True, unit=True)
    assert page.empty.text() == PREPARING.format("centred, unit length")
    qtbot.waitUntil(lambda: page.lookup is not None)
    settled(page)
    x = few.vectors.astype(np.float64)
    a, b = x[1] - x.mean(axis=0), np.arange(1.0, 6) - x.mean(axis=0)
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    shown = {row.name: row.value for row in page.table.metrics.rows}
    assert shown["Euclidean"] == pytest.approx(np.linalg.norm(a - b), rel=1e-6)  # prepared vectors are float32
    assert "centred, unit length" in page.done.text()
    page.studio.vector_walk.compare(centre=False, unit=False)
    shown = {row.name: row.value for row in page.table.metrics.rows}
    assert shown["Euclidean"] == pytest.approx(np.linalg.norm(x[1] - np.arange(1.0, 6)), rel=1e-12)
    settled(page)


def test_the_two_last_words_of_the_map_are_taken(
    show_page: Callable, few: VectorSet, settled: Callable, qtbot: QtBot
) -> None:
    page = show_page(DistancesPage, few)
    assert not page.from_map.isEnabled()
    for row in (3, 8, 5, 8):
        page.studio.vector_walk.go(row)
    assert page.from_map.isEnabled()
    qtbot.mouseClick(page.from_map, Qt.MouseButton.LeftButton)
    assert (page.first.text(), page.second.text()) == ("w05", "w08")
    settled(page)


def test_a_set_that_is_not_looked_at_any_more_is_let_go(show_page: Callable, few: VectorSet, settled: Callable) -> None:
    page = show_page(DistancesPage, few)
    sets = page.studio.vector_sets
    assert page.lookup.set is few
    page.hide()
    sets.choose(None)
    assert page.lookup is None
    assert page.lookups.kept is None
    assert page.first.lookup is None
    sets.choose(sets.open_sets[0])
    page.show()
    page.show_set()
    assert page.lookup.set is few


def test_a_set_without_the_examples_begins_with_the_words_of_the_map(
    show_page: Callable, few: VectorSet, settled: Callable
) -> None:
    page = show_page(DistancesPage, None)
    page.hide()  # the map is in front
    page.studio.vector_sets._add(Path("few.txt"), LoadOptions(), few)
    page.studio.vector_walk.go(2)
    page.studio.vector_walk.go(6)
    page.show()
    page.show_set()
    settled(page)
    assert (page.first.text(), page.second.text()) == ("w02", "w06")


def test_around_a_vector_of_zeros_some_metrics_have_no_order(
    show_page: Callable, few: VectorSet, settled: Callable
) -> None:
    page = show_page(DistancesPage, few)
    page.first.put("nothing")
    page.second.put("w01")
    settled(page)
    said = page.ranking.text()
    assert "By cosine, dot product, angular and correlation all are as near as each other" in said
    model = page.ranks.ranks
    assert model.index(model.names.index("cosine"), model.names.index("Euclidean")).data() == "—"


def test_rounding_is_not_shown_as_a_distance(show_page: Callable, few: VectorSet, settled: Callable) -> None:
    vectors = np.vstack([few.vectors, few.vectors[1] * 0.3])
    page = show_page(DistancesPage, VectorSet((*few.words, "shorter"), vectors))
    page.first.put("w01")
    page.second.put("shorter")
    said = numbers(page)
    assert (said["cosine distance"], said["cosine similarity"]) == ("0.0000000", "1.0000000")
    assert "0.0°" in page.plot.scene.angle.text
    settled(page)


def test_a_text_is_compared_with_a_set_that_the_open_model_made(
    open_model: Callable, theme: Theme, show: Callable, qapp: QApplication, settled: Callable
) -> None:
    studio = open_model("sentences")
    texts = tuple(f"A {who} runs {where}." for who in ("dog", "cat", "king") for where in ("home", "away", "out"))
    model = studio.document.opened.model
    made = VectorSet(texts, studio.runner.embed(EmbedRequest(model, texts)).vectors)
    studio.vector_sets._add(Path("made.npz"), LoadOptions(), made)
    page = DistancesPage(studio, theme, Lookups(studio, Preparation(qapp)))
    show(page, 900, 520)
    page.show_set()
    typed = "A ship crosses the sea"
    page.first.put(texts[4])
    page.second.put(typed)
    settled(page)
    a = made.vectors[4].astype(np.float64)
    b = studio.runner.embed(EmbedRequest(model, (typed,))).vectors[0].astype(np.float64)
    shown = {row.name: row.value for row in page.table.metrics.rows}
    assert shown["Euclidean"] == pytest.approx(np.linalg.norm(a - b), rel=1e-9)
    assert shown["cosine similarity"] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-9)
    assert page.made_by.text().startswith(f"No name in made.npz, so taken as text: ‘{typed}’, by Sentence vectors")
    page.second.put(texts[0])
    assert page.made_by.text() == ""
    wanted = []
    page.texts_wanted.connect(lambda first, second: wanted.append((first, second)))
    page.as_texts.click()
    assert wanted == [(texts[4], texts[0])]
    page.second.put(typed)
    settled(page)
    studio.open("sentiment-rnn")  # it makes no vectors of texts
    page.show_set()
    settled(page)
    complaint = page.findChild(QWidget, "Spelling")
    assert complaint is not None
    assert complaint.isVisible()
    assert typed in complaint.accessibleName()


def test_a_text_is_no_word_of_a_set_that_another_made(
    open_model: Callable, theme: Theme, show: Callable, qapp: QApplication, settled: Callable
) -> None:
    studio = open_model("sentences")
    other = VectorSet(("a dog", "a cat", "a king"), np.random.default_rng(1).normal(size=(3, 100)).astype(np.float32))
    studio.vector_sets._add(Path("other.npz"), LoadOptions(), other)
    page = DistancesPage(studio, theme, Lookups(studio, Preparation(qapp)))
    show(page, 900, 520)
    page.show_set()
    page.first.put("a dog")
    page.second.put("a ship crosses the sea")
    settled(page)
    assert not page.table.isVisible()
