"""Lines from the point under the mouse to its true neighbours, on a file's vectors and on a model's own table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.plots.scatter.ties import Ties
from embstudio.gui.style.point_colours import category_colours
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import NeighboursRequest
from embstudio.space.files import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio

pytestmark = pytest.mark.usefixtures("silent")

COUNT = 300
VECTORS = np.random.default_rng(5).normal(size=(COUNT, 6)).astype(np.float32) * [3, 2, 2, 1, 1, 1]


@pytest.fixture
def panel(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[SpacePanel]:
    """The panel with a set by hand, its PCA drawn."""
    studio = Studio(lambda *_: None, lambda _: None)
    vectors = VectorSet(tuple(f"w{row:03}" for row in range(COUNT)), VECTORS.astype(np.float32))
    studio.vector_sets._add(Path("by-hand.txt"), LoadOptions(), vectors)
    panel = SpacePanel(studio, theme)
    show(panel, 900, 600)
    qtbot.waitUntil(lambda: panel.map_page.picture.settled)
    yield panel
    panel.map_page.picture.run.close()
    panel.close()


def hover(panel: SpacePanel, row: int, qtbot: QtBot) -> Ties:
    scatter = panel.map_page.map
    QTest.mouseMove(scatter, QPoint(2, 2))
    QTest.mouseMove(scatter, scatter.on_screen(row).toPoint())
    assert scatter.hovered_row == row
    qtbot.waitUntil(lambda: scatter.ties is not None)
    assert scatter.ties is not None
    return scatter.ties


def lonely(points: np.ndarray) -> int:
    """A row that no other point lies near: pointing at it means it."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1) + 9e9 * np.eye(len(points))
    return int(apart.min(axis=1).argmax())


def nearest_in(table: np.ndarray, row: int, metric: str) -> list[int]:
    table = table.astype(np.float64)
    if metric == "cosine":
        table = table / np.linalg.norm(table, axis=1, keepdims=True)
    far = np.linalg.norm(table - table[row], axis=1)
    far[row] = np.inf
    return np.argsort(far).tolist()


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("centre", [False, True])
def test_the_lines_go_to_the_true_nearest(panel: SpacePanel, qtbot: QtBot, metric: str, centre: bool) -> None:
    page = panel.map_page
    page.walk.compare(metric=metric, centre=centre, count=10)
    changes = page.walk.comparison.changes

    def drawn_so() -> bool:
        prepared = page.picture.prepared
        return prepared is not None and prepared.changes == changes and page.picture.settled

    qtbot.waitUntil(drawn_so)
    points = page.map.figure.points.points.astype(np.float64)
    row = lonely(points)
    ties = hover(panel, row, qtbot)
    table = VECTORS - VECTORS.mean(axis=0) if centre else VECTORS
    expected = nearest_in(table, row, metric)[:10]
    shown = set(nearest_in(points, row, "euclidean")[:30])  # three times as many, and not more than a tenth
    assert ties.kept == tuple(each for each in expected if each in shown)
    assert ties.torn == tuple(each for each in expected if each not in shown)
    by = metric + (", centred" if centre else "")
    assert ties.said == f"‘w{row:03}’: {len(ties.kept)} of 10 true neighbours ({by}) are near here"


def test_a_picture_is_not_settled_while_other_vectors_are_prepared_for_it(panel: SpacePanel, qtbot: QtBot) -> None:
    page = panel.map_page
    assert page.picture.settled
    page.walk.compare(centre=True)
    assert not page.picture.settled
    qtbot.waitUntil(lambda: page.picture.settled)
    assert "centred" in page.map.figure.captions


def test_they_are_drawn_and_go_with_the_mouse(panel: SpacePanel, qtbot: QtBot, theme: Theme) -> None:
    page = panel.map_page
    before = page.map.grab().toImage()
    row = lonely(page.map.figure.points.points)
    ties = hover(panel, row, qtbot)
    picture = page.map.grab().toImage()
    blue, orange = (QColor(colour) for colour in category_colours(theme.colours)[:2])
    seen = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
    assert (blue in seen) == bool(ties.kept)
    assert (orange in seen) == bool(ties.torn)
    assert ties.kept or ties.torn
    QTest.mouseMove(page.map, QPoint(2, 2))
    assert page.map.ties is None
    assert page.map.grab().toImage() == before


def test_the_switch_turns_them_off_and_on(panel: SpacePanel, qtbot: QtBot) -> None:
    page = panel.map_page
    row = lonely(page.map.figure.points.points)
    hover(panel, row, qtbot)
    page.lines.switch.trigger()
    assert page.map.ties is None
    qtbot.wait(300)  # twice as long as the mouse would have to rest
    assert page.map.ties is None
    page.lines.switch.trigger()
    qtbot.waitUntil(lambda: page.map.ties is not None)


def test_another_metric_asks_anew(panel: SpacePanel, qtbot: QtBot) -> None:
    page = panel.map_page
    hover(panel, lonely(page.map.figure.points.points), qtbot)
    page.walk.compare(metric="manhattan")
    qtbot.waitUntil(lambda: page.map.ties is not None and "manhattan" in page.map.ties.said)


def test_of_the_open_models_own_table_the_worker_finds_them(
    open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot
) -> None:
    studio = open_model("words", "king queen")
    studio.receive(studio.runner.vectors())
    panel = SpacePanel(studio, theme)
    show(panel, 900, 600)
    page = panel.map_page
    qtbot.waitUntil(lambda: len(page.map.figure.points) > 0)
    row = int(np.argmax(page.map.figure.points.points[:, 0]))  # at the edge nobody else is meant

    def pointed_at() -> bool:
        QTest.mouseMove(page.map, page.map.on_screen(row).toPoint())
        return page.map.hovered_row == row

    qtbot.waitUntil(pointed_at)  # the page is laid out by then
    wanted: list[NeighboursRequest] = []

    def asked() -> bool:
        wanted[:] = [each for each in studio.asked if isinstance(each, NeighboursRequest) and each.key]
        return bool(wanted)

    qtbot.waitUntil(asked)
    assert studio.vector_sets.active is None  # the table stayed where it is
    assert [(each.ids, each.count, each.metric) for each in wanted] == [((row,), 12, "cosine")]
    found = studio.runner.neighbours(wanted[0].ids, wanted[0].count, wanted[0].metric)
    studio.receive(replace(found, key=wanted[0].key + 7))  # to another question
    studio.receive(replace(found, key=wanted[0].key))
    qtbot.waitUntil(lambda: page.map.ties is not None)
    ties = page.map.ties
    assert ties is not None
    assert studio.neighbours is None or row not in studio.neighbours.ids  # the sentence's are something else
    expected = nearest_in(studio.runner.table.vectors, row, "cosine")[:12]
    assert sorted([*ties.kept, *ties.torn]) == sorted(expected)
    panel.close()
