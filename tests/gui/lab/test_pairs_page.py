"""The bench of pairs as one uses it: real widgets, a real process that trains."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.lab.pairs_distances import DIFFERENT_BAR, DOT, SAME_BAR, PairsDistances
from embstudio.gui.panels.lab.pairs_histogram import Histogram
from embstudio.gui.panels.lab.pairs_page import PairsPage
from embstudio.gui.panels.lab.pairs_table import DISTANCE, LABEL, LEFT, PART, RIGHT
from embstudio.gui.panels.lab.run_bar import PACES
from embstudio.gui.panels.lab_panel import LabPanel
from embstudio.gui.style.theme import Theme
from embstudio.lab.messages import Standing
from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.pair_list import Pair
from embstudio.lab.pairs.ready import READY
from embstudio.lab.pairs.settings import BAG, COSINE, LSTM, TABLE, TRIPLET
from embstudio.space.files import load
from embstudio.studio import Notice, Studio
from embstudio.studio.pairs_export import save_encoder, save_vectors

pytestmark = pytest.mark.usefixtures("silent")
PATIENCE = 60_000  # milliseconds
CAT_AND_DOG, WORDS, SENTENCES, CONTRADICTORY = range(4)


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[PairsPage]:
    panel = LabPanel(Studio(lambda *_: None, lambda _: None), theme)
    show(panel, 1100, 680)
    page = panel.show_bench("Pairs")
    assert isinstance(page, PairsPage)
    page.bar.pace.setCurrentIndex([pace for _, pace in PACES].index(0.0))
    yield page
    page.link.close()


def press(qtbot: QtBot, page: PairsPage, name: str) -> None:
    qtbot.mouseClick(getattr(page.bar, name), Qt.MouseButton.LeftButton)


def click(qtbot: QtBot, page: PairsPage, name: str) -> None:
    button = page.findChild(QToolButton, name)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wait(qtbot: QtBot, page: PairsPage, standing: Standing) -> None:
    qtbot.waitUntil(lambda: page.report is not None and page.report.standing is standing, timeout=PATIENCE)


def step(qtbot: QtBot, page: PairsPage) -> None:
    before = page.seen
    press(qtbot, page, "step")

    def told() -> bool:
        return page.seen is not None and page.seen is not before and page.seen.report.facts.account is not None

    qtbot.waitUntil(told, timeout=PATIENCE)


def choose(page: PairsPage, place: int) -> None:
    page.box.choice.setCurrentIndex(place)
    page.box.choice.activated.emit(place)


def turn(page: PairsPage, name: str, value: str | float) -> None:
    field = page.knobs.fields[name]
    if isinstance(field, QComboBox):
        field.setCurrentText(str(value))
        field.activated.emit(field.currentIndex())
    elif isinstance(field, QSpinBox):
        field.setValue(int(value))
    else:
        assert isinstance(field, QDoubleSpinBox)
        field.setValue(float(value))


def cell(page: PairsPage, row: int, column: int) -> str:
    model = page.box.table.pairs_model
    return str(model.data(model.index(row, column)))


def test_the_first_list_says_that_its_first_guess_is_wrong(page: PairsPage) -> None:
    assert page.box.pairs == (Pair("cat", "dog", False),)
    assert "distance 1.068. At threshold 2 the first guess is SAME, and wrong" in page.notes.text()
    assert page.invitation.isVisible()
    assert page.link.training is None
    assert not page.fault.isVisible()
    page.knobs.fields["dimensions"].setValue(4)  # type: ignore[union-attr]
    assert "1.068" not in page.notes.text()  # the vectors given are of three numbers
    assert [page.box.choice.itemText(place) for place in range(4)] == list(READY.values())


def test_a_step_is_told_in_formulas_and_drawn_as_a_push(page: PairsPage, qtbot: QtBot) -> None:
    step(qtbot, page)
    told = page.step.account.toPlainText()
    assert "a = [0.2000, 0.8000, 0.1000]" in told
    assert "D = ‖a − b‖ = √(0.5000² + 0.5000² + 0.8000²) = √1.140 = 1.068" in told
    assert "D = 1.068 ≤ threshold 2: guess SAME, label DIFFERENT: ✗ wrong" in told
    assert "½ max(0, 2.5 − 1.068)² = 1.026" in told
    assert "dL/da = −(m − D)(a − b)/D = −1.341 · (a − b) = [0.6707, −0.6707, 1.073]" in told
    assert "Push: they move apart." in told
    assert "1.068 → 1.354" in told
    assert page.sides.page == "Step"
    assert "wrong" in page.step.account.accessibleDescription()
    figure = page.map.scatter.figure
    assert figure.names == ["cat", "dog", "0"]
    assert figure.lines.strong
    moves = figure.lines.ends - figure.lines.starts
    assert float(moves[0] @ moves[1]) == pytest.approx(-float(moves[0] @ moves[0]), rel=1e-4)  # apart, by the same
    assert "× 3" in page.map.caption.text()
    assert cell(page, 0, DISTANCE) == "✗ 1.3542"
    assert page.distances.current == (0,)
    for _ in range(5):
        step(qtbot, page)
    assert cell(page, 0, DISTANCE).startswith("✓ 2.1")


def test_a_pull_goes_the_other_way(page: PairsPage, qtbot: QtBot) -> None:
    page.box.set_pairs((Pair("sun", "moon", True),))
    step(qtbot, page)
    assert "Pull: they move together." in page.step.account.toPlainText()
    account = page.report.facts.account  # type: ignore[union-attr]
    assert account.judged[0].after == pytest.approx(0.8 * account.judged[0].distance)
    figure = page.map.scatter.figure
    assert np.linalg.norm(figure.lines.ends[0] - figure.lines.ends[1]) == pytest.approx(
        account.judged[0].after, rel=1e-4
    )


@pytest.mark.parametrize("loss", [COSINE, TRIPLET])
@pytest.mark.parametrize("encoder", [BAG, LSTM])
def test_every_encoder_and_loss_tells_its_step(page: PairsPage, qtbot: QtBot, encoder: str, loss: str) -> None:
    choose(page, SENTENCES)
    turn(page, "encoder", encoder)
    turn(page, "loss", loss)
    settings = page.knobs.settings
    assert (settings.threshold, settings.margin) == ((0.5, 0.75) if loss == COSINE else (1.0, 1.5))
    step(qtbot, page)
    while not page.report.facts.account.moves:  # type: ignore[union-attr]  a triplet in good order already
        step(qtbot, page)
    told = page.step.account.toPlainText()
    assert "the slopes go back through it to its weights" in told
    assert "word vectors" in told
    assert ("recurrent weights R" in told) == (encoder == LSTM)
    assert ("shall be nearer to" in told) == (loss == TRIPLET)
    assert ("cos = a·b" in told) == (loss == COSINE)
    account = page.report.facts.account  # type: ignore[union-attr]
    assert len(account.members) == (3 if loss == TRIPLET else 2)


def test_running_parts_both_groups_and_measures_what_is_held_out(page: PairsPage, qtbot: QtBot) -> None:
    choose(page, WORDS)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert "held out" in page.telling.text()
    assert "finished: raise epochs to go on" in page.telling.text()
    assert page.seen is not None
    about, distances = page.seen.about, page.seen.arrays[1]
    assert np.array_equal(page.distances.distances, distances)
    learnt = ~about.held
    assert distances[about.items.same & learnt].max() < 1.0 < distances[~about.items.same & learnt].min()
    assert sum(cell(page, row, PART) == "○" for row in range(30)) == 8
    assert [curve.name for curve in page.accuracy.curves] == ["learnt from", "held out"]
    assert len(page.loss.points) == 61
    page.sides.choose("Distances")
    row = int(np.argmax(distances))
    place = page.distances._places()[row]
    page.distances.hovered.emit(row, DOT)
    first, second = about.items.ends[row].tolist()
    assert page.map.scatter.figure.emphasis.rows == [first, second]
    page.distances.unhovered.emit()
    assert page.map.scatter.figure.emphasis.rows != [first, second]
    page.box.table.selectRow(4)
    assert page.map.scatter.figure.emphasis.rows == about.items.ends[4].tolist()
    qtbot.waitUntil(lambda: page.distances.place_at(QPointF(*page.distances._places()[row])) is not None)
    assert "the label is DIFFERENT: right" in page.distances.tooltip_of((row, DOT))
    assert place[0] > page.distances._x(1.0, page.distances._frame())


def test_many_distances_are_counted() -> None:
    chance = np.random.default_rng(0)
    distances = np.append(chance.uniform(0, 3, 999), [0.7, 2.9, 0.0])
    same, held = chance.random(1002) < 0.5, chance.random(1002) < 0.25
    same[999] = True
    found = Histogram.of(distances, same, held, threshold=0.7, top=2.5)
    assert found.counts.sum() == 1002  # what is beyond the scale counts in the last step
    for lane, which in enumerate((same, ~same)):
        for part, out in enumerate((~held, held)):
            left = int(np.flatnonzero(np.isclose(found.edges, 0.7))[0])
            assert found.counts[lane, :left, part].sum() == (distances[which & out] <= 0.7).sum()
            expected = np.histogram(distances[which & out], found.edges)[0][:-1]
            assert np.abs(found.counts[lane, :-1, part] - expected).sum() <= 2  # of those on an edge


def test_many_pairs_are_bars(theme: Theme, show: Callable, qtbot: QtBot) -> None:
    pairs = tuple(Pair(f"a{n}", f"b{n}", n % 2 == 0) for n in range(900))
    plot = PairsDistances(theme)
    plot.set_lines(1.0, 1.5, cosine=False)
    distances = np.where(np.arange(900) % 2 == 0, 0.52, 1.41)
    plot.set_pairs(distances, Items.of(pairs, TABLE), np.arange(900) < 200)
    show(plot, 500, 300)
    for lane, distance in ((SAME_BAR, 0.52), (DIFFERENT_BAR, 1.41)):
        frame = plot._frame()
        y = frame.center().y() + (20 if lane == DIFFERENT_BAR else -20)
        place = plot.place_at(QPointF(plot._x(distance, frame), y))
        assert place is not None
        assert place[1] == lane
        assert "350 pairs learnt from, 100 held out" in plot.tooltip_of(place)
    qtbot.mouseMove(plot, QPoint(250, 100))  # nobody stumbles over it


def test_it_stops_at_an_accuracy_and_goes_on_without(page: PairsPage, qtbot: QtBot) -> None:
    choose(page, WORDS)
    turn(page, "epochs", 500)
    turn(page, "stop_at", 0.9)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert page.report is not None
    assert page.report.epoch < 100
    assert "90% are right, as asked" in page.telling.text()
    turn(page, "stop_at", 0.0)
    wait(qtbot, page, Standing.PAUSED)
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epochs == 500, timeout=PATIENCE)


def test_rewinding_and_going_on_gives_the_same(page: PairsPage, qtbot: QtBot) -> None:
    choose(page, WORDS)
    turn(page, "epochs", 20)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert page.seen is not None
    end = page.seen.arrays[0]
    page.bar.epoch.setFocus()
    qtbot.keyClick(page.bar.epoch, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch == 0, timeout=PATIENCE)
    assert not np.array_equal(page.seen.arrays[0], end)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert np.array_equal(page.seen.arrays[0], end)


def test_a_rate_that_diverges_is_said_and_put_back(page: PairsPage, qtbot: QtBot) -> None:
    choose(page, WORDS)
    turn(page, "rate", 30.0)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.DIVERGED)
    assert "A rate of 30 is too high here" in page.fault.text()
    assert page.seen is not None
    assert np.abs(page.seen.arrays[0]).max() <= 1.0  # those of the start
    turn(page, "rate", 0.1)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert not page.fault.isVisible()


@pytest.mark.parametrize("optimiser", ["SGD", "Adam"])
def test_when_the_process_dies_one_can_go_on(page: PairsPage, qtbot: QtBot, optimiser: str) -> None:
    choose(page, WORDS)
    turn(page, "optimiser", optimiser)
    turn(page, "epochs", 9_000)
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: page.report is not None and page.report.epoch > 1, timeout=PATIENCE)
    training = page.link.training
    assert training is not None
    assert training.pid is not None
    os.kill(training.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    qtbot.waitUntil(page.fault.isVisible, timeout=PATIENCE)
    assert page.seen is not None
    last = page.seen
    epoch, V = last.report.epoch, last.arrays[0]
    press(qtbot, page, "step")

    def went_on() -> bool:
        return page.seen is not last and page.seen is not None and page.seen.report.facts.account is not None

    qtbot.waitUntil(went_on, timeout=PATIENCE)
    assert page.seen.report.epoch == epoch
    assert np.abs(page.seen.arrays[0] - V).max() < 1.0  # one step from where it was, and no start anew
    assert len(page.seen.report.facts.curve) == epoch + 1


def test_contradictions_are_named_and_trained_on(page: PairsPage, qtbot: QtBot) -> None:
    choose(page, CONTRADICTORY)
    said = page.said.text()
    assert "“cat” and “dog” are labelled both SAME (pair 1) and DIFFERENT (pair 2)." in said
    assert "cannot be right on both" in said
    assert "“car” = “bus” = “train” by pairs 3, 4, but pair 5 says “car” ≠ “train”." in said
    assert "“apple” is never DIFFERENT from itself" in said
    assert "3 pairs cannot be right, or clash with others" in page.fault.text()
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    assert page.report is not None
    assert page.report.facts.now.accuracy < 1.0
    choose(page, SENTENCES)
    assert "the bag of words gives both one vector" in page.said.text()
    turn(page, "encoder", LSTM)
    assert page.said.text() == ""


def test_pairs_are_edited_added_and_taken_out(page: PairsPage, qtbot: QtBot) -> None:
    choose(page, WORDS)
    step(qtbot, page)
    table, model = page.box.table, page.box.table.pairs_model
    assert cell(page, 0, DISTANCE) != ""
    model.setData(model.index(0, LEFT), "whale")
    model.setData(model.index(0, LABEL), "SAME")
    assert page.box.pairs[0].left == "whale"
    assert page.box.pairs[0].same
    assert page.box.choice.currentIndex() == len(READY)
    assert cell(page, 0, DISTANCE) == ""  # what was trained is another list
    assert "Changed, and taken with Reset: the pairs." in page.fault.text()
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert len(page.box.pairs) == 29
    click(qtbot, page, "labUndoPairs")
    assert len(page.box.pairs) == 30
    assert page.box.pairs[0].left == "whale"
    choose(page, CAT_AND_DOG)
    assert page.box.found.starts
    click(qtbot, page, "labUndoPairs")
    assert page.box.pairs[0].left == "whale"
    assert page.box.choice.currentIndex() == len(READY)
    assert page.box.found.starts == ()
    click(qtbot, page, "labAddPair")
    assert model.rowCount() == 31
    assert len(page.box.pairs) == 30  # an empty one does not count
    model.setData(model.index(30, LEFT), "minnow")
    press(qtbot, page, "reset")
    assert "Pair 31 has no second item" in page.fault.text()
    model.setData(model.index(30, RIGHT), "whale")
    press(qtbot, page, "step")
    qtbot.waitUntil(lambda: page.seen is not None and len(page.seen.arrays[1]) == 31, timeout=PATIENCE)
    assert cell(page, 30, DISTANCE) != ""


def test_a_label_is_chosen_with_the_keys(page: PairsPage, qtbot: QtBot) -> None:
    table = page.box.table
    table.setFocus()
    table.setCurrentIndex(table.pairs_model.index(0, LABEL))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    boxes = [box for box in table.findChildren(QComboBox) if box.isVisible()]
    assert len(boxes) == 1
    boxes[0].setCurrentText("SAME")
    boxes[0].activated.emit(0)
    assert page.box.pairs[0].same


def test_lines_are_pasted_and_those_that_are_no_pairs_named(page: PairsPage, qtbot: QtBot) -> None:
    QApplication.clipboard().setText("tiger\tlion\tSAME\ntiger\trose\tno idea\nlion\trose\tDIFFERENT")
    page.box.table.setFocus()
    qtbot.keyClick(page.box.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert page.box.pairs == (Pair("cat", "dog", False), Pair("tiger", "lion", True), Pair("lion", "rose", False))
    assert "2 pairs pasted. One line is no pair" in page.box.telling.text()
    assert "line 2: “no idea” is neither SAME nor DIFFERENT" in page.box.telling.text()
    assert page.box.found.starts  # cat and dog begin where they did


def test_files_are_opened_and_saved(page: PairsPage, tmp_path: Path) -> None:
    choose(page, WORDS)
    pairs = page.box.pairs
    page.box.save(tmp_path / "mine.csv")
    assert "30 pairs are saved" in page.box.telling.text()
    choose(page, CAT_AND_DOG)
    page.box.open(tmp_path / "mine.csv")
    assert page.box.pairs == pairs
    (tmp_path / "none.csv").write_text("a,b\n", encoding="utf-8")
    page.box.open(tmp_path / "none.csv")
    assert "There are no pairs in none.csv." in page.box.telling.text()
    assert page.box.pairs == pairs
    page.box.open(tmp_path / "gone.csv")
    assert "cannot be read" in page.box.telling.text()


def test_what_cannot_be_trained_is_said(page: PairsPage, qtbot: QtBot) -> None:
    turn(page, "loss", TRIPLET)
    press(qtbot, page, "run")
    qtbot.waitUntil(page.fault.isVisible, timeout=PATIENCE)
    assert "No triplet can be made of these pairs." in page.fault.text()
    page.box.set_pairs(())
    press(qtbot, page, "run")
    assert "There are no pairs." in page.fault.text()


def test_with_the_margin_at_the_threshold_it_is_said_what_comes_of_it(page: PairsPage) -> None:
    assert page.said_of_knobs.text() == ""
    turn(page, "margin", 2.0)
    assert "may never pass it" in page.said_of_knobs.text()


def test_what_triplets_ask_for_and_what_is_in_held_out_pairs_only_is_said(page: PairsPage) -> None:
    turn(page, "loss", TRIPLET)
    assert "No triplet can be made" in page.said_of_knobs.text()
    choose(page, WORDS)
    turn(page, "loss", TRIPLET)
    assert "triplets are made of the pairs" in page.said_of_knobs.text()
    assert "held-out" not in page.notes.text()
    page.box.set_pairs((Pair("a", "b", True), Pair("c", "d", False), Pair("e", "f", True)))
    turn(page, "held_out", 0.4)
    assert "2 items are in held-out pairs only: nothing is learnt of them." in page.notes.text()


def test_at_a_slow_pace_each_step_of_a_run_is_told(page: PairsPage, qtbot: QtBot) -> None:
    page.bar.pace.setCurrentIndex([pace for _, pace in PACES].index(3.0))
    turn(page, "epochs", 9_000)
    page.sides.choose("Step")
    press(qtbot, page, "run")
    qtbot.waitUntil(lambda: "After it: distance" in page.step.account.toPlainText(), timeout=PATIENCE)
    assert page.report is not None
    assert page.report.standing is Standing.RUNNING
    fast = [pace for _, pace in PACES].index(0.0)
    page.bar.pace.setCurrentIndex(fast)
    page.bar.pace.activated.emit(fast)
    qtbot.waitUntil(lambda: "take a slower pace" in page.step.account.toPlainText(), timeout=PATIENCE)


def test_what_was_learnt_is_opened_in_space_and_saved(page: PairsPage, qtbot: QtBot, tmp_path: Path) -> None:
    choose(page, WORDS)
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    press(qtbot, page, "space")
    sets = page.studio.vector_sets
    assert sets.active is not None
    assert sets.title == "Lab, pairs, epoch 60"
    assert page.seen is not None
    assert np.allclose(sets.active.vectors, page.seen.arrays[0], atol=1e-6)
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.exporter.save(tmp_path / "v.tsv", save_vectors)
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE)
    assert "12 vectors are saved" in said[0].text
    assert np.allclose(load(tmp_path / "v.tsv").vectors, page.seen.arrays[0], atol=1e-6)
    page.exporter.save(tmp_path / "encoder.onnx", save_encoder)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=PATIENCE)
    assert "looks up 12 vectors" in said[1].text
    assert (tmp_path / "tokenizer.json").exists()


def test_where_there_is_little_room_the_pairs_are_seen_first(page: PairsPage, qtbot: QtBot) -> None:
    window = page.window()
    window.resize(480, 520)
    qtbot.waitUntil(lambda: not page.sides.wide)
    assert page.sides.page == "Pairs"
    assert page.box.table.isVisible()
    page.sides.choose("Map")
    assert page.map.isVisible()
    assert page.box.table.mapTo(window, QPoint(0, 0)).y() >= 0
