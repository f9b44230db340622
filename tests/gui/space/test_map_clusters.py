"""Clusters on the map: those of k-means on the vectors themselves, named, listed, selected, saved, suggested."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.grouping import TITLE
from embstudio.gui.panels.space.map_page import MapPage
from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.plots.scatter.colouring import Categories
from embstudio.gui.plots.scatter.export import svg_of
from embstudio.gui.style.theme import Theme
from embstudio.space.files import LoadOptions, load
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Notice, Studio

pytestmark = pytest.mark.usefixtures("silent")

GROUPS = ("colour", "animal", "city", "verb")
RANDOM = np.random.default_rng(11)
TRUTH = RANDOM.permutation(np.repeat(np.arange(4), (50, 40, 30, 20)))
# In the first two dimensions, which are what the picture shows, the groups lie on one another.
CENTRES = np.concatenate([np.zeros((4, 2)), 6 * np.eye(4)], axis=1)
VECTORS = CENTRES[TRUTH] + RANDOM.normal(size=(140, 6)) * [3.6, 3.6, 0.4, 0.4, 0.4, 0.4]


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[MapPage]:
    """Four groups, and a row that is not finite, drawn by PCA."""
    words = (*(f"{GROUPS[group]}{row}" for row, group in enumerate(TRUTH)), "nowhere")
    table = np.concatenate([VECTORS, np.full((1, 6), np.nan)]).astype(np.float32)
    studio = Studio(lambda *_: None, lambda _: None)
    studio.vector_sets._add(Path("by-hand.txt"), LoadOptions(), VectorSet(words, table))
    panel = SpacePanel(studio, theme)
    show(panel, 1000, 620)
    panel.map_page.walk.compare(metric="euclidean")
    qtbot.waitUntil(lambda: panel.map_page.picture.latest is not None)
    yield panel.map_page
    panel.map_page.picture.run.close()
    panel.map_page.clusters.search.run.close()
    panel.close()


def choose(page: MapPage, qtbot: QtBot, count: int) -> None:
    """Colours stand for so many clusters."""
    page.controls.clusters.count.setValue(count)
    page.controls.colour.setCurrentText("clusters")
    page.controls.colour.activated.emit(page.controls.colour.currentIndex())
    settle(page, qtbot, count)


def settle(page: MapPage, qtbot: QtBot, count: int) -> None:
    def found() -> bool:
        grouping = page.clusters.grouping
        return grouping is not None and grouping.count == count and grouping.clustering.finished

    qtbot.waitUntil(found)
    qtbot.waitUntil(lambda: not page.clusters.search.run.running)


def test_clusters_are_those_of_the_vectors_and_not_of_the_picture(page: MapPage, qtbot: QtBot) -> None:
    choose(page, qtbot, 4)
    colouring = page.map.figure.colouring
    assert isinstance(colouring, Categories)
    assert colouring.title == TITLE
    assert colouring.codes[:140].tolist() == TRUTH.tolist(), "numbered by size, as the groups are"
    assert colouring.names[int(colouring.codes[140])] == "other"
    assert "of the vectors themselves" in page.share.text()
    assert "not of this picture" in page.share.text()


def test_each_is_named_by_words_of_its_own(page: MapPage, qtbot: QtBot) -> None:
    choose(page, qtbot, 4)
    lines = page.side.clusters.clusters.rows
    assert [line.size for line in lines] == [50, 40, 30, 20]
    for group, line in zip(GROUPS, lines, strict=True):
        assert line.words
        assert all(word.startswith(group) for word in line.words)
    assert page.side.tabs.tabText(page.side.tabs.currentIndex()) == "Clusters"
    page.map.grab()
    named = [sign.text for sign in page.map.figure.placed_signs]
    assert named
    assert {text.partition(",")[0] for text in named} <= {line.words[0] for line in lines}
    saved = svg_of(page.map).decode()
    assert "4 clusters of the vectors, not of the picture" in saved
    assert named[0].partition(",")[0] in saved


def test_a_click_on_a_cluster_selects_its_points(page: MapPage, qtbot: QtBot) -> None:
    choose(page, qtbot, 4)
    table = page.side.clusters
    line = table.visualRect(table.clusters.index(2, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=line)
    assert page.map.figure.selected.tolist() == np.flatnonzero(TRUTH == 2).tolist()
    assert page.side.tabs.tabText(page.side.tabs.currentIndex()) == "Clusters", "one stays at the list"
    records = page.side.records.records
    columns = [records.headerData(at, Qt.Orientation.Horizontal) for at in range(records.columnCount())]
    assert records.index(0, columns.index("cluster")).data().startswith("3: city")


def test_the_selection_is_saved_with_its_clusters(page: MapPage, qtbot: QtBot, tmp_path: Path) -> None:
    choose(page, qtbot, 4)
    page.map.select(np.array([0, 1, 2, 3]))
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.saver.save(tmp_path / "some.npz")
    qtbot.waitUntil(lambda: bool(said))
    saved = load(tmp_path / "some.npz").metadata["cluster"]
    assert [int(value.partition(":")[0]) - 1 for value in saved] == TRUTH[:4].tolist()


def test_the_number_that_stands_apart_best_is_suggested(page: MapPage, qtbot: QtBot) -> None:
    choose(page, qtbot, 9)
    page.controls.clusters.suggest.click()
    assert page.controls.clusters.stop.isVisibleTo(page)
    settle(page, qtbot, page.controls.clusters.count.value())
    qtbot.waitUntil(lambda: "stand apart best" in page.share.text())
    settle(page, qtbot, 4)
    assert page.controls.clusters.count.value() == 4
    assert not page.controls.clusters.stop.isVisibleTo(page)


def test_where_there_are_no_clusters_the_number_stays_and_that_is_said(page: MapPage, qtbot: QtBot) -> None:
    crowd = np.random.default_rng(3).normal(size=(200, 9)).astype(np.float32)
    words = tuple(f"w{row}" for row in range(200))
    page.studio.vector_sets._add(Path("crowd.txt"), LoadOptions(), VectorSet(words, crowd))
    choose(page, qtbot, 7)
    page.controls.clusters.suggest.click()
    qtbot.waitUntil(lambda: "There are no clear clusters" in page.share.text())
    settle(page, qtbot, 7)
    assert page.controls.clusters.count.value() == 7


def test_stopping_keeps_the_number_and_says_so(page: MapPage, qtbot: QtBot) -> None:
    choose(page, qtbot, 4)
    page.controls.clusters.suggest.click()
    page.controls.clusters.stop.click()
    qtbot.waitUntil(lambda: not page.clusters.search.run.running)
    assert page.map.figure.colouring is not None, "what there was stays"


def test_vectors_without_words_are_named_by_their_metadata(page: MapPage, qtbot: QtBot) -> None:
    words = tuple(f"#{row}" for row in range(140))
    kinds = tuple(GROUPS[group] for group in TRUTH)
    vectors = VECTORS.astype(np.float32)
    page.studio.vector_sets._add(Path("n.npz"), LoadOptions(), VectorSet(words, vectors, {"kind": kinds, "id": words}))
    choose(page, qtbot, 4)
    assert page.clusters.grouping is not None
    assert page.clusters.grouping.names == [f"{group} 100.0 %" for group in GROUPS]
    model = page.side.clusters.clusters
    assert model.index(0, 1).data().startswith("colour 100.0 %")
    assert "kind: colour in 100.0 %, of all in 35.7 %" in model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    page.studio.vector_sets._add(Path("n.npy"), LoadOptions(), VectorSet(words, vectors))
    choose(page, qtbot, 4)
    assert page.clusters.grouping.names[0] == "cluster 1"


def test_other_colours_put_names_and_list_away(page: MapPage, qtbot: QtBot) -> None:
    choose(page, qtbot, 4)
    page.controls.colour.setCurrentText("one colour")
    page.controls.colour.activated.emit(0)
    assert page.map.figure.colouring is None
    assert page.map.figure.signs.texts == ()
    assert not page.controls.clusters.isVisibleTo(page)
    assert page.side.tabs.tabText(page.side.tabs.currentIndex()) == "Nearest"
    assert "clusters" not in page.share.text()


def test_another_picture_keeps_the_clusters(page: MapPage, qtbot: QtBot, qapp: QApplication) -> None:
    choose(page, qtbot, 4)
    before = page.clusters.grouping
    page.controls.picture.setCurrentText("PCA, 3D")
    page.controls.picture.activated.emit(page.controls.picture.currentIndex())
    qtbot.waitUntil(lambda: page.map.is_cloud)
    assert page.clusters.grouping is before
    assert isinstance(page.map.figure.colouring, Categories)
    assert page.map.figure.signs.places.shape == (4, 3)
    page.map.grab()
    assert page.map.figure.placed_signs
