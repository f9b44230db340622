"""The ladder as one uses it: real widgets, real models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from embstudio.base.errors import StudioError
from embstudio.gui.panels.lab.ladder_examples import EXAMPLES
from embstudio.gui.panels.lab.ladder_page import LadderPage
from embstudio.gui.panels.lab_panel import LabPanel
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import Failed, Request
from tests.gui.conftest import OpenStudio

pytestmark = pytest.mark.usefixtures("silent")

PATIENCE = 60_000  # milliseconds
Opener = Callable[..., LadderPage]


class AnsweringStudio(OpenStudio):
    """What the session refuses comes back as a reply, as the worker sends it."""

    def _keep(self, request: Request, lane: str) -> None:
        try:
            super()._keep(request, lane)
        except StudioError as error:
            self.receive(Failed(request, error))


@pytest.fixture
def open_page(theme: Theme, show: Callable, qtbot: QtBot) -> Opener:
    """The page with a model open, once every rung is there."""

    def start(model: str = "sentences") -> LadderPage:
        studio = AnsweringStudio()
        studio.sentence = "The dog was cute"
        studio.open(model)
        panel = LabPanel(studio, theme)
        show(panel, 1000, 620)
        page = panel.show_bench("Sentences")
        assert isinstance(page, LadderPage)
        settle(qtbot, page)
        return page

    return start


def settle(qtbot: QtBot, page: LadderPage) -> None:
    qtbot.waitUntil(lambda: not page.busy and len(page.shown) > 4 and all(each.rung for each in page.shown),
                    timeout=PATIENCE)  # fmt: skip


def lines(page: LadderPage) -> dict[str, tuple[str, ...]]:
    return {line.name: tuple(line[1:4]) for line in page.rungs.rungs.rows}


def metrics(page: LadderPage) -> dict[str, float | None]:
    return {row.name: row.value for row in page.view.metrics.metrics.rows}


def test_the_notes_sentences_on_every_rung(open_page: Opener) -> None:
    page = open_page()
    assert lines(page)["bag of words"] == ("1.0000", "the same", "not seen")
    assert lines(page)["shares"] == ("1.0000", "the same", "not seen")
    assert lines(page)["pairs of words"] == ("0.0000", "differ", "seen: 0.0000")
    assert lines(page)["word vectors, mean"] == ("1.0000", "the same", "not seen")
    assert page.answer.text() == "A and B are the same on rungs 1, 2 and 4, and part on rungs 3 and 5."
    assert page.view.bars.names == ("cat", "chased", "dog")
    assert page.view.bars.values.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert "no metric can tell them apart" in page.telling.text()
    page.rungs.go(1)
    assert page.view.bars.values == pytest.approx(np.full((2, 3), 1 / 3))


def test_a_mean_of_word_vectors_says_that_it_knows_no_order(open_page: Opener) -> None:
    page = open_page()
    page.rungs.go(3)
    assert "A and B are the same here up to rounding" in page.telling.text()
    assert "Word order is lost" in page.telling.text()
    assert page.view.map.values.shape == (3, 100)


def test_the_open_model_tells_the_two_apart(open_page: Opener) -> None:
    """What is on the screen is what the model's own session gives."""
    page = open_page("sentiment-lstm")
    cosine, verdict, order = lines(page)["Sentiment: LSTM"]
    trace = page.studio.runner.trace  # type: ignore[attr-defined]
    asked = page.studio.asked[-1]  # type: ignore[attr-defined]
    states = [trace(type(asked)(asked.model, text=text, points=asked.points))["lstm.0.forward.h"].values.mean(axis=0)
              for text in page.texts.written]  # fmt: skip
    a, b = np.array(states, np.float64)
    assert cosine == f"{a @ b / np.linalg.norm(a) / np.linalg.norm(b):.4f}"
    assert float(cosine) < 0.9
    assert verdict == "differ"
    assert order.startswith("seen")
    page.rungs.go(5)
    assert "mean over the tokens of lstm.0.forward.h" in page.telling.text()


def test_the_notes_lengths_by_every_metric(open_page: Opener, qtbot: QtBot) -> None:
    page = open_page()
    page.texts.take(EXAMPLES[1])
    settle(qtbot, page)
    assert metrics(page)["Euclidean"] == 190.0
    page.rungs.go(1)
    assert metrics(page)["Euclidean"] == pytest.approx(0.12153, abs=5e-6)
    assert metrics(page)["cosine similarity"] == pytest.approx(0.9955223, abs=5e-8)
    assert "Between the counts it was 190.0, and is now 0.1215" in page.telling.text()
    assert len(page.all.ladder.rows) == 9
    assert len(page.all.ladder.headings) == 6
    assert page.answer.text() == "A and B differ on every rung."


def test_another_model_is_chosen_in_the_box(open_page: Opener, qtbot: QtBot) -> None:
    page = open_page("words")  # a table of words: a bundled model is taken for the last rung
    source = page.texts.model.source
    assert source is not None
    assert source.name == "next-word"
    assert len(page.shown) == 6
    page.texts.model.choose("masked-word")
    settle(qtbot, page)
    assert page.shown[-1].name == page.texts.model.currentText()
    assert page.shown[-1].rung is not None
    assert not page.shown[-1].rung.same
    page.texts.model.choose("sentences")
    settle(qtbot, page)
    assert [each.name for each in page.shown][3:] == ["word vectors, mean", "Sentence vectors"]  # not twice


def test_typing_is_read(open_page: Opener, qtbot: QtBot) -> None:
    page = open_page()
    page.texts.without.clear()
    page.texts.second.setText("cat")
    settle(qtbot, page)
    assert page.view.bars.names == ("the", "cat", "chased", "dog")
    assert page.view.bars.values.tolist() == [[2, 1, 1, 1], [0, 1, 0, 0]]
    assert not page.fault.text()


@pytest.mark.parametrize(
    ("first", "second", "without", "said"),
    [
        ("", "cat", "", "Type two texts"),
        ("the", "cat", "the", "no words left"),
        ("dog×99999", "cat", "", "written out"),
    ],
    ids=["empty", "left out", "too long"],
)
def test_what_cannot_be_counted_is_said(open_page: Opener, first: str, second: str, without: str, said: str) -> None:
    page = open_page()
    page.texts.without.setText(without)
    page.texts.first.setText(first)
    page.texts.second.setText(second)
    assert said in page.fault.text()
    assert not page.sides.isEnabled()
    page.texts.take(EXAMPLES[0])
    assert not page.fault.text()
    assert page.sides.isEnabled()


def test_words_that_a_table_lacks_all_have_one_vector(open_page: Opener, qtbot: QtBot) -> None:
    page = open_page()
    page.texts.first.setText("zzzqqq")
    page.texts.second.setText("xxqqzz")
    qtbot.waitUntil(lambda: not page.busy and page.shown[4].rung is not None, timeout=PATIENCE)
    assert lines(page)["bag of words"][1] == "differ"
    assert lines(page)["pairs of words"][1] == "one word makes no pair"
    assert lines(page)["word vectors, mean"][1] == "the same"


def test_the_ladder_is_copied_as_a_table(open_page: Opener, qtbot: QtBot) -> None:
    page = open_page()
    button = page.findChild(QAbstractButton, "ladderCopy")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    table = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert table[0] == ["A", "The cat chased the dog"]
    assert table[2][:3] == ["metric", "bag of words", "shares"]
    assert table[3][:2] == ["cosine similarity", "1.0"]


def test_everything_has_a_place_where_there_is_little_room(open_page: Opener, theme: Theme, qtbot: QtBot) -> None:
    page = open_page()
    page.window().resize(420, 500)
    qtbot.waitUntil(lambda: not page.sides.wide)
    for name in ("Ladder", "Numbers", "Metrics", "All rungs"):
        page.sides.choose(name)
        assert page.sides.page == name
    theme.apply("light", 2.0)
    page.restyle()
    page.window().grab()


def test_a_model_that_cannot_read_says_why(open_page: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    page = open_page()
    page.texts.model.addItem("broken", ModelSource(broken))
    page.texts.model.setCurrentIndex(page.texts.model.count() - 1)
    page.texts.model.activated.emit(page.texts.model.count() - 1)
    qtbot.waitUntil(lambda: not page.busy and len(page.shown) == 6, timeout=PATIENCE)
    assert lines(page)["broken"] == ("—", "cannot be read", "")
    page.rungs.go(5)
    assert "ONNX" in page.telling.text()
    assert page.shown[4].rung is not None  # the others are there all the same
    page.rungs.go(0)
    assert page.view.bars.isVisibleTo(page)
