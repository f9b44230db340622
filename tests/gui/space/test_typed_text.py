"""A typed text among the points: its nearest against a full search, its place against the picture's own formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.map_page import MapPage
from embstudio.gui.panels.space.typed_text import EXACT
from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import EmbedRequest, Pooling, Vectors
from embstudio.space.files import LoadOptions
from embstudio.space.guest_place import among, on_axes
from embstudio.space.vector_set import VectorSet

pytestmark = pytest.mark.usefixtures("silent")

WHO = ("A dog", "The cat", "My horse", "A bird", "The king", "Her boat")
WHAT = ("runs home", "sleeps in the garden", "eats bread", "crosses the sea", "sees a house", "goes to school")
TEXTS = tuple(f"{who} {what}." for who in WHO for what in WHAT)
TYPED = "A ship sails over the ocean"


@pytest.fixture
def show_map(open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[Callable[..., MapPage]]:
    """show_map(model, set or None, pooling) with its first picture drawn."""
    panels: list[SpacePanel] = []

    def start(model: str, vectors: VectorSet | None = None, pooling: Pooling | None = None) -> MapPage:
        studio = open_model(model)
        studio.set_pooling(pooling)
        if vectors is not None:
            studio.vector_sets._add(Path("made.npz"), LoadOptions(), vectors)
        else:
            answer: Vectors = studio.runner.vectors()
            studio.want_vectors()
            studio.receive(answer)
        panel = SpacePanel(studio, theme)
        panels.append(panel)
        show(panel, 900, 640)
        qtbot.waitUntil(lambda: len(panel.map_page.map.figure.points) > 0)
        return panel.map_page

    yield start
    for panel in panels:
        panel.map_page.picture.run.close()
        panel.close()


@pytest.fixture
def made(open_model: Callable) -> VectorSet:
    """The texts by the bundled model for sentences."""
    studio = open_model("sentences")
    return VectorSet(TEXTS, studio.runner.embed(EmbedRequest(studio.document.opened.model, TEXTS)).vectors)


def put(page: MapPage, qtbot: QtBot, text: str) -> None:
    """Type a text, and wait until it is placed."""
    page.text_line.field.clear()
    qtbot.keyClicks(page.text_line.field, text)
    qtbot.keyClick(page.text_line.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.typed.busy and page.map.figure.guest is not None)


def vector_of(page: MapPage, text: str) -> np.ndarray:
    studio = page.studio
    assert studio.document is not None
    request = EmbedRequest(studio.document.opened.model, (text,), pooling=studio.pooling)
    return studio.runner.embed(request).vectors[0].astype(np.float64)  # type: ignore[attr-defined,no-any-return]


FAR = {
    "cosine": lambda a, b: 1 - b @ a / np.linalg.norm(a) / np.linalg.norm(b, axis=1),
    "euclidean": lambda a, b: np.linalg.norm(b - a, axis=1),
    "manhattan": lambda a, b: np.linalg.norm(b - a, ord=1, axis=1),
}


@pytest.mark.parametrize("metric", FAR)
def test_the_nearest_of_a_text_are_those_of_a_full_search(
    show_map: Callable, made: VectorSet, qtbot: QtBot, metric: str
) -> None:
    page = show_map("sentences", made)
    page.walk.compare(metric=metric, count=7)
    put(page, qtbot, TYPED)
    distances = FAR[metric](vector_of(page, TYPED), made.vectors.astype(np.float64))
    expected = np.argsort(distances)[:7]
    assert list(page.map.figure.emphasis.near) == expected.tolist()
    listed = page.side.table.neighbours.rows
    assert [word for word, _ in listed] == [TEXTS[row] for row in expected]
    np.testing.assert_allclose([distance for _, distance in listed], distances[expected], rtol=1e-9)
    assert page.side.heading.text() == f"nearest to the text ‘{TYPED}’"


def test_its_place_by_principal_components_is_exact(show_map: Callable, made: VectorSet, qtbot: QtBot) -> None:
    page = show_map("sentences", made)
    put(page, qtbot, TYPED)
    guest, points = page.map.figure.guest, page.map.figure.points.points.astype(np.float64)
    centred = made.vectors.astype(np.float64)
    centred = centred - (mean := centred.mean(axis=0))
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    axes *= np.sign(np.sum((centred @ axes.T) * points, axis=0))[:, None]  # which way an axis points means nothing
    assert guest.place == pytest.approx(axes @ (vector_of(page, TYPED) - mean), abs=1e-4)
    assert guest.caption == EXACT
    assert EXACT in page.map.figure.notes()
    assert page.map.rect().contains(page.map.where(guest.place).toPoint())


def test_a_text_of_the_set_lies_on_its_own_point(show_map: Callable, made: VectorSet, qtbot: QtBot) -> None:
    page = show_map("sentences", made)
    for picture in ("PCA", "random", "t-SNE"):
        page.controls.picture.setCurrentText(picture)
        page._choose_picture()
        qtbot.waitUntil(lambda: page.picture.settled)
        put(page, qtbot, TEXTS[8])
        points = page.map.figure.points.points
        assert page.side.table.neighbours.rows[0] == (TEXTS[8], pytest.approx(0, abs=1e-6))
        reach = float(np.abs(points).max())
        assert np.abs(page.map.figure.guest.place - points[8]).max() < 1e-3 * reach, picture


def test_a_picture_without_a_formula_is_said_to_be_guessed(show_map: Callable, made: VectorSet, qtbot: QtBot) -> None:
    page = show_map("sentences", made)
    page.controls.picture.setCurrentText("t-SNE")
    page._choose_picture()
    qtbot.waitUntil(lambda: page.picture.settled)
    put(page, qtbot, TYPED)
    guest, points = page.map.figure.guest, page.map.figure.points.points.astype(np.float64)
    assert "a guess" in guest.caption
    distances = FAR["cosine"](vector_of(page, TYPED), made.vectors.astype(np.float64))
    nearest = np.argsort(distances)[:12]
    weights = 1 / distances[nearest]
    assert guest.place == pytest.approx((weights[:, None] * points[nearest]).sum(axis=0) / weights.sum(), rel=1e-4)


def test_what_is_done_to_the_set_is_done_to_the_text(show_map: Callable, made: VectorSet, qtbot: QtBot) -> None:
    page = show_map("sentences", made)
    page.walk.compare(metric="euclidean", count=4, centre=True, unit=True)
    put(page, qtbot, TYPED)
    vectors = made.vectors.astype(np.float64)
    mean = vectors.mean(axis=0)
    unit = (vectors - mean) / np.linalg.norm(vectors - mean, axis=1, keepdims=True)
    x = vector_of(page, TYPED) - mean
    distances = np.linalg.norm(unit - x / np.linalg.norm(x), axis=1)
    assert list(page.map.figure.emphasis.near) == np.argsort(distances)[:4].tolist()
    assert page.side.heading.text().endswith("centred, unit length")


def test_going_to_a_point_leaves_the_text_and_enter_comes_back(
    show_map: Callable, made: VectorSet, qtbot: QtBot
) -> None:
    page = show_map("sentences", made)
    put(page, qtbot, TYPED)
    assert page.map.figure.guest.current
    page.walk.go(5)
    qtbot.waitUntil(lambda: page.map.figure.emphasis.current == 5)
    assert not page.map.figure.guest.current
    qtbot.waitUntil(lambda: page.nearest.of(5) is not None)
    assert TEXTS[5] in page.side.heading.text()
    qtbot.keyClick(page.text_line.field, Qt.Key.Key_Return)
    assert page.map.figure.emphasis.current is None
    assert page.map.figure.guest.current
    assert TYPED in page.side.heading.text()
    page.text_line.field.clear()
    assert page.map.figure.guest is None


def test_the_words_of_a_static_table_are_neighbours_of_a_text(show_map: Callable, qtbot: QtBot) -> None:
    page = show_map("words", pooling=Pooling("mean"))
    put(page, qtbot, "cats and dogs")
    table = page.studio.runner.table
    distances = FAR["cosine"](vector_of(page, "cats and dogs"), table.vectors.astype(np.float64))
    expected = np.argsort(distances)[:12]
    assert list(page.map.figure.emphasis.near) == expected.tolist()
    guest = page.map.figure.guest
    assert guest.caption == EXACT
    put(page, qtbot, "king")
    row = table.words.index("king")
    assert page.map.figure.guest.place == pytest.approx(page.map.figure.points.points[row], abs=1e-5)


def test_a_table_of_tokens_is_no_place_for_a_text(show_map: Callable, qtbot: QtBot) -> None:
    page = show_map("sentences")
    page.text_line.field.setText(TYPED)
    page.typed.go()
    assert page.map.figure.guest is None
    assert "vectors of single tokens" in page.text_line.trouble.text()
    asked = []
    page.studio.vector_sets.making.wanted.connect(lambda: asked.append(True))
    page.text_line._buttons[0].click()
    assert asked == [True]
    page.text_line.field.clear()
    assert not page.text_line.trouble.isVisible()


def test_another_width_and_another_maker_are_said(show_map: Callable, made: VectorSet, qtbot: QtBot) -> None:
    page = show_map("sentences", VectorSet(TEXTS, made.vectors[:, :7].copy()))
    page.text_line.field.setText(TYPED)
    page.typed.go()
    assert "made.npz has vectors of 7 numbers, and Sentence vectors makes vectors of 100" in (
        page.text_line.trouble.text()
    )
    turned = VectorSet(TEXTS, np.roll(made.vectors, 1, axis=1))
    page.studio.vector_sets._add(Path("turned.npz"), LoadOptions(), turned)
    qtbot.waitUntil(lambda: "did not make turned.npz" in page.text_line.trouble.text())
    assert page.map.figure.guest is None
    page.text_line._buttons[1].click()  # the person knows better
    qtbot.waitUntil(lambda: not page.typed.busy and page.map.figure.guest is not None)
    distances = FAR["cosine"](vector_of(page, TYPED), turned.vectors.astype(np.float64))
    assert list(page.map.figure.emphasis.near) == np.argsort(distances)[:12].tolist()


def test_a_model_without_vectors_of_texts_has_no_field(show_map: Callable, made: VectorSet) -> None:
    page = show_map("sentiment-lstm", made)
    assert page.text_line.field.isHidden()


def test_places_by_formula_and_by_guess() -> None:
    random = np.random.default_rng(5)
    x, axes = random.normal(size=(4, 6)), random.normal(size=(2, 6))
    places = (x - x.mean(axis=0)) @ axes.T
    assert on_axes(x[3], axes, x[0], places[0]) == pytest.approx(places[3])
    assert among(places[:2], np.array([1.0, 3.0])) == pytest.approx(0.75 * places[0] + 0.25 * places[1])
    assert among(places[:3], np.array([0.0, 0.0, 1.0])) == pytest.approx((places[0] + places[1]) / 2)
