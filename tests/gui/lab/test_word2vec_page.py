"""The word2vec bench as one uses it: real widgets, a real process that trains."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.lab.run_bar import PACES
from embstudio.gui.panels.lab.word2vec_page import Word2vecPage
from embstudio.gui.panels.lab_panel import LabPanel
from embstudio.gui.style.theme import Theme
from embstudio.lab.messages import Standing
from embstudio.lab.word2vec.settings import GENSIM, OURS
from embstudio.space.files import load
from embstudio.studio import Notice, Studio
from embstudio.studio.lab_export import save_loss, save_model, save_vectors

pytestmark = pytest.mark.usefixtures("silent")

TEXT = "The cat sat on the mat. The dog sat on the rug. A cat eats fish, a dog eats meat. " * 10
PATIENCE = 60_000  # milliseconds


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[Word2vecPage]:
    studio = Studio(lambda *_: None, lambda _: None)
    panel = LabPanel(studio, theme)
    show(panel, 1000, 620)
    page = panel.show_bench("Word2vec")
    assert isinstance(page, Word2vecPage)
    page.text.set_text(TEXT)
    page.bar.pace.setCurrentIndex([pace for _, pace in PACES].index(0.0))
    epochs = page.knobs.fields["epochs"]
    assert isinstance(epochs, QSpinBox)
    epochs.setValue(8)
    page.map.wanted.clear()
    page.map.changed.emit()
    yield page
    page.link.close()


def press(qtbot: QtBot, page: Word2vecPage, name: str) -> None:
    qtbot.mouseClick(getattr(page.bar, name), Qt.MouseButton.LeftButton)


def wait(qtbot: QtBot, page: Word2vecPage, standing: Standing) -> None:
    qtbot.waitUntil(lambda: page.report is not None and page.report.standing is standing, timeout=PATIENCE)


def test_before_anything_is_trained_it_says_what_to_do(page: Word2vecPage) -> None:
    assert page.invitation.isVisible()
    assert not page.bar.space.isEnabled()
    assert not page.bar.reset.isEnabled()
    assert page.link.training is None  # no process before one is wanted


def test_running_to_the_end_moves_what_is_seen(page: Word2vecPage, qtbot: QtBot) -> None:
    page.near.words.setText("cat, nix")
    page.near.changed.emit()
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert not page.invitation.isVisible()
    assert page.bar.at.text() == "epoch 8.0 of 8"
    assert not page.bar.run.isEnabled()
    assert len(page.map.scatter.figure.points) == 11
    assert "of their variance" in page.map.caption.text()
    assert page.near.near.text().startswith("<b>cat</b> → ")
    assert "is not in the text" in page.near.near.text()
    assert len(page.loss.points) > 8
    assert "finished" in page.telling.text()
    page.knobs.fields["epochs"].setValue(9)  # type: ignore[union-attr]
    wait(qtbot, page, Standing.PAUSED)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert page.report is not None
    assert page.report.epoch == 9


def test_a_step_is_told_in_numbers(page: Word2vecPage, qtbot: QtBot) -> None:
    press(qtbot, page, "step")
    qtbot.waitUntil(lambda: page.report is not None and page.report.facts.account is not None, timeout=PATIENCE)
    assert page.report is not None
    account, words = page.report.facts.account, page.seen.about.words  # type: ignore[union-attr]
    assert page.sides.page == "Step"
    told = page.step.account.toPlainText()
    assert f"From {words[account.inputs[0]]}, predict {words[account.targets[0].word]}" in told
    assert "0.6931" in told  # −log σ(0): output vectors begin at 0
    assert "the first steps move only these" in told
    assert "centre the" in page.step.sentence.accessibleDescription()
    row = page.map.scatter.figure.emphasis.current
    assert row is not None
    assert page.map.scatter.figure.names[row] == "the"
    assert page.tables.input.words[0] == "the"


def test_rewinding_by_the_slider_and_going_on(page: Word2vecPage, qtbot: QtBot) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert page.seen is not None
    end = page.seen.arrays[0]
    page.bar.epoch.setFocus()
    qtbot.keyClick(page.bar.epoch, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch == 0, timeout=PATIENCE)
    assert page.seen.report.standing is Standing.PAUSED
    start = page.seen.arrays[0]
    assert not np.array_equal(start, end)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert np.array_equal(page.seen.arrays[0], end)
    press(qtbot, page, "reset")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch == 0, timeout=PATIENCE)
    assert np.array_equal(page.seen.arrays[0], start)


def test_what_is_wrong_is_said_beside_the_buttons(page: Word2vecPage, qtbot: QtBot) -> None:
    page.text.set_text("")
    press(qtbot, page, "run")
    qtbot.waitUntil(page.fault.isVisible, timeout=PATIENCE)
    assert "There are no words in this text." in page.fault.text()
    assert page.link.training is None
    page.text.set_text(TEXT)
    page.knobs.fields["rate"].setValue(50.0)  # type: ignore[union-attr]
    page.knobs.fields["epochs"].setValue(500)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.DIVERGED)
    assert "too high" in page.fault.text()
    page.knobs.fields["rate"].setValue(0.05)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.RUNNING)
    assert not page.fault.isVisible()


def test_what_needs_a_reset_is_said(page: Word2vecPage, qtbot: QtBot) -> None:
    press(qtbot, page, "step")
    qtbot.waitUntil(lambda: page.report is not None, timeout=PATIENCE)
    page.knobs.fields["dimensions"].setValue(5)  # type: ignore[union-attr]
    page.text.set_text(TEXT + "A bird sings.")
    assert page.fault.text() == "Changed, and taken with Reset: the text, dimensions."
    press(qtbot, page, "reset")
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.arrays[0].shape == (13, 5), timeout=PATIENCE)
    assert not page.fault.isVisible()


def test_when_the_process_dies_one_can_go_on(page: Word2vecPage, qtbot: QtBot) -> None:
    page.knobs.fields["epochs"].setValue(9_000)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch > 1, timeout=PATIENCE)
    training = page.link.training
    assert training is not None
    assert training.pid is not None
    os.kill(training.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    qtbot.waitUntil(page.fault.isVisible, timeout=PATIENCE)
    assert "stopped" in page.fault.text()
    assert page.seen is not None
    epoch = page.seen.report.epoch
    assert not page.bar.running
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.report.epoch > epoch, timeout=PATIENCE)
    assert not page.fault.isVisible()


def test_frames_go_on_while_it_trains(page: Word2vecPage, qtbot: QtBot) -> None:
    """Points move between two reports, and reports come while it trains."""
    page.knobs.fields["epochs"].setValue(9_000)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch > 1, timeout=PATIENCE)
    seen = page.seen
    frames, reports = page.map.frames, []
    page.link.seen.connect(lambda *_: reports.append(page.map.frames))
    qtbot.waitUntil(lambda: page.map.frames > frames + 40, timeout=PATIENCE)
    assert page.seen is not seen
    assert len(reports) < 40  # there are more frames than reports


def test_the_vectors_open_in_space(page: Word2vecPage, qtbot: QtBot) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    asked: list[None] = []
    sets = page.studio.vector_sets
    sets.front_wanted.connect(lambda: asked.append(None))
    press(qtbot, page, "space")
    assert sets.active is not None
    assert sets.title == "Lab, epoch 8"
    assert sets.active.words[0] == "the"
    assert page.seen is not None
    assert np.array_equal(sets.active.vectors, page.seen.arrays[0])
    assert sets.active.metadata["count"][0] == "40"
    assert asked == [None]
    assert sets.paths == []  # there is no file to open the next time


def test_what_was_learnt_is_saved(page: Word2vecPage, qtbot: QtBot, tmp_path: Path) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    trained = page.trained()
    assert trained is not None
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.exporter.save(tmp_path / "v.txt", lambda it, path: save_vectors(it, path, output=True))
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE)
    assert "11 vectors are saved" in said[0].text
    assert np.array_equal(load(tmp_path / "v.txt").vectors, trained.U)
    save_loss(trained, tmp_path / "loss.csv")
    lines = (tmp_path / "loss.csv").read_text(encoding="utf-8").splitlines()
    assert "# seed = 1" in lines
    assert float(lines[-1].split(",")[1]) == trained.curve[-1, 1]
    save_model(trained, tmp_path / "lookup.onnx")
    onnx.checker.check_model(tmp_path / "lookup.onnx", full_check=True)
    found = ReferenceEvaluator(str(tmp_path / "lookup.onnx")).run(None, {"input_ids": np.array([[1, 3, 0]])})[0]
    assert np.array_equal(found[0], np.vstack([trained.V[[0, 2]], np.zeros((1, trained.V.shape[1]))]))


def test_closing_the_window_while_it_trains_ends_the_process(page: Word2vecPage, qtbot: QtBot) -> None:
    page.knobs.fields["epochs"].setValue(9_000)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.RUNNING)
    training = page.link.training
    assert training is not None
    page.link.close()
    assert not training.alive
    assert training.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(training.pid, 0)


def test_where_there_is_little_room_the_map_is_a_page(page: Word2vecPage, qtbot: QtBot) -> None:
    assert page.sides.wide
    assert not page.sides.tabs.isTabVisible(0)
    window = page.window()
    window.resize(480, 520)
    qtbot.waitUntil(lambda: not page.sides.wide)
    assert page.sides.tabs.isTabVisible(0)
    page.sides.choose("Map")
    assert page.map.isVisible()
    window.resize(1000, 620)
    qtbot.waitUntil(lambda: bool(page.sides.wide))
    assert page.map.isVisible()
    assert page.sides.page != "Map"


def test_the_place_of_the_analogys_word_is_drawn_by_epoch(page: Word2vecPage, qtbot: QtBot) -> None:
    assert not page.ranks.isVisibleTo(page)
    for term, word in zip(page.near.terms, ("cat", "fish", "meat", "dog"), strict=True):
        term.setText(word)
    page.near.changed.emit()
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    page.sides.choose("Loss")
    qtbot.waitUntil(lambda: page.ranks.isVisible(), timeout=PATIENCE)
    assert page.sight.analogy is not None
    assert page.ranks.points[-1].tolist() == [8.0, page.sight.analogy.rank]
    assert "place of dog for cat − fish + meat" in page.ranks.accessibleDescription()
    press(qtbot, page, "reset")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch == 0, timeout=PATIENCE)
    assert len(page.ranks.points) == 1  # another run has its own


def test_gensim_is_chosen_with_what_it_cannot_do(page: Word2vecPage, qtbot: QtBot) -> None:
    pytest.importorskip("gensim")
    assert not page.knobs.fields["threads"].isEnabled()
    page.knobs.fields["trainer"].setCurrentText(GENSIM)  # type: ignore[union-attr]
    assert "single steps" in page.about_trainer.text()
    assert not page.bar.step.isEnabled()
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert page.bar.step.toolTip().startswith("gensim takes no single steps")
    assert "gensim, " in page.telling.text()
    assert "on 1,000 predictions" in page.telling.text()
    assert "gensim's threads" in page.step.account.toPlainText()
    assert page.report is not None
    assert page.report.kept == (0, 8)
    page.knobs.fields["trainer"].setCurrentText(OURS)  # type: ignore[union-attr]
    assert "trainer" in page.fault.text()
    assert not page.bar.step.isEnabled()  # not before a Reset
    press(qtbot, page, "reset")
    qtbot.waitUntil(lambda: page.bar.step.isEnabled(), timeout=PATIENCE)


def test_of_a_file_it_is_said_that_all_is_learnt_from(page: Word2vecPage, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("The cat sat. " * 2_000, encoding="utf-8")
    page.text.open(tmp_path / "long.txt")
    assert (
        page.text.telling.text()
        == "All of the file is learnt from, 26,000 bytes; its first 20,000 letters are shown here."
    )
    assert "The file goes on" in page.text.edit.toPlainText()
    (tmp_path / "short.txt").write_text(TEXT, encoding="utf-8")
    page.text.open(tmp_path / "short.txt")
    assert page.text.edit.toPlainText() == TEXT
    assert page.text.telling.text().startswith("All of the file, ")
    (tmp_path / "binary.txt").write_bytes(b"\x7fELF\x00\x00")
    page.text.open(tmp_path / "binary.txt")
    assert "is no text" in page.text.telling.text()
    page.text.open(tmp_path / "gone.txt")
    assert "cannot be read: No such file" in page.text.telling.text()


def test_subsampling_that_leaves_nothing_is_said(page: Word2vecPage, qtbot: QtBot) -> None:
    page.knobs.fields["subsampling"].setValue(0.0001)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert "Subsampling passes over nearly all words" in page.fault.text()
    page.knobs.fields["subsampling"].setValue(0.5)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "Subsampling" not in page.fault.text(), timeout=PATIENCE)
