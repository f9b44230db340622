"""The Space panel: the session's own picture and neighbours, placed where PCA says and listed in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.map_page import MapPage
from embstudio.gui.panels.space.map_picture import COMPUTING
from embstudio.gui.panels.space_panel import NO_TABLE, SpacePanel
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef, NeighboursRequest, Table, TableRequest, VectorsRequest
from embstudio.session.runner import Runner
from embstudio.studio import Notice, Severity
from embstudio.trace.stream import stages

pytestmark = pytest.mark.usefixtures("silent")

SENTENCE = "king queen man woman prince princess"


@pytest.fixture(scope="module")
def runner() -> Runner:
    source = find("words")
    return Runner.open(ModelRef(source.path, source.tokenizer))


@pytest.fixture
def panel(open_model: Callable, runner: Runner, theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[MapPage]:
    studio = open_model("words", SENTENCE)
    panel = SpacePanel(studio, theme)
    show(panel, 840, 520)
    assert panel.map_page._empty.text() == COMPUTING
    assert any(isinstance(asked, VectorsRequest) for asked in studio.asked)
    studio.receive(runner.vectors())
    qtbot.waitUntil(lambda: isinstance(studio.asked[-1], NeighboursRequest))
    asked = studio.asked[-1]
    studio.receive(runner.neighbours(asked.ids, asked.count, asked.metric))
    yield panel.map_page
    panel.close()


def test_points_stand_where_pca_says(panel: MapPage, runner: Runner) -> None:
    picture = runner.vectors().picture.astype(float)
    rows = [token.id for token in panel.studio.trace.tokens]
    places = [panel.map.on_screen(row) for row in rows]
    scale = (places[1].x() - places[0].x()) / (picture[rows[1], 0] - picture[rows[0], 0])
    for row, place in zip(rows, places, strict=True):
        assert place.x() - places[0].x() == pytest.approx(scale * (picture[row, 0] - picture[rows[0], 0]), abs=1e-3)
        assert places[0].y() - place.y() == pytest.approx(scale * (picture[row, 1] - picture[rows[0], 1]), abs=1e-3)
        assert panel.map.rect().contains(place.toPoint())
    assert set(panel.map.figure.emphasis.marked) == set(rows)


def test_the_share_kept_is_said(panel: MapPage, runner: Runner) -> None:
    first, second = runner.vectors().explained
    assert f"keeps {100 * (first + second):.1f} % of the variance" in panel.share.text()
    assert f"PC1 ({100 * first:.1f} % of the variance)" in panel.map.figure.axes


def test_neighbours_are_those_of_a_full_search(panel: MapPage, runner: Runner) -> None:
    vectors = runner.table.vectors.astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    for token in range(len(panel.studio.trace)):
        panel.studio.cursor.move(token=token)
        own = panel.studio.trace.tokens[token].id
        distances = 1 - vectors @ vectors[own] / np.maximum(lengths * lengths[own], 1e-30)
        distances[own] = np.inf
        listed = panel.side.table.neighbours.rows
        np.testing.assert_allclose([d for _, d in listed], np.sort(distances)[: len(listed)], atol=1e-6)
        assert [word for word, _ in listed] == [
            runner.table.words[row].strip() for row in panel.map.figure.emphasis.near
        ]
        assert panel.map.figure.emphasis.current == own
        assert panel.side.heading.text() == f"nearest to ‘{SENTENCE.split()[token]}’"
    model = panel.side.table.neighbours
    assert model.headerData(2, Qt.Orientation.Horizontal) == "1 − cosine"
    assert model.index(0, 0).data() == "1"


def test_pointing_finds_the_nearest_word(panel: MapPage) -> None:
    for token in panel.studio.trace.tokens:
        found = panel.map.at(panel.map.on_screen(token.id))
        assert found is not None
        gap = panel.map.on_screen(found) - panel.map.on_screen(token.id)
        assert gap.manhattanLength() < 1
    assert panel.map.at(QPointF(-500, -500)) is None


def test_zoom_keeps_the_place_and_names_words(qtbot: QtBot, panel: MapPage) -> None:
    row = panel.studio.trace.tokens[0].id
    place = panel.map.on_screen(row)
    panel.map.zoom(25.0, place)
    assert (panel.map.on_screen(row) - place).manhattanLength() < 0.01
    panel.map.grab()
    labels = panel.map.figure.labels
    assert labels
    assert not any(a.overlaps(b.left, b.top, b.right, b.bottom) for n, a in enumerate(labels) for b in labels[:n])
    qtbot.keyClick(panel.map, Qt.Key.Key_0)
    assert panel.map.view.fitted
    for key, grows in ((Qt.Key.Key_Plus, True), (Qt.Key.Key_Minus, False)):
        before = panel.map.view.zoom
        qtbot.keyClick(panel.map, key)
        assert (panel.map.view.zoom > before) is grows


def test_marked_labels_do_not_overlap(panel: MapPage) -> None:
    panel.map.grab()
    labels = panel.map.figure.marks
    assert labels[0][1] == panel.map.figure.emphasis.current
    assert not any(a.intersects(b) for n, (a, _) in enumerate(labels) for b, _ in labels[:n])


@pytest.fixture
def tableless(tmp_path: Path) -> Path:
    """A model that takes numbers as they are: y = x W."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "W"], ["y"])],
        "tableless",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, "n", 3])],
        [numpy_helper.from_array(np.ones((4, 3), np.float32), "W")],
    )
    path = tmp_path / "tableless.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_a_model_without_a_table(tableless: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    studio = open_model(tableless, "1 2", {"x": np.ones((1, 2, 4), np.float32)})
    panel = SpacePanel(studio, theme)
    show(panel, 400, 300)
    assert panel._empty.text().startswith(NO_TABLE)
    assert not any(isinstance(each, VectorsRequest) for each in studio.asked)


@pytest.fixture
def layered(open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[MapPage]:
    """The page on a transformer, its words placed."""
    studio = open_model("next-word", "Once upon a time there was a little girl")
    panel = SpacePanel(studio, theme)
    show(panel, 840, 520)
    studio.receive(studio.runner.vectors())
    yield panel.map_page
    panel.close()


def test_the_path_goes_through_the_layers_in_the_words_plane(layered: MapPage) -> None:
    studio = layered.studio
    assert not len(layered.map.figure.path.points)
    for way in (1, 2):
        layered.controls.way.setCurrentIndex(way)
        for token in (2, 5):
            studio.cursor.move(token=token)
            lens = studio.lenses.of("", token)
            assert lens is not None
            shown = [stage for stage in stages(studio.trace) if not stage.point.endswith("final_norm")]
            expected = (lens.path if way == 1 else lens.evened)[: len(shown)]
            np.testing.assert_array_equal(layered.map.figure.path.points, expected)
            # It starts where the token's own word is, if lengths are left as they are.
            if way == 1:
                np.testing.assert_allclose(
                    layered.map.figure.path.points[0],
                    layered.map.figure.points.points[studio.trace.tokens[token].id],
                    atol=1e-4,
                )
            for point in layered.map.figure.path.points:
                assert layered.map.rect().contains(QPoint(*map(round, layered.map.view.place(*point))))
            assert "of the path is in this plane" in layered.share.text()
            assert layered.map.figure.path.stops[0] == "embedding"
    layered.controls.way.setCurrentIndex(0)
    assert not len(layered.map.figure.path.points)
    assert "of the variance" in layered.share.text()


def test_a_model_without_layers_offers_no_path(panel: MapPage) -> None:
    assert not panel.controls.way.isVisible()


def test_the_figure_is_saved_and_said(panel: MapPage, tmp_path: Path) -> None:
    said: list[Notice] = []
    panel.studio.noticed.connect(said.append)
    panel.controls.tools.save(tmp_path / "words.svg")
    assert "<svg" in (tmp_path / "words.svg").read_text("utf-8")
    assert str(tmp_path / "words.svg") in said[-1].text
    panel.controls.tools.save(tmp_path / "words.gif")
    assert said[-1].severity is Severity.ERROR


def test_another_metric_brings_the_models_own_table(panel: MapPage, runner: Runner, qtbot: QtBot) -> None:
    assert not any(isinstance(each, TableRequest) for each in panel.studio.asked)
    panel.walk.compare(metric="euclidean", count=20)
    asked = panel.studio.asked[-1]
    assert isinstance(asked, TableRequest)
    panel.studio.receive(Table(asked.model, runner.table))
    row = panel.standing.row
    assert row == panel.studio.trace.tokens[panel.studio.cursor.token].id
    qtbot.waitUntil(lambda: panel.nearest.of(row) is not None)
    vectors = runner.table.vectors.astype(np.float64)
    distances = np.linalg.norm(vectors - vectors[row], axis=1)
    distances[row] = np.inf
    expected = np.sort(distances)[:20]
    np.testing.assert_allclose([distance for _, distance in panel.side.table.neighbours.rows], expected, rtol=1e-9)


def test_a_step_of_the_cursor_follows_the_token_again(panel: MapPage, runner: Runner, qtbot: QtBot) -> None:
    panel.walk.go(700)
    asked = panel.studio.asked[-1]
    panel.studio.receive(Table(asked.model, runner.table))
    qtbot.waitUntil(lambda: panel.nearest.of(700) is not None)
    assert panel.side.heading.text() == f"nearest to ‘{runner.table.words[700].strip()}’"
    panel.studio.cursor.move(token=1)
    assert panel.side.heading.text() == "nearest to ‘queen’"
    panel.side.back.click()
    qtbot.waitUntil(lambda: panel.nearest.of(700) is not None)
    assert panel.map.figure.emphasis.current == 700
