"""The map on a file of vectors: search, metrics, walking, selecting, colours, pictures, saving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.map_page import MapPage
from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.plots.scatter.colouring import Categories, Numbers
from embstudio.gui.style.theme import Theme
from embstudio.space.files import load
from embstudio.studio import Notice, Studio

pytestmark = pytest.mark.usefixtures("silent")

COUNT, WIDTH = 40, 5


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Vectors with a column of groups and one of numbers."""
    random = np.random.default_rng(3)
    table = random.normal(size=(COUNT, WIDTH)) + np.arange(COUNT)[:, None] % 3
    path = tmp_path / "words.csv"
    lines = [",".join(["word", "group", "year", *(f"d{axis}" for axis in range(WIDTH))])]
    for row, vector in enumerate(table):
        lines.append(",".join([f"word{row}", "abc"[row % 3], f"y{1900 + row}", *(f"{each:.6f}" for each in vector)]))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot, file: Path) -> Iterator[MapPage]:
    """The page with the file open and its picture drawn."""
    studio = Studio(lambda *_: None, lambda _: None)
    studio.vector_sets._add(file, *_read(file))
    panel = SpacePanel(studio, theme)
    show(panel, 900, 560)
    qtbot.waitUntil(lambda: panel.map_page.picture.latest is not None)
    yield panel.map_page
    panel.map_page.picture.run.close()
    panel.map_page.colours.trust.run.close()
    panel.close()


def _read(path: Path) -> tuple:
    from embstudio.space.files.options import LoadOptions

    return LoadOptions(), load(path)


def vectors_of(page: MapPage) -> np.ndarray:
    active = page.studio.vector_sets.active
    assert active is not None
    return active.vectors.astype(np.float64)


def settle(page: MapPage, qtbot: QtBot, row: int) -> None:
    qtbot.waitUntil(lambda: page.standing.row == row and page.nearest.of(row) is not None)


def test_the_file_is_what_the_test_means(page: MapPage) -> None:
    active = page.studio.vector_sets.active
    assert active is not None
    assert vectors_of(page).shape == (COUNT, WIDTH)
    assert set(active.metadata) >= {"group", "year"}


FAR = {
    "cosine": lambda a, b: 1 - b @ a / np.linalg.norm(a) / np.linalg.norm(b, axis=1),
    "euclidean": lambda a, b: np.linalg.norm(b - a, axis=1),
    "manhattan": lambda a, b: np.linalg.norm(b - a, ord=1, axis=1),
    "chebyshev": lambda a, b: np.linalg.norm(b - a, ord=np.inf, axis=1),
}


@pytest.mark.parametrize("metric", FAR)
def test_the_nearest_are_those_of_a_full_search(page: MapPage, qtbot: QtBot, metric: str) -> None:
    page.walk.compare(metric=metric, count=5)
    page.walk.go(7)
    settle(page, qtbot, 7)
    distances = FAR[metric](vectors_of(page)[7], vectors_of(page))
    distances[7] = np.inf
    expected = np.argsort(distances)[:5]
    assert list(page.map.figure.emphasis.near) == expected.tolist()
    assert page.map.figure.emphasis.current == 7
    listed = page.side.table.neighbours.rows
    assert [word for word, _ in listed] == [f"word{row}" for row in expected]
    np.testing.assert_allclose([distance for _, distance in listed], distances[expected], rtol=1e-9)


def test_centred_vectors_of_unit_length_have_other_neighbours(page: MapPage, qtbot: QtBot) -> None:
    page.controls.prepare.actions_of["centre"].trigger()
    page.controls.prepare.actions_of["unit"].trigger()
    page.walk.compare(metric="euclidean", count=6)
    page.walk.go(3)
    settle(page, qtbot, 3)
    vectors = vectors_of(page) - vectors_of(page).mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    distances = np.linalg.norm(vectors - vectors[3], axis=1)
    distances[3] = np.inf
    assert list(page.map.figure.emphasis.near) == np.argsort(distances)[:6].tolist()
    assert page.controls.prepare.text() == "centred, unit length"
    assert "centred, unit length" in page.side.heading.text()
    qtbot.waitUntil(lambda: "centred, unit length" in page.map.figure.captions)


def test_the_picture_is_pca(page: MapPage) -> None:
    centred = vectors_of(page) - vectors_of(page).mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ axes[:2].T
    drawn = page.map.figure.points.points
    np.testing.assert_allclose(np.abs(drawn), np.abs(expected), atol=1e-5)


def test_a_word_is_searched_and_gone_to(page: MapPage, qtbot: QtBot) -> None:
    field = page.controls.search
    qtbot.keyClicks(field, "word1")
    assert list(field.offered())[:2] == ["word1", "word10"]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle(page, qtbot, 1)
    assert page.side.heading.text().startswith("nearest to ‘word1’")
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.search.find_word("wort1")
    qtbot.waitUntil(lambda: bool(said))
    assert "'word1'" in said[0].text


def test_an_expression_selects_and_the_table_lists(page: MapPage, qtbot: QtBot) -> None:
    page.controls.search.setText("/^word3\\d$/")
    qtbot.keyClick(page.controls.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.map.figure.selected) > 0)
    assert page.map.figure.selected.tolist() == list(range(30, 40))
    records = page.side.records.records
    assert records.rowCount() == 10
    columns = [records.headerData(at, Qt.Orientation.Horizontal) for at in range(records.columnCount())]
    row = {name: records.index(4, at).data() for at, name in enumerate(columns)}
    assert (row["word"], row["group"], row["year"]) == ("word34", "b", "y1934")
    page.side.records.picked.emit(34)
    assert page.walk.row == 34
    page.side.clear.click()
    assert records.rowCount() == 0


@pytest.mark.parametrize("ending", [".npz", ".tsv"])
def test_the_selection_is_saved_with_its_metadata(page: MapPage, qtbot: QtBot, tmp_path: Path, ending: str) -> None:
    page.map.select(np.array([2, 5, 11]))
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.saver.save(tmp_path / f"chosen{ending}")
    qtbot.waitUntil(lambda: bool(said))
    saved = load(tmp_path / f"chosen{ending}")
    assert saved.words == ("word2", "word5", "word11")
    np.testing.assert_allclose(saved.vectors, vectors_of(page)[[2, 5, 11]], rtol=1e-6)
    assert saved.metadata["group"] == ("c", "c", "c")


def test_walking_along_the_table_and_back(page: MapPage, qtbot: QtBot) -> None:
    page.walk.go(0)
    settle(page, qtbot, 0)
    second = page.map.figure.emphasis.near[1]
    page.side.table.clicked.emit(page.side.table.neighbours.index(1, 0))
    settle(page, qtbot, second)
    assert page.side.back.isEnabled()
    page.side.back.click()
    settle(page, qtbot, 0)
    assert page.map.figure.emphasis.current == 0


def test_points_are_coloured_by_a_column(page: MapPage) -> None:
    page.controls.colour.setCurrentText("group")
    page._choose_picture()
    colouring = page.map.figure.colouring
    assert isinstance(colouring, Categories)
    assert [colouring.names[code] for code in colouring.codes[:4]] == ["a", "b", "c", "a"]


def test_another_picture_says_what_it_does_not_mean(page: MapPage, qtbot: QtBot) -> None:
    page.map.select(np.array([4]))
    page.controls.picture.setCurrentText("t-SNE")
    page._choose_picture()
    qtbot.waitUntil(lambda: page.map.figure.axes[0] == "t-SNE 1")
    assert "gaps and sizes mean nothing" in page.map.figure.captions
    page.controls.stop.click()
    qtbot.waitUntil(lambda: not page.picture.run.running)
    assert page.map.figure.selected.tolist() == [4]
    page.controls.colour.setCurrentText("trustworthiness")
    page._choose_picture()
    qtbot.waitUntil(lambda: isinstance(page.map.figure.colouring, Numbers))
    assert page.share.text().startswith("Trustworthiness 0.")


def test_hovering_names_the_word_and_its_metadata(page: MapPage) -> None:
    assert page.map.describe(7).splitlines()[0].startswith("word7")
    assert "group: b" in page.map.describe(7)
