"""Typed texts by every metric, by the bundled models: the numbers against float64 formulas and against scipy's."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.text_rows import MOST
from embstudio.gui.panels.space.texts_page import TextsPage
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import EmbedRequest
from embstudio.studio import Studio

pytestmark = pytest.mark.usefixtures("silent")

BOAT, SHIP, TAX = "A boat sails on the sea.", "The ship crosses the ocean.", "Taxes rise again this year."


@pytest.fixture
def page(open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot) -> Callable[..., TextsPage]:
    """page(model, *texts): shown, with what is typed answered."""

    def start(model: str, *texts: str, width: int = 1000, height: int = 700) -> TextsPage:
        shown = TextsPage(open_model(model), theme)
        show(shown, width, height)
        shown.show_set()
        if texts:
            shown.compare(*texts)
        qtbot.waitUntil(lambda: not shown.busy)
        return shown

    return start


def vectors_of(studio: Studio, *texts: str) -> np.ndarray:
    """By a request of its own, in float64."""
    assert studio.document is not None
    request = EmbedRequest(studio.document.opened.model, texts, pooling=studio.pooling)
    return studio.runner.embed(request).vectors.astype(np.float64)  # type: ignore[attr-defined]


def test_every_metric_of_two_texts(page: Callable) -> None:
    shown = page("sentences", BOAT, SHIP)
    a, b = vectors_of(shown.studio, BOAT, SHIP)
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    wanted = {
        "cosine similarity": cosine, "cosine distance": 1 - cosine, "Euclidean": np.linalg.norm(a - b),
        "squared Euclidean": np.sum((a - b) ** 2), "dot product": a @ b, "angular": math.acos(cosine) / math.pi,
        "Manhattan": np.abs(a - b).sum(), "Chebyshev": np.abs(a - b).max(),
        "correlation": 1 - np.corrcoef(a, b)[0, 1],
    }  # fmt: skip
    said = {row.name: row.value for row in shown.numbers.metrics.rows}
    assert said.keys() == wanted.keys()
    for name, value in wanted.items():
        assert said[name] == pytest.approx(value, rel=2e-5, abs=2e-5), name  # texts run together differ by rounding
    assert not shown.table.isVisible()
    assert shown.pair_heading.text() == "A and B"


def test_the_plane_is_true(page: Callable) -> None:
    shown = page("sentences", BOAT, SHIP)
    a, b = vectors_of(shown.studio, BOAT, SHIP)
    (ax, ay), (bx, by) = (spot.place for spot in shown.plot.scene.spots)
    assert math.hypot(ax, ay) == pytest.approx(np.linalg.norm(a), rel=2e-5)
    assert math.hypot(bx, by) == pytest.approx(np.linalg.norm(b), rel=2e-5)
    assert math.hypot(ax - bx, ay - by) == pytest.approx(np.linalg.norm(a - b), rel=2e-5)


def cosine_distance(a: np.ndarray, b: np.ndarray) -> float:
    return 1 - a @ b / math.sqrt((a @ a) * (b @ b))


@pytest.mark.parametrize(
    ("title", "formula"),
    [
        ("cosine distance", cosine_distance),
        ("Euclidean", lambda a, b: math.sqrt(((a - b) ** 2).sum())),
        ("Manhattan", lambda a, b: abs(a - b).sum()),
        ("Chebyshev", lambda a, b: abs(a - b).max()),
        ("correlation", lambda a, b: cosine_distance(a - a.mean(), b - b.mean())),
        ("squared Euclidean", lambda a, b: ((a - b) ** 2).sum()),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_all_pairs_by_a_metric(page: Callable, title: str, formula: Callable) -> None:
    shown = page("sentences", BOAT, SHIP, TAX)
    shown.metrics.setCurrentText(title)
    vectors = [np.asarray(vector, np.float64) for vector in vectors_of(shown.studio, BOAT, SHIP, TAX)]
    wanted = np.array([[formula(a, b) for b in vectors] for a in vectors])
    assert shown.table.likeness.values == pytest.approx(wanted, rel=2e-5, abs=2e-5)


def test_which_two_are_nearer(page: Callable) -> None:
    shown = page("sentences", BOAT, TAX, SHIP)
    boat, _tax, ship = vectors_of(shown.studio, BOAT, TAX, SHIP)
    cosine = boat @ ship / (np.linalg.norm(boat) * np.linalg.norm(ship))
    assert shown.answer.text().startswith(f"Nearest: A and C ({cosine:.4f}).")
    assert shown.table.isVisible()


def test_a_pair_of_the_table_is_drawn(page: Callable, qtbot: QtBot) -> None:
    shown = page("sentences", BOAT, TAX, SHIP)
    qtbot.keyClick(shown.table, Qt.Key.Key_Right)
    qtbot.keyClick(shown.table, Qt.Key.Key_Down)
    qtbot.keyClick(shown.table, Qt.Key.Key_Up)
    index = shown.table.currentIndex()
    assert shown.pair == (index.row(), index.column()) == (0, 2)
    assert shown.pair_heading.text() == "A and C"
    assert [spot.name[:6] for spot in shown.plot.scene.spots] == ["A: A b", "C: The"]


def test_typing_is_followed(page: Callable, qtbot: QtBot) -> None:
    shown = page("sentences", BOAT, SHIP)
    shown.rows.fields[1].clear()
    qtbot.keyClicks(shown.rows.fields[1], BOAT)
    qtbot.waitUntil(lambda: not shown.busy)
    same = {row.name: row.value for row in shown.numbers.metrics.rows}
    assert same["Euclidean"] == 0
    assert same["cosine similarity"] == 1


def test_it_begins_with_the_sentence_and_examples_of_the_card(page: Callable) -> None:
    shown = page("sentences")
    assert shown.rows.texts[0] == "The dog was cute"
    assert shown.rows.texts[1:] == list(shown.studio.document.source.card.example_sentences[:2])
    assert shown.table.isVisible()


def test_twelve_at_most_and_two_at_least(page: Callable, qtbot: QtBot) -> None:
    shown = page("sentences", BOAT, SHIP)
    for _ in range(MOST):
        shown.add.click()
        shown.rows.fields[-1].setText(f"{len(shown.rows.fields)} boats")
    assert len(shown.rows.fields) == MOST
    assert not shown.add.isEnabled()
    qtbot.waitUntil(lambda: not shown.busy)
    assert shown.table.likeness.values.shape == (MOST, MOST)
    shown.add_sentence.click()
    assert len(shown.rows.texts) == MOST
    shown.rows._rows[1].out.click()
    assert shown.rows.texts[1] == "3 boats"
    assert shown.rows.fields[1].accessibleName() == "Text B"
    while len(shown.rows.fields) > 2:
        shown.rows._rows[-1].out.click()
    shown.rows._rows[1].out.click()
    assert shown.rows.texts == [BOAT, ""]


def test_the_typed_sentence_is_added(page: Callable, qtbot: QtBot) -> None:
    shown = page("sentences", BOAT, "")
    shown.add_sentence.click()
    qtbot.waitUntil(lambda: not shown.busy)
    assert shown.rows.texts == [BOAT, "The dog was cute"]
    assert shown.plot.scene.spots[1].name.startswith("B: The dog was cute")


def test_a_text_of_unknown_signs_is_refused_in_words(page: Callable) -> None:
    shown = page("words", BOAT, SHIP)
    assert not shown.rows.isVisible()
    assert "makes a vector of each token" in shown.source.refusal.text()
    shown.source.mean.click()
    shown.compare(BOAT, SHIP, "...")
    assert shown.rows.isVisible()
    assert "mean of the tokens' vectors" in shown.source.said.text()
    assert shown.said.text().startswith("C: The model's tokenizer finds nothing in this text that it knows.")
    assert shown.pair_heading.text() == "A and B"


def test_a_long_text_is_said_to_be_cut(page: Callable) -> None:
    shown = page("sentences", BOAT, "boat " * 300)
    assert shown.said.text() == "B: only its first 128 of 300 tokens are read."


def test_a_model_without_vectors_of_texts_offers_one(page: Callable) -> None:
    shown = page("sentiment-lstm")
    assert "makes no vector of a whole text" in shown.source.refusal.text()
    assert not shown.rows.isVisible()
    assert not shown.source.mean.isVisible()
    shown.source.open.click()
    shown.show_set()
    assert shown.rows.isVisible()
    assert "Sentence vectors" in shown.source.said.text()
