"""The bench of recurrent cells as one uses it: real widgets, a real process that trains."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.lab.recurrent_knobs import TRIALS
from embstudio.gui.panels.lab.recurrent_page import RecurrentPage
from embstudio.gui.panels.lab.recurrent_picture import ABSOLUTE
from embstudio.gui.panels.lab.run_bar import PACES
from embstudio.gui.panels.lab_panel import LabPanel
from embstudio.gui.style.theme import Theme
from embstudio.lab.messages import Standing
from embstudio.lab.recurrent.bench import RecurrentOrder
from embstudio.lab.recurrent.facts import Facts
from embstudio.lab.recurrent.settings import AGREE, GRU, LSTM, SGD, Settings
from embstudio.studio import Notice, Studio
from embstudio.studio.recurrent_export import save_cell, save_curves

pytestmark = pytest.mark.usefixtures("silent")

SMALL = Settings(distance=5, units=8, batch=8, epochs=4)
PATIENCE = 120_000  # milliseconds


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[RecurrentPage]:
    studio = Studio(lambda *_: None, lambda _: None)
    panel = LabPanel(studio, theme)
    show(panel, 1000, 620)
    page = panel.show_bench("Recurrent")
    assert isinstance(page, RecurrentPage)
    page.bar.pace.setCurrentIndex([pace for _, pace in PACES].index(0.0))
    page.knobs.set_settings(SMALL)
    yield page
    page.link.close()


def press(qtbot: QtBot, page: RecurrentPage, name: str) -> None:
    qtbot.mouseClick(getattr(page.bar, name), Qt.MouseButton.LeftButton)


def wait(qtbot: QtBot, page: RecurrentPage, standing: Standing) -> None:
    qtbot.waitUntil(lambda: page.report is not None and page.report.standing is standing, timeout=PATIENCE)


def facts_of(page: RecurrentPage) -> Facts:
    assert page.report is not None
    facts: Facts = page.report.facts
    return facts


def test_before_anything_is_trained_it_says_what_to_do(page: RecurrentPage) -> None:
    assert page.invitation.isVisible()
    assert "5 words of the weather" in page.about_task.text()
    assert not page.bar.export.isEnabled()
    assert page.link.training is None  # no process before one is wanted
    assert not page.picture.flow.curves
    page.knobs.set_settings(Settings(task=AGREE, distance=7))
    assert "7 words later" in page.about_task.text()


def test_a_run_shows_what_the_bench_has(page: RecurrentPage, qtbot: QtBot) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert not page.invitation.isVisible()
    bench = RecurrentOrder(SMALL).bench()
    while bench.epoch < SMALL.epochs:
        bench.advance(1.0)
    assert page.seen is not None
    shown = bench.snapshot()
    for mine, theirs in zip(page.seen.arrays, shown.arrays, strict=True):
        assert np.array_equal(mine, theirs)
    curves = {curve.name: curve for curve in page.picture.flow.curves}
    assert set(curves) == {f"{name}{end}" for name in ("RNN", "GRU", "LSTM c", "LSTM h")
                           for end in ("", ", before training")}  # fmt: skip
    lstm = shown.facts.cells[2]
    assert np.allclose(curves["LSTM c"].values, lstm.flow.c / lstm.flow.c[0])
    page.picture.scale.choose(ABSOLUTE)
    page.picture.scale.box.activated.emit(1)
    absolute = {curve.name: curve.values for curve in page.picture.flow.curves}
    assert np.allclose(absolute["LSTM c"], lstm.flow.c)
    accuracy = page.picture.accuracy.curves
    assert [curve.name for curve in accuracy] == ["RNN", "GRU", "LSTM"]
    assert accuracy[1].points[-1].tolist() == [4.0, shown.facts.cells[1].held[-1, 2]]
    words = page.picture.words.text().splitlines()
    assert [line.partition(":")[0] for line in words] == ["RNN", "GRU", "LSTM"]
    assert "5 steps back, the gradient of c is" in words[2]
    page.sides.choose("Cells")
    table = page.cells.table.lines
    rows = {line[0].text: [cell.text for cell in line[1:]] for line in table.cells}
    assert rows["numbers to learn"] == [f"{array.size:,}" for array in shown.arrays]
    assert rows["right, held out"][1] == f"{100 * shown.facts.cells[1].held[-1, 2]:.1f} %"
    page.sides.choose("Curves")
    assert len(page.curves.distance.curves[0].values) == len(shown.facts.distances)


def test_a_step_is_told_symbol_by_symbol(page: RecurrentPage, qtbot: QtBot) -> None:
    press(qtbot, page, "step")
    qtbot.waitUntil(lambda: page.report is not None and page.report.facts.followed.learnt, timeout=PATIENCE)
    assert page.sides.page == "Step"
    facts, about = facts_of(page), page.seen.about  # type: ignore[union-attr]
    assert f"right is “{about.answers[facts.followed.answer]}”" in page.step.said.text()
    lines = page.step.table.lines
    assert lines.heads == ("symbol", "RNN", "‖∂‖", "GRU", "‖∂‖", "LSTM", "‖∂‖")
    assert [line[0].text for line in lines.cells] == [about.words[word] for word in facts.followed.ids]
    guesses = facts.cells[0].guesses
    assert guesses is not None
    for line, chances in zip(lines.cells, guesses.chances, strict=True):
        best = int(chances.argmax())
        assert line[1].text.removeprefix("✓ ") == about.answers[best]
        assert line[1].text.startswith("✓") == (best == facts.followed.answer)
    bars = [line[2].bar for line in lines.cells]
    norms = guesses.flow.h[::-1]
    assert np.argsort(bars).tolist() == np.argsort(norms).tolist()


def test_rewinding_by_the_slider_and_going_on_gives_the_same(page: RecurrentPage, qtbot: QtBot) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert page.seen is not None
    end, words = page.seen.arrays, page.picture.words.text()
    page.bar.epoch.setFocus()
    qtbot.keyClick(page.bar.epoch, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch == 0, timeout=PATIENCE)
    assert len(facts_of(page).cells[0].held) == 1
    assert not any(np.array_equal(mine, theirs) for mine, theirs in zip(page.seen.arrays, end, strict=True))
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(page.seen.arrays, end, strict=True))
    assert page.picture.words.text() == words


def test_knobs_are_turned_while_it_runs(page: RecurrentPage, qtbot: QtBot) -> None:
    page.knobs.fields["epochs"].setValue(2000)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.RUNNING)
    page.knobs.fields["distance"].setValue(9)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: facts_of(page).distance == 9, timeout=PATIENCE)
    qtbot.waitUntil(lambda: len(page.picture.flow.curves[0].values) == 10, timeout=PATIENCE)
    assert not page.fault.isVisible()
    page.knobs.fields["units"].setValue(9)  # type: ignore[union-attr]
    assert page.fault.text() == "Changed, and taken with Reset: units."
    page.knobs.fields["lstm"].setChecked(False)  # type: ignore[union-attr]
    press(qtbot, page, "reset")
    qtbot.waitUntil(lambda: page.report is not None and len(facts_of(page).cells) == 2, timeout=PATIENCE)
    assert not page.fault.isVisible()


def test_a_cell_that_explodes_is_stopped_and_said(page: RecurrentPage, qtbot: QtBot) -> None:
    wild = Settings(scale=3.0, clipping=0.0, optimiser=SGD, rate=1.5, units=16, epochs=2000, seed=1)
    page.knobs.set_settings(wild)
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and bool(facts_of(page).cells[0].stopped), timeout=PATIENCE)
    qtbot.waitUntil(lambda: "RNN at epoch" in page.fault.text(), timeout=PATIENCE)
    assert "a blind guess has 1.39" in page.fault.text()
    assert page.picture.words.text().startswith("RNN: stopped at epoch")
    epoch = page.report.epoch  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch > epoch, timeout=PATIENCE)  # others go on


def test_where_no_cell_is_left_it_says_so_and_goes_on_with_a_lower_rate(page: RecurrentPage, qtbot: QtBot) -> None:
    page.knobs.set_settings(Settings(distance=5, units=8, optimiser=SGD, rate=500.0, clipping=0.0, epochs=500))
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.DIVERGED)
    assert "No cell is left. RNN: its " in page.fault.text()
    page.knobs.fields["rate"].setValue(0.1)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.RUNNING)
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch >= 1, timeout=PATIENCE)
    assert not page.fault.isVisible()


def test_what_cannot_be_trained_is_said(page: RecurrentPage, qtbot: QtBot) -> None:
    for name in ("rnn", "gru", "lstm"):
        page.knobs.fields[name].setChecked(False)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    assert "No cell is ticked." in page.fault.text()
    assert page.link.training is None
    assert not page.knobs.fields["forget"].isEnabled()


def test_settings_worth_a_try_begin_anew(page: RecurrentPage, qtbot: QtBot) -> None:
    assert isinstance(page.trials, QComboBox)
    assert [page.trials.itemText(place) for place in range(page.trials.count())] == [name for name, *_ in TRIALS]
    place = [wanted.distance for _, _, wanted in TRIALS].index(5)
    page.trials.setCurrentIndex(place)
    page.trials.activated.emit(place)
    assert page.knobs.settings == TRIALS[place][2]
    assert page.trials.currentIndex() == place
    page.knobs.fields["batch"].setValue(9)  # type: ignore[union-attr]
    assert page.trials.currentIndex() == -1  # these are others
    assert page.link.training is None  # nothing was trained: nothing begins
    page.knobs.set_settings(SMALL)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    page.trials.activated.emit(place)
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch == 0, timeout=PATIENCE)
    assert len(page.seen.arrays[0]) > 1000  # type: ignore[union-attr]  # of 32 units


def test_what_was_trained_is_saved_and_opened_in_space(page: RecurrentPage, qtbot: QtBot, tmp_path: Path) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    notices: list[Notice] = []
    page.studio.noticed.connect(notices.append)
    page.exporter.save(tmp_path / "gru.onnx", partial(save_cell, kind=GRU))
    qtbot.waitUntil(lambda: len(notices) == 1, timeout=PATIENCE)
    page.exporter.save(tmp_path / "curves.csv", save_curves)
    qtbot.waitUntil(lambda: len(notices) == 2, timeout=PATIENCE)
    assert {file.name for file in tmp_path.iterdir()} == {"gru.onnx", "tokenizer.json", "config.json", "curves.csv"}
    assert [action.text() for action in page.bar.exports.actions()] == [
        "RNN as a model (ONNX)…", "GRU as a model (ONNX)…", "LSTM as a model (ONNX)…",
        "Loss and accuracy as a table (CSV)…",
    ]  # fmt: skip
    press(qtbot, page, "space")
    trained = page.trained()
    assert trained is not None
    active = page.studio.vector_sets.active
    assert active is not None
    assert np.array_equal(active.vectors, trained.network(LSTM).parts["E"])


def test_where_the_process_dies_one_can_go_on(page: RecurrentPage, qtbot: QtBot) -> None:
    page.knobs.fields["epochs"].setValue(2000)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch >= 2, timeout=PATIENCE)
    training = page.link.training
    assert training is not None
    assert training.pid is not None
    os.kill(training.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    qtbot.waitUntil(lambda: "stopped" in page.fault.text(), timeout=PATIENCE)
    epoch = page.report.epoch  # type: ignore[union-attr]
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch > epoch, timeout=PATIENCE)
    assert facts_of(page).cells[0].held[0, 0] == 0.0  # the curves are still those of the whole way
