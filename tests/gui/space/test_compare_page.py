"""Comparing in the window: bundled models through the real session, numbers against float64 numpy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from embstudio.base.errors import StudioError
from embstudio.gui.panels.space.compare_map import FOUND, RANDOM
from embstudio.gui.panels.space.compare_page import FEW_TEXTS, ONE_TWICE, ComparePage
from embstudio.gui.panels.space.compare_run import Extent, affordable, telling
from embstudio.gui.panels.space.compare_sides import Side
from embstudio.gui.plots.common_table import COMMON
from embstudio.gui.plots.shift_table import MOVED, SAME, WORD
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import Embedded, EmbedRequest, Failed, ModelRef, Request
from embstudio.session.runner import Runner
from embstudio.space.files import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio
from tests.gui.conftest import OpenStudio, _runner

pytestmark = pytest.mark.usefixtures("silent")
TEXTS = (
    "A dog ran after the ball.", "The cat slept all day.", "She sold her old house.", "It was a good film.",
    "The film was dull.", "He likes cheese and bread.", "They went home in the rain.", "A bird sang in the tree.",
)  # fmt: skip


class _Answering(OpenStudio):
    """What the real session refuses is answered too."""

    def _keep(self, request: Request, lane: str) -> None:
        if isinstance(request, EmbedRequest):
            try:
                reply: Embedded | Failed = _runner(request.model).embed(request)
            except StudioError as error:
                reply = Failed(request, error)
            self.receive(reply)
        else:
            super()._keep(request, lane)


Show = Callable[..., ComparePage]


@pytest.fixture
def show_compare(theme: Theme, show: Callable) -> Show:
    """show_compare(model, its text, width, height): the page with that model open."""

    def start(model: str, text: str, width: int = 900, height: int = 620) -> ComparePage:
        studio = _Answering()
        studio.sentence = text
        studio.open(find(model))
        page = ComparePage(studio, theme)
        show(page, width, height)
        page.show_set()
        page.show_place()
        return page

    return start


@pytest.fixture
def small(theme: Theme, show: Callable) -> tuple[ComparePage, VectorSet, VectorSet]:
    """Two sets made by hand: forty shared words, turned, one of them moved; widths five and seven."""
    random = np.random.default_rng(3)
    words = tuple(f"w{number:02}" for number in range(40))
    table = random.normal(size=(40, 5)) * (3, 2, 1, 1, 0.5)
    turned = np.pad(table, ((0, 0), (0, 2))) @ np.linalg.qr(random.normal(size=(7, 7)))[0]
    turned[11] = -turned[11]
    first = VectorSet((*words, "mine"), np.vstack([table, random.normal(size=5)]).astype(np.float32))
    second = VectorSet(("yours", *words), np.vstack([random.normal(size=7), turned]).astype(np.float32))
    studio = Studio(lambda *_: None, lambda _: None)
    studio.vector_sets._add(Path("second.txt"), LoadOptions(), second)
    studio.vector_sets._add(Path("first.txt"), LoadOptions(), first)
    page = ComparePage(studio, theme)
    show(page, 900, 620)
    page.show_set()
    return page, first, second


def compare(page: ComparePage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.findChild(QPushButton, "compareGo"), Qt.MouseButton.LeftButton)
    wait(page, qtbot)


def wait(page: ComparePage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page.busy and not page.near.answers.busy and not page.figures.busy)


def unit(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def nearest(vectors: np.ndarray, row: int, count: int) -> list[int]:
    x = unit(vectors.astype(np.float64))
    likeness = x @ x[row]
    likeness[row] = -np.inf
    return np.argsort(-likeness, kind="stable")[:count].tolist()  # type: ignore[no-any-return]


def cells(page: ComparePage, row: int) -> list[str]:
    model = page.list.table.shifts
    return [str(model.data(model.index(row, column))) for column in range(3)]


def test_the_lesson_is_one_click_away(show_compare: Show, qtbot: QtBot) -> None:
    page = show_compare("words", "king queen man")
    first, second = page.controls.first.side, page.controls.second.side
    assert first is not None
    assert second is not None
    assert (first.source, second.source) == (find("words"), find("words-counted"))
    assert second.title in page.empty.text()
    page.controls.count.setValue(5)
    qtbot.mouseClick(page.findChild(QPushButton, "compareGo"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.compared is not None)
    assert page.compared is not None
    assert page.compared.extent is Extent.UNDERWAY
    assert "a random sample (more are underway)" in page.said.text()
    assert page.controls.progress.isVisible()
    picture = page.map.map.figure.points
    page.studio.vector_walk.go(7)  # a step elsewhere does not begin anew
    assert page.controls.progress.isVisible()
    qtbot.mouseClick(page.findChild(QPushButton, "compareStop"), Qt.MouseButton.LeftButton)
    wait(page, qtbot)
    assert page.controls.progress.isHidden()
    assert page.map.map.figure.points is picture  # and where one was on it
    compared = page.compared
    assert compared.extent is Extent.STOPPED
    assert "a random sample (stopped there)" in page.said.text()
    a, b = (Runner.open(ModelRef(find(name).path, find(name).tokenizer)).table for name in ("words", "words-counted"))
    there = set(b.words)
    shared = [word for word in a.words if word in there and word != "[UNK]"]
    assert compared.comparison.words == tuple(shared)
    both = len(shared) + 1
    assert page.said.text().startswith(
        f"{both:,} words in both, {len(a) - both:,} only in A, 0 only in B. 1 is left out: a special token, no word."
    )
    # The current token's word, in both sets, by plain float64.
    rows = [{word: row for row, word in enumerate(table.words)} for table in (a, b)]
    x, y = (table.vectors[[at[word] for word in shared]] for table, at in zip((a, b), rows, strict=True))
    row = shared.index("queen")
    assert page.near.place == row
    lists = page.near.table.neighbours.lists
    for vectors, listed in zip((x, y), lists, strict=True):
        assert [place for place, _word, _distance in listed] == nearest(vectors, row, 5)
    same = set(nearest(x, row, 5)) & set(nearest(y, row, 5))
    assert f"‘queen’: {len(same)} of 5 nearest are the same" in page.near.heading.text()
    assert 1000 < len(compared.comparison.asked) < len(shared)
    some = np.random.default_rng(1).choice(compared.comparison.asked, 25, replace=False).tolist()
    for at in some:
        expected = len(set(nearest(x, at, 5)) & set(nearest(y, at, 5))) / 5
        assert compared.comparison.overlaps[at] == pytest.approx(expected)
    assert page.figures.table.facing.lines[0][:3] == ("words", f"{len(a):,}", f"{len(b):,}")
    assert sum(page.figures.bars.counts) == len(compared.comparison.asked)


def test_movement_is_that_of_procrustes(small: tuple[ComparePage, VectorSet, VectorSet], qtbot: QtBot) -> None:
    page, first, second = small
    compare(page, qtbot)
    x, y = np.pad(first.vectors[:40].astype(np.float64), ((0, 0), (0, 2))), second.vectors[1:].astype(np.float64)
    x, y = unit(x - x.mean(axis=0)), unit(y - y.mean(axis=0))
    u, _, vt = np.linalg.svd(x.T @ y)
    moved = np.linalg.norm(x @ u @ vt - y, axis=1)
    assert page.compared is not None
    np.testing.assert_allclose(page.compared.comparison.alignment.moved, moved, atol=1e-6)
    assert cells(page, 0)[WORD] == "w11"
    assert float(cells(page, 0)[MOVED]) == pytest.approx(moved[11], rel=1e-3)
    assert moved[11] == moved.max()
    qtbot.mouseClick(page.tabs, Qt.MouseButton.LeftButton, pos=page.tabs.tabRect(1).center())
    assert "A filled up with zeros from 5 to 7 dimensions" in page.said.text()
    # The picture: B's places with names first, A's without, and a line from each to each.
    scatter = page.map.map
    assert len(page.map.places) == 30
    assert scatter.figure.names[0] == "w11"
    assert not any(scatter.figure.names[30:])
    points = scatter.figure.points.points
    np.testing.assert_array_equal(scatter.figure.lines.starts, points[30:])
    np.testing.assert_array_equal(scatter.figure.lines.ends, points[:30])
    assert (np.linalg.norm(points[30:] - points[:30], axis=1) <= moved[page.map.places] + 1e-5).all()
    scatter.grab()
    assert all(scatter.figure.names[label.row] for label in scatter.figure.labels)


def test_words_are_drawn_as_asked_and_pointed_at(small: tuple[ComparePage, VectorSet, VectorSet], qtbot: QtBot) -> None:
    page, _first, _second = small
    compare(page, qtbot)
    page.tabs.setCurrentIndex(1)
    which = page.findChild(QComboBox, "compareWhich")
    which.setCurrentText(FOUND)
    which.activated.emit(which.currentIndex())
    page.map.words.clear()
    qtbot.keyClicks(page.map.words, "w07, w11, zzz")
    qtbot.keyClick(page.map.words, Qt.Key.Key_Return)
    assert page.map.places.tolist() == [7, 11]
    assert page.map.said.text().startswith("Not in both: zzz. 2 of 40")
    stood = page.near.place
    page.map.map.hovered.emit(2)  # w07 in A
    wait(page, qtbot)
    assert "‘w07’" in page.near.heading.text()
    assert page.map.map.describe(2).startswith("w07, in A\nmoved")
    page.map.map.hovered.emit(None)
    wait(page, qtbot)
    assert page.near.place == stood
    page.map.map.clicked.emit(0)
    assert page.near.place == 7
    assert page.map.map.figure.emphasis.current == 0
    assert page.map.map.figure.emphasis.marked == (2,)
    which.setCurrentText(RANDOM)
    which.activated.emit(which.currentIndex())
    assert len(set(page.map.places.tolist())) == 30


def test_the_list_is_sorted_and_searched(small: tuple[ComparePage, VectorSet, VectorSet], qtbot: QtBot) -> None:
    page, first, second = small
    compare(page, qtbot)
    found = page.compared
    assert found is not None
    listed = page.list.table.shifts
    for order, values in (
        ("fewest same", found.comparison.overlaps),
        ("least moved", found.comparison.alignment.moved),
    ):
        page.list.order.setCurrentText(order)
        page.list.order.activated.emit(page.list.order.currentIndex())
        np.testing.assert_array_equal(listed.rows, np.argsort(values, kind="stable"))
    page.list.table.horizontalHeader().setSortIndicator(WORD, Qt.SortOrder.AscendingOrder)
    assert page.list.order.currentText() == "A to Z"
    assert [cells(page, row)[WORD] for row in range(3)] == ["w00", "w01", "w02"]
    share = len(set(nearest(first.vectors[:40], 0, 10)) & set(nearest(second.vectors[1:], 0, 10)))
    assert cells(page, 0)[SAME] == str(share)
    qtbot.keyClicks(page.list.search, "W1")
    assert [cells(page, row)[WORD] for row in range(listed.rowCount())] == [f"w1{last}" for last in range(10)]
    page.list.table.setFocus()
    page.list.table.setCurrentIndex(listed.index(0, 0))
    qtbot.keyClick(page.list.table, Qt.Key.Key_Down)
    assert page.near.place == 11
    wait(page, qtbot)
    common = page.near.table.neighbours
    shown = [str(common.data(common.index(row, 1))) for row in range(common.rowCount())]
    assert sum(text.startswith(COMMON) for text in shown) == len(common.common)


def test_another_metric_is_compared_at_once_and_sides_change_places(
    small: tuple[ComparePage, VectorSet, VectorSet], qtbot: QtBot
) -> None:
    page, first, _second = small
    compare(page, qtbot)
    box = page.findChild(QComboBox, "compareMetric")
    box.setCurrentText("euclidean")
    box.activated.emit(box.currentIndex())
    wait(page, qtbot)
    assert page.compared is not None
    assert page.compared.comparison.metric == "euclidean"
    x = first.vectors[:40].astype(np.float64)
    apart = np.linalg.norm(x - x[3], axis=1)
    apart[3] = np.inf
    assert page.compared.comparison.nearest(3)[0][0].tolist() == np.argsort(apart)[:10].tolist()
    page.controls.count.setValue(4)
    qtbot.waitUntil(lambda: page.compared.comparison.count == 4)
    page.studio.vector_walk.compare(centre=True)
    wait(page, qtbot)
    assert "(vectors centred)" in page.said.text()
    before = page.controls.first.side, page.controls.second.side
    qtbot.mouseClick(page.findChild(QToolButton, "compareSwap"), Qt.MouseButton.LeftButton)
    assert (page.controls.second.side, page.controls.first.side) == before
    assert page.said.text().startswith("This is still the comparison from before: ‘first.txt’ and ‘second.txt’.")
    page.controls.second.choose(page.controls.first.side)
    page.controls.sides_chosen.emit()
    assert not page.controls.go.isEnabled()


def test_nothing_to_compare_says_what_to_do(theme: Theme, show: Callable) -> None:
    studio = Studio(lambda *_: None, lambda _: None)
    page = ComparePage(studio, theme)
    show(page, 600, 400)
    page.show_set()
    assert "Press Compare" in page.empty.text()  # the bundled models can always be compared
    page.controls.second.choose(page.controls.first.side)
    page.controls.sides_chosen.emit()
    assert page.empty.text() == ONE_TWICE


def test_sets_that_share_nothing_are_told(small: tuple[ComparePage, VectorSet, VectorSet], qtbot: QtBot) -> None:
    page, _first, _second = small
    other = VectorSet(("Katze", "Hund", "Maus"), np.eye(3, dtype=np.float32))
    page.studio.vector_sets._add(Path("german.txt"), LoadOptions(), other)
    page.show_set()
    chosen = page.controls.first.side
    assert chosen is not None
    assert chosen.title == "german.txt"
    compare(page, qtbot)
    assert "share too few words" in page.empty.text()


def test_of_a_file_that_is_closed_nothing_is_kept(
    small: tuple[ComparePage, VectorSet, VectorSet], qtbot: QtBot
) -> None:
    page, _first, _second = small
    compare(page, qtbot)
    assert page.compared is not None
    page.studio.vector_sets.close(page.studio.vector_sets.open_sets[0])
    assert page.compared is None
    assert page.list.table.shifts.rowCount() == 0
    assert not len(page.map.map.figure.points)
    page.show_set()
    assert page.controls.first.side is not None
    assert page.controls.first.side.title == "first.txt"
    assert "Press Compare" in page.empty.text()


def test_questions_are_put_to_both(
    small: tuple[ComparePage, VectorSet, VectorSet], qtbot: QtBot, tmp_path: Path
) -> None:
    page, first, second = small
    compare(page, qtbot)
    asked = [("w01", "w02", 3.0), ("w03", "w04", 1.0), ("w05", "w06", 2.5), ("w07", "mine", 9.0), ("w08", "w09", 5.0)]
    file = tmp_path / "rated.tsv"
    file.write_text("".join(f"{a}\t{b}\t{rating}\n" for a, b, rating in asked))
    page.figures.evaluate(file)
    wait(page, qtbot)

    def rho(table: VectorSet, pairs: list[tuple[str, str, float]]) -> float:
        x = unit(table.vectors.astype(np.float64))
        likeness = [x[table.words.index(a)] @ x[table.words.index(b)] for a, b, _ in pairs]
        ranks = [np.argsort(np.argsort(values)) for values in (likeness, [rating for *_, rating in pairs])]
        return float(np.corrcoef(*ranks)[0, 1])

    shared = [each for each in asked if "mine" not in each]
    title, own, equal = page.figures.table.facing.lines[-3:]
    assert (title[0], own[0], equal[0]) == ("rated.tsv", "own words", "shared words")
    for said, expected, known in (
        (own[1], rho(first, asked), 5), (own[2], rho(second, shared), 4),
        (equal[1], rho(first, shared), 4), (equal[2], rho(second, shared), 4),
    ):  # fmt: skip
        assert float(said.split()[2].replace("−", "-")) == pytest.approx(expected, abs=1e-3)
        assert f"({known} of 5 pairs)" in said
    page.figures.evaluate(tmp_path / "none.txt")
    wait(page, qtbot)
    assert "could not be read" in page.figures.note.text()
    assert page.figures.ask.isEnabled()


def test_two_models_are_compared_over_texts(show_compare: Show, qtbot: QtBot) -> None:
    page = show_compare("sentences", "The dog was cute")
    page.controls.kind.setCurrentIndex(1)
    page.controls.kind_chosen.emit()
    assert page.texts.texts  # sentences of the models' cards to begin with
    page.controls.second.choose(Side("", "", source=find("masked-word")))
    page.texts.typed.setPlainText("one\ntwo\n\n two ")
    compare(page, qtbot)
    assert page.empty.text() == FEW_TEXTS
    page.texts.typed.setPlainText("\n".join(TEXTS))
    compare(page, qtbot)
    assert page.compared is not None
    found = page.compared.comparison
    assert found.words == TEXTS
    assert found.count == telling(10, len(TEXTS)) == 2
    assert "Of the 2 nearest, not 10: a third of so few" in page.said.text()
    source = find("sentences")
    alone = _runner(ModelRef(source.path, source.tokenizer)).embed(
        EmbedRequest(ModelRef(source.path, source.tokenizer), TEXTS)
    )
    assert isinstance(alone, Embedded)
    assert found.nearest(0)[0][0].tolist() == nearest(alone.vectors, 0, 2)
    lines = {line[0]: line for line in page.figures.table.facing.lines}
    assert lines["dimensions"][1:3] == ("100", "128")
    assert lines["one vector of a text"][2] == "mean over the tokens of final_norm"
    assert float(lines["texts a second"][1].replace(",", "")) > 0
    assert page.figures.ask.isHidden()
    assert page.texts.typed.isHidden()  # the room is for what came of it
    qtbot.mouseClick(page.findChild(QPushButton, "compareTextsEdit"), Qt.MouseButton.LeftButton)
    assert page.texts.typed.isVisible()
    assert page.texts.texts == TEXTS


def test_texts_come_from_a_file_and_its_column(show_compare: Show, qtbot: QtBot, tmp_path: Path) -> None:
    page = show_compare("sentences", "The dog was cute")
    page.controls.kind.setCurrentIndex(1)
    page.controls.kind_chosen.emit()
    file = tmp_path / "texts.csv"
    file.write_text("id,said\n" + "".join(f"{row},{text}\n" for row, text in enumerate(TEXTS)))
    page.texts.open(file)
    qtbot.waitUntil(lambda: not page.texts.busy)
    assert "id, said" in page.texts.fault.text()
    qtbot.keyClicks(page.texts.column, "said")
    qtbot.keyClick(page.texts.column, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.texts.texts == TEXTS)
    assert page.texts.said.text() == f"8 different texts of column said of {file}."
    qtbot.mouseClick(page.texts.leave, Qt.MouseButton.LeftButton)
    assert page.texts.texts != TEXTS


def test_how_much_is_asked() -> None:
    assert affordable(20_000, 150) == 20_000
    assert affordable(1_000_000, 600) == 500
    assert [telling(10, words) for words in (3, 4, 10, 31, 1000)] == [1, 1, 3, 10, 10]
