"""Classes that are judged each by itself, and scores without a class, in the window: against float64 numpy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.lanes.words import verdict
from embstudio.gui.panels.lanes_panel import LanesPanel
from embstudio.gui.panels.memory.hold_words import before_and_after
from embstudio.gui.panels.prediction_panel import APART, BARE, PredictionPanel
from embstudio.gui.style.theme import Theme
from embstudio.trace.readout import Readout
from tests.score_models import make_scores

pytestmark = pytest.mark.usefixtures("silent")

TEXT = "It rained. We went home early. Then it stopped."
NUMBERS = "1 4 2 7 9 3 5"


def plain_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x.astype(np.longdouble))), np.float64)


@pytest.fixture
def splitter(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> PredictionPanel:
    """NNSplit over bytes: the end of a sentence and the end of a word are two questions about each byte."""
    panel = PredictionPanel(open_model(zoo / "_public" / "nnsplit_en_v1.onnx", TEXT), theme)
    show(panel, 900, 240)
    return panel


@pytest.fixture
def numbers(tmp_path: Path, open_model: Callable, theme: Theme, show: Callable) -> Callable[..., PredictionPanel]:
    """numbers(classes, end="Sigmoid"): the panel over a tiny model that takes token numbers."""

    def panel_over(classes: int, **how: object) -> PredictionPanel:
        panel = PredictionPanel(open_model(make_scores(tmp_path, classes, **how), NUMBERS), theme)
        show(panel, 840, 240)
        return panel

    return panel_over


@pytest.mark.zoo
def test_a_sentence_splitter_lights_up_behind_each_full_stop(splitter: PredictionPanel) -> None:
    studio, raw = splitter.studio, splitter.studio.trace["logits"].values
    assert splitter.switch.isVisible()
    assert splitter.switch.ways.currentData() == Readout.ONE_OF
    studio.set_readout(Readout.EACH)
    np.testing.assert_allclose(splitter.chart.probabilities, plain_sigmoid(raw), rtol=1e-12)
    ends = np.flatnonzero(splitter.chart.probabilities[: len(TEXT), 0] > 0.5)
    assert ends.tolist() == [10, 30, 46]  # the spaces behind two full stops, and the last full stop
    studio.cursor.move(token=10)
    sentence, word = (100 * plain_sigmoid(raw)[10]).tolist()
    assert splitter.verdict.text() == f"after ‘␣’: class 0 {sentence:.1f} %, class 1 {word:.1f} %"
    assert splitter.verdict.text().removeprefix("after ‘␣’: ") in splitter.chart.accessibleDescription()
    assert splitter.chart.toolTip() == APART


@pytest.mark.zoo
def test_tracks_are_as_high_as_the_probability(splitter: PredictionPanel) -> None:
    studio, chart = splitter.studio, splitter.chart
    studio.set_readout(Readout.EACH)
    studio.cursor.move(token=len(studio.trace) - 1)
    assert [track.name for track in chart.tracks] == ["class 0", "class 1"]
    image = chart.viewport().grab().toImage()
    full = chart.theme.colour("attention")
    shown = range(len(chart.probabilities) - 1)
    for track in chart.tracks:
        for token in (t for t in shown if chart.columns.centre(t) > chart._gutter()):
            share = track.values[token]
            if share > 0.9 or share < 0.1:
                y = track.band.bottom() - 0.25 * track.band.height()
                drawn = image.pixelColor(int(chart.columns.centre(token)), int(y)) == full
                assert drawn == (share > 0.9)


@pytest.mark.zoo
def test_the_choice_is_made_with_the_keyboard_and_stays_while_the_model_is_open(
    qtbot: QtBot, splitter: PredictionPanel
) -> None:
    studio = splitter.studio
    told: list[Readout | None] = []
    studio.trace_changed.connect(lambda: told.append(studio.trace.readout))
    assert splitter.switch.ways.accessibleName()
    qtbot.keyClick(splitter.switch.ways, Qt.Key.Key_Down)
    assert told == [Readout.EACH]
    studio.type("Another text. It goes on.")
    assert studio.trace.text == "Another text. It goes on."
    np.testing.assert_allclose(splitter.chart.probabilities, plain_sigmoid(studio.trace["logits"].values), rtol=1e-12)
    assert studio.watches.outcome('p("class 0")').series.values[13] == splitter.chart.probabilities[13, 0]
    qtbot.keyClick(splitter.switch.ways, Qt.Key.Key_Up)
    np.testing.assert_allclose(splitter.chart.probabilities.sum(axis=1), 1, rtol=1e-12)
    studio.set_readout(Readout.EACH)
    studio.open("sentiment-lstm")
    assert studio.readout is None
    assert studio.trace.readout is None
    np.testing.assert_allclose(splitter.chart.probabilities.sum(axis=1), 1, rtol=1e-12)


def test_one_score_is_shown_as_it_is(numbers: Callable[..., PredictionPanel]) -> None:
    panel = numbers(1)
    raw = panel.studio.trace["logits"].values
    assert not panel.switch.isVisible()
    panel.studio.cursor.move(token=3)
    sigma = 100 * float(plain_sigmoid(raw)[3, 0])
    said = panel.verdict.text().replace("−", "-").split(": ")[1]
    score, beside = said.split(", ")
    assert float(score.removeprefix("score ")) == pytest.approx(float(raw[3, 0]), rel=1e-3)
    assert beside == f"σ(score) {sigma:.1f} %"
    (track,) = panel.chart.tracks
    assert (track.low, track.high) == (min(0, raw.min()), max(0, raw.max()))
    assert panel.chart.toolTip() == BARE


@pytest.mark.parametrize("reshaped", [False, True])
def test_what_the_graph_tells_is_not_asked(numbers: Callable[..., PredictionPanel], reshaped: bool) -> None:
    panel = numbers(1, end="Sigmoid", reshaped=reshaped)
    assert not panel.switch.isVisible()
    raw = panel.studio.trace["logits"].values
    panel.studio.cursor.move(token=2)
    share = 100 * float((raw if reshaped else plain_sigmoid(raw))[2, 0])
    assert panel.verdict.text().endswith(f": probability {share:.1f} %")
    panel.studio.set_readout(Readout.ONE_OF)  # nothing to choose
    assert panel.verdict.text().endswith(f": probability {share:.1f} %")


def test_many_classes_scroll(numbers: Callable[..., PredictionPanel]) -> None:
    panel = numbers(28)
    panel.studio.set_readout(Readout.EACH)
    chart = panel.chart
    assert len(chart.tracks) == 28
    down = chart.verticalScrollBar()
    assert down.maximum() > 0
    down.setValue(down.maximum())
    assert chart.tracks[-1].band.bottom() <= chart.viewport().height() - chart._line()
    panel.studio.set_readout(Readout.ONE_OF)
    assert down.maximum() == 0


def test_what_is_held_is_told_of_each_class(numbers: Callable[..., PredictionPanel]) -> None:
    panel = numbers(2)
    studio = panel.studio
    before = studio.trace
    studio.type("1 4 2 7 9 3 8")
    studio.set_readout(Readout.EACH)
    at = len(before) - 1
    then, now = (100 * plain_sigmoid(each["logits"].values[at]) for each in (before, studio.trace))
    told = before_and_after(studio.document, before, studio.trace, at)
    for class_ in range(2):
        assert f"class {class_} {then[class_]:.1f} % → {now[class_]:.1f} %" in told


@pytest.mark.zoo
def test_a_lane_says_each_class_and_prefers_none(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    studio = open_model(zoo / "_public" / "nnsplit_en_v1.onnx", TEXT)
    studio.companions.add("sentiment-lstm")
    panel = LanesPanel(studio, theme)
    show(panel, 900, 400)
    studio.set_readout(Readout.EACH)
    studio.cursor.move(token=10)
    panel.refresh()
    own = next(row for row in panel.rows if row.lane.member is None)
    sentence, word = (100 * plain_sigmoid(studio.trace["logits"].values)[10]).tolist()
    said = f"class 0 {sentence:.1f} %, class 1 {word:.1f} %"
    assert verdict(own.lane, own.lane.saying(), 10) == said
    assert said in own.strip.describe(10)
    assert own.lane.saying().verdicts == (None,) * len(studio.trace)
