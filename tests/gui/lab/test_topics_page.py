"""The topics bench as one uses it: real widgets, a real process that sorts."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot
from tokenizers import Tokenizer

from embstudio.gui.panels.lab import topics_data
from embstudio.gui.panels.lab.film_file import Plan, write_pictures
from embstudio.gui.panels.lab.run_bar import PACES
from embstudio.gui.panels.lab.topics_box import BOOKS, KINDS, MATRIX, OWN
from embstudio.gui.panels.lab.topics_lsa import MISSING, TRUE
from embstudio.gui.panels.lab.topics_map import BOTH, LDA, LSA
from embstudio.gui.panels.lab.topics_page import TopicsPage
from embstudio.gui.panels.lab_panel import LabPanel
from embstudio.gui.style.theme import Theme
from embstudio.lab.messages import Standing
from embstudio.lab.topics.sources import Source
from embstudio.lab.topics.weighting import COUNTS, SHARES, TF_IDF, weighted
from embstudio.space.files import load
from embstudio.studio import Notice, Studio
from embstudio.studio.topics_export import (
    save_curve,
    save_documents,
    save_matrix,
    save_model,
    save_set,
    save_topics,
)

pytestmark = pytest.mark.usefixtures("silent")

DOCUMENTS = "cats and dogs are pets\ncats eat fish, fish swim\ndogs eat meat\nfish swim in the sea\nships sail the sea"


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[TopicsPage]:
    panel = LabPanel(Studio(lambda *_: None, lambda _: None), theme)
    show(panel, 1000, 620)
    page = panel.show_bench("Topics")
    assert isinstance(page, TopicsPage)
    page.bar.pace.setCurrentIndex([pace for _, pace in PACES].index(0.0))
    turn(page, "topics", 2)
    turn(page, "epochs", 8)
    yield page
    page.link.close()
    page.source.close()


def turn(page: TopicsPage, knob: str, value: int) -> None:
    field = page.knobs.fields[knob]
    assert isinstance(field, QSpinBox)
    field.setValue(value)


def press(qtbot: QtBot, page: TopicsPage, name: str) -> None:
    qtbot.mouseClick(getattr(page.bar, name), Qt.MouseButton.LeftButton)


def wait(qtbot: QtBot, page: TopicsPage, standing: Standing) -> None:
    qtbot.waitUntil(lambda: page.report is not None and page.report.standing is standing)


def finish(qtbot: QtBot, page: TopicsPage) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)


def write(qtbot: QtBot, page: TopicsPage, index: QModelIndex, text: str) -> None:
    """Type into a cell of the matrix."""
    page.sides.choose("Matrix")
    page.matrix.grid.setCurrentIndex(index)
    page.matrix.grid.edit(index)
    editor = page.matrix.grid.findChild(QLineEdit)
    assert editor is not None
    editor.setText(text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.matrix.grid.findChild(QLineEdit) is None)


def cells(page: TopicsPage) -> np.ndarray:
    """What the matrix shows."""
    grid = page.matrix.grid.grid
    return np.array([[grid.value(row, column) for column in range(len(grid.columns))] for row in range(len(grid.rows))])


def test_the_notes_books_are_there_and_lsa_has_taken_them_apart(page: TopicsPage) -> None:
    assert page.link.training is None  # no process before one is wanted
    assert page.invitation.isVisible()
    assert cells(page)[0].tolist() == [2, 1, 0, 0, 1]
    assert "Catness = 1·1 + 0.5·1 = 1.5" in page.concepts.sums.text()
    assert "Dogness = 1·2 + 0.5·1 = 2.5" in page.concepts.sums.text()
    assert "Catness 1.9 and Dogness 1.5" in page.concepts.noted.text()
    assert page.lsa.at.text() == "rank 2 of 5"
    assert "73.3 %" in page.lsa.telling.text()
    assert page.map.shown.currentText() == LSA
    assert len(page.map.lsa.figure.points) == 6 + 5
    assert page.bar.space.isEnabled()  # what LSA found can be opened at once
    assert not page.bar.reset.isEnabled()


def test_another_weight_makes_another_concept(page: TopicsPage) -> None:
    grid = page.concepts.weights.grid
    grid.setData(grid.index(1, 0), "0.25")
    assert "Dogness = 0.25·2 + 0.5·1 = 1" in page.concepts.sums.text()
    assert "No split" not in page.concepts.noted.text()
    grid.setData(grid.index(1, 0), "many")
    assert "not a number" in page.concepts.fault.text()
    assert page.concepts.concepts.weights[1, 0] == 0.25


def test_the_stages_of_the_matrix(page: TopicsPage) -> None:
    corpus = page.source.corpus
    assert corpus is not None
    for stage in (SHARES, TF_IDF, COUNTS):
        page.matrix.stage.setCurrentText(stage)
        assert np.allclose(cells(page), weighted(corpus, stage).dense())
        assert page.source.lsa is not None
        assert page.source.lsa.weighting == stage
    page.matrix.stage.setCurrentText(TF_IDF)
    assert "ln(D / D(w))" in page.matrix.formula.text()
    assert not page.matrix.grid.grid.editable


def test_a_cell_is_changed_and_all_follows(page: TopicsPage, qtbot: QtBot) -> None:
    finish(qtbot, page)
    write(qtbot, page, page.matrix.grid.grid.index(0, 0), "7")
    assert cells(page)[0, 0] == 7
    assert page.text.place == MATRIX
    assert page.lsa.bars.values[0] > 5.3
    assert page.report is None  # of other counts
    assert page.link.training is None
    write(qtbot, page, page.matrix.grid.grid.index(0, 1), "-2")
    assert "cannot be less than 0" in page.matrix.fault.text()
    assert "stays as it was" in page.matrix.fault.text()
    assert cells(page)[0].tolist() == [7, 1, 0, 0, 1]
    finish(qtbot, page)
    assert page.seen is not None
    assert page.seen.arrays[1].sum() == 27 + 5


def test_rank_by_rank_the_matrix_comes_back(page: TopicsPage, qtbot: QtBot) -> None:
    page.sides.choose("LSA")
    grid = page.lsa.grid.grid
    page.lsa.set_rank(0)
    assert grid.value(0, 0) == 0
    assert "everything is lost" in page.lsa.added.text()
    lost = []
    for rank in range(1, 6):
        qtbot.mouseClick(page.lsa.more, Qt.MouseButton.LeftButton)
        assert page.lsa.rank == rank
        assert page.source.lsa is not None
        lost.append(page.source.lsa.lost(rank))
    assert lost == sorted(lost, reverse=True)
    assert abs(grid.value(0, 0) - 2) < 1e-12
    page.lsa.set_rank(1)
    page.lsa.shown.setCurrentText(MISSING)
    missing = grid.value(0, 0)
    page.lsa.shown.setCurrentText(TRUE)
    assert grid.value(0, 0) == 2
    assert 0 < abs(missing) < 2
    qtbot.mouseClick(page.lsa.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.lsa.rank == 5)
    qtbot.waitUntil(lambda: page.lsa.play.text() == "Play")


def test_lda_runs_to_the_end_beside_lsa(page: TopicsPage, qtbot: QtBot) -> None:
    finish(qtbot, page)
    assert not page.invitation.isVisible()
    assert page.bar.at.text() == "epoch 8.0 of 8"
    assert "perplexity" in page.telling.text()
    assert len(page.perplexity.points) == 9
    page.sides.choose("LDA")
    assert page.map.shown.currentText() == LDA  # the plot goes along with the page
    assert len(page.map.lda.figure.points) == 6 + 5 + 2
    assert "topic 1" in page.step.told.toPlainText()
    page.sides.choose("Both")
    assert page.map.shown.currentText() == BOTH
    grid = page.compare.grid.grid
    assert list(grid.columns) == ["LDA 1", "LDA 2", "LSA 1", "LSA 2"]
    assert abs(grid.value(0, 0) + grid.value(0, 1) - 1) < 1e-12
    assert page.source.lsa is not None
    assert abs(grid.value(3, 3) - page.source.lsa.documents(2)[3, 1]) < 1e-12
    assert "component 2" in page.compare.lsa.text()
    page.map.shown.setCurrentText(LSA)
    page.map.shown.activated.emit(1)
    page.sides.choose("LDA")
    assert page.map.shown.currentText() == LSA  # once the person has chosen, it stays


def test_a_step_is_told_in_numbers(page: TopicsPage, qtbot: QtBot) -> None:
    press(qtbot, page, "step")
    qtbot.waitUntil(lambda: page.report is not None and page.report.facts.account is not None)
    assert page.report is not None
    account = page.report.facts.account
    assert page.sides.page == "LDA"
    told = page.step.told.toPlainText()
    assert "dog in Book A is taken out of topic" in told
    assert f"{account.draw:.4f}" in told
    k = account.after
    assert f"({account.n_dk[k]} + 0.5) · ({account.n_kw[k]} + 0.1) / ({account.n_k[k]} + 5 · 0.1)" in told
    assert "dog in Book A: topic" in page.step.told.accessibleDescription()
    assert page.map.lda.figure.emphasis.current == 0  # the document it is in


def test_rewinding_by_the_slider_and_going_on(page: TopicsPage, qtbot: QtBot) -> None:
    finish(qtbot, page)
    assert page.seen is not None
    end = page.seen.arrays[0]
    page.bar.epoch.setFocus()
    qtbot.keyClick(page.bar.epoch, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch == 0)
    assert not np.array_equal(page.seen.arrays[0], end)
    finish(qtbot, page)
    assert np.array_equal(page.seen.arrays[0], end)


def test_texts_are_read_as_they_are_typed(page: TopicsPage, qtbot: QtBot) -> None:
    page.text.choose(KINDS)
    assert page.source.corpus is not None
    assert len(page.source.corpus.names) == 17
    assert "17 documents" in page.text.telling.text()
    page.text.choose(OWN)
    assert not page.fault.isVisible()  # nothing is wrong before something is written
    press(qtbot, page, "run")
    assert "no documents yet" in page.fault.text()
    assert page.link.training is None
    page.text.edit.setPlainText(DOCUMENTS)
    qtbot.waitUntil(lambda: page.source.corpus is not None)
    assert not page.fault.isVisible()
    assert page.source.corpus.names[0] == "1: cats and dogs"
    assert page.source.corpus.left_out == 5
    page.text.knobs.fields["stop_words"].setChecked(False)  # type: ignore[union-attr]
    assert page.source.corpus.left_out == 0
    page.text.choose(BOOKS)
    assert page.source.corpus.words[0] == "dog"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the and of\nis it", "stop words"),
        ("cat", "only word"),
        ("cat cat\ncat", "only word"),
        ("cats and dogs", "only one document"),
        ("cats dogs\ncats dogs", "more topics than words: 9 and 2"),
    ],
    ids=["stop words", "one word", "the same word", "one document", "too many topics"],
)
def test_what_is_wrong_is_said_beside_the_buttons(page: TopicsPage, qtbot: QtBot, text: str, said: str) -> None:
    turn(page, "topics", 9)
    page.text.set_text(text)
    press(qtbot, page, "run")
    assert said in page.fault.text()
    assert page.link.training is None
    page.text.set_text(DOCUMENTS)
    turn(page, "topics", 2)
    finish(qtbot, page)
    assert not page.fault.isVisible()


def test_a_large_file_is_read_and_taken_apart_in_another_process(
    page: TopicsPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics_data, "SMALL_TEXT", 10)
    monkeypatch.setattr(topics_data, "SMALL_MATRIX", 10)
    file = tmp_path / "documents.txt"
    file.write_text(DOCUMENTS, encoding="utf-8")
    page.text.open(file)
    assert page.source.corpus is None
    assert page.text.telling.text() == "Reading…"
    qtbot.waitUntil(lambda: page.source.lsa is not None)
    assert page.source.corpus is not None
    assert page.source.corpus.words == Source(path=file).corpus().words
    assert page.lsa.slider.isEnabled()
    page.matrix.stage.setCurrentText(SHARES)
    assert page.lsa.play.text() == "Stop"
    page.sides.choose("LSA")
    qtbot.mouseClick(page.lsa.play, Qt.MouseButton.LeftButton)
    assert "Stopped" in page.lsa.telling.text()
    assert not page.lsa.slider.isEnabled()
    qtbot.mouseClick(page.lsa.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.lsa.slider.isEnabled)
    file.write_text("x,dog\nA,-1\n", encoding="utf-8")
    page.text.open(file.rename(tmp_path / "counts.csv"))
    qtbot.waitUntil(lambda: page.source.error is not None)
    assert "cannot be less than 0" in page.fault.text()
    assert "line 2, “dog”" in page.fault.text()


def test_what_needs_a_reset_is_said(page: TopicsPage, qtbot: QtBot) -> None:
    press(qtbot, page, "step")
    qtbot.waitUntil(lambda: page.report is not None)
    turn(page, "topics", 3)
    assert page.fault.text() == "Changed, and taken with Reset: topics."
    press(qtbot, page, "reset")
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.arrays[1].shape == (6, 3))
    assert not page.fault.isVisible()


def test_when_the_process_dies_one_can_go_on(page: TopicsPage, qtbot: QtBot) -> None:
    turn(page, "epochs", 9_000)
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch > 1)
    training = page.link.training
    assert training is not None
    assert training.pid is not None
    os.kill(training.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    qtbot.waitUntil(page.fault.isVisible)
    assert page.seen is not None
    epoch = page.seen.report.epoch
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.report.epoch > epoch)
    assert len(page.seen.report.facts.curve) == page.seen.report.epoch + 1


def test_vectors_open_in_space(page: TopicsPage, qtbot: QtBot) -> None:
    sets, said = page.studio.vector_sets, []
    page.studio.noticed.connect(said.append)
    documents, words, topics, of_words = page.bar.space.menu().actions()
    documents.trigger()
    assert sets.active is not None
    assert page.source.lsa is not None
    assert np.allclose(sets.active.vectors, page.source.lsa.documents(2), atol=1e-6)
    words.trigger()
    assert sets.active.words == ("dog", "cat", "feline", "canine", "pet")
    topics.trigger()
    assert "LDA has not begun" in said[0].text
    finish(qtbot, page)
    topics.trigger()
    assert np.allclose(sets.active.vectors.sum(axis=1), 1)
    of_words.trigger()
    assert set(sets.active.metadata["topic"]) == {"1", "2"}


def test_what_was_found_is_saved(page: TopicsPage, qtbot: QtBot, tmp_path: Path) -> None:
    finish(qtbot, page)
    found = page.trained()
    assert found is not None
    assert found.lda is not None
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.exporter.save(tmp_path / "topics.csv", save_topics)
    qtbot.waitUntil(lambda: bool(said))
    assert "4 topics and components" in said[0].text
    rows = list(csv.reader((tmp_path / "topics.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["method", "topic", "dog", "cat", "feline", "canine", "pet"]
    assert np.allclose(np.array(rows[1][2:], float), found.lda.phi[:, 0])
    save_documents(found, tmp_path / "documents.csv")
    rows = list(csv.reader((tmp_path / "documents.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["document", "LDA 1", "LDA 2", "LSA 1", "LSA 2"]
    assert np.allclose(np.array(rows[1][1:3], float), found.lda.theta[0])
    save_curve(found, tmp_path / "curve.csv")
    lines = (tmp_path / "curve.csv").read_text(encoding="utf-8").splitlines()
    assert "# alpha = 0.5" in lines
    assert float(lines[-1].split(",")[1]) == found.lda.curve[-1, 1]
    save_matrix(found, tmp_path / "counts.csv")
    again = Source(path=tmp_path / "counts.csv").corpus()
    assert np.array_equal(again.counts.dense(), found.corpus.counts.dense())
    for ending in ("npz", "tsv"):
        save_set(found.documents_by_lsa(), tmp_path / f"documents.{ending}")
        assert np.allclose(load(tmp_path / f"documents.{ending}").vectors, found.documents_by_lsa().vectors, atol=1e-6)


@pytest.mark.parametrize("weighting", [COUNTS, SHARES, TF_IDF])
def test_lsa_as_a_model_gives_each_document_its_coordinates(page: TopicsPage, tmp_path: Path, weighting: str) -> None:
    """A text is cut by the tokenizer that was saved beside the model, and run by onnxruntime."""
    page.text.set_text(DOCUMENTS)
    page.matrix.stage.setCurrentText(weighting)
    page.lsa.set_rank(3)
    found = page.trained()
    assert found is not None
    save_model(found, tmp_path / "lsa.onnx")
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    session = onnxruntime.InferenceSession(tmp_path / "lsa.onnx", providers=["CPUExecutionProvider"])
    assert found.lsa is not None
    for document, text in enumerate(DOCUMENTS.split("\n")):
        ids = np.array([tokenizer.encode(text.upper()).ids], np.int64)
        vector = session.run(["document"], {"input_ids": ids})[0][0]
        assert np.allclose(vector, found.lsa.documents(3)[document], atol=1e-6)


def test_nothing_of_lsa_is_no_model(page: TopicsPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.lsa.set_rank(0)
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.exporter.save(tmp_path / "lsa.onnx", save_model)
    qtbot.waitUntil(lambda: bool(said))
    assert "nothing of LSA to save" in said[0].text


def test_lda_is_saved_as_an_animation(page: TopicsPage, qtbot: QtBot, tmp_path: Path) -> None:
    finish(qtbot, page)
    film = page.film()
    assert film is not None
    assert film.epochs == (0, 8)
    write_pictures(film, Plan(every=4, width=320, height=240, a_second=5), tmp_path / "film", lambda _: None)
    pictures = sorted((tmp_path / "film").iterdir())
    assert len(pictures) == 3
    assert pictures[0].read_bytes() != pictures[-1].read_bytes()


def test_closing_the_window_while_it_sorts_ends_the_process(page: TopicsPage, qtbot: QtBot) -> None:
    turn(page, "epochs", 9_000)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.RUNNING)
    training = page.link.training
    assert training is not None
    page.link.close()
    assert not training.alive
    assert training.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(training.pid, 0)
