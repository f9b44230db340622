"""The Prediction panel against a float64 softmax of the logits that the session returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.prediction_panel import LEFT_OUT, NOTHING_YET, WORD_VECTORS, PredictionPanel
from embstudio.gui.style.theme import Theme
from tests.judging_models import make_last_verdict, make_last_words

pytestmark = pytest.mark.usefixtures("silent")

SENTENCE = "I expected to hate it but loved it"


def plain_softmax(row: np.ndarray) -> np.ndarray:
    powers = np.exp(row.astype(np.longdouble))
    return np.asarray(powers / powers.sum(), dtype=float)


@pytest.fixture
def classes(open_model: Callable, theme: Theme, show: Callable) -> PredictionPanel:
    panel = PredictionPanel(open_model("sentiment-lstm", SENTENCE), theme)
    show(panel, 840, 240)
    return panel


@pytest.fixture
def words(open_model: Callable, theme: Theme, show: Callable) -> PredictionPanel:
    panel = PredictionPanel(open_model("next-word", "Tom was sad because he lost his"), theme)
    show(panel, 840, 300)
    return panel


def test_class_probabilities_after_each_token(classes: PredictionPanel) -> None:
    trace = classes.studio.trace
    assert classes.chart.probabilities.shape == (len(trace), 2)
    for token in range(len(trace)):
        expected = plain_softmax(trace["logits"].values[token])
        np.testing.assert_allclose(classes.chart.probabilities[token], expected, rtol=1e-9)
        classes.studio.cursor.move(token=token)
        name = ("negative", "positive")[int(expected.argmax())]
        assert classes.verdict.text() == f"after ‘{trace.tokens[token].text}’: {name} {100 * expected.max():.1f} %"


def test_a_click_on_a_column_goes_there(qtbot: QtBot, classes: PredictionPanel) -> None:
    x = classes.chart.columns.centre(1)
    qtbot.mouseClick(classes.chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(x), 60))
    assert classes.studio.cursor.token == 1
    assert "expected" in classes.verdict.text()


def test_bars_are_as_high_as_the_probability(classes: PredictionPanel) -> None:
    chart = classes.chart
    classes.studio.cursor.move(token=len(classes.studio.trace) - 1)
    image = chart.viewport().grab().toImage()
    middle = chart._rows()[0][1].center().y()
    for token, row in enumerate(chart.probabilities[:-1]):
        if abs(row[1] - 0.5) > 0.2:
            colour = chart.theme.colour("positive" if row[1] > 0.5 else "negative")
            side = -6 if row[1] > 0.5 else 6
            assert image.pixelColor(int(chart.columns.centre(token)), int(middle + side)) == colour
            assert image.pixelColor(int(chart.columns.centre(token)), int(middle - side)) == chart.theme.colour("panel")


def test_a_long_sentence_scrolls_to_the_current_token(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = PredictionPanel(open_model("sentiment-lstm", " ".join([SENTENCE] * 15)), theme)
    show(panel, 600, 220)
    chart = panel.chart
    assert len(chart.probabilities) >= 100
    for token in (0, 60, len(chart.probabilities) - 1, 3):
        panel.studio.cursor.move(token=token)
        columns = chart.columns
        assert chart._gutter() <= columns.start(token) + 1
        assert columns.start(token + 1) <= chart.viewport().width()


def test_next_words_are_the_most_probable(words: PredictionPanel) -> None:
    trace, document = words.studio.trace, words.studio.document
    for token in range(len(trace)):
        words.studio.cursor.move(token=token)
        expected = plain_softmax(trace["logits"].values[token])
        order = np.lexsort((np.arange(len(expected)), -expected))
        shown = [bar for bar in words.words.bars.bars if not bar.apart]
        assert [bar.word for bar in shown] == [document.word(int(id_)).replace(" ", "␣") for id_ in order[:10]]
        np.testing.assert_allclose([bar.probability for bar in shown], expected[order[:10]], rtol=1e-9)
        actual = [bar for bar in words.words.bars.bars if bar.actual]
        if token + 1 == len(trace):
            assert actual == []
            continue
        id_ = trace.tokens[token + 1].id
        (bar,) = actual
        assert bar.rank == int(np.flatnonzero(order == id_)[0]) + 1
        assert bar.apart == (bar.rank > 10)
        assert bar.probability == pytest.approx(expected[id_], rel=1e-9)
        assert f"is number {bar.rank}" in words.words.verdict.text()


def test_the_longest_bar_fits_the_scale(words: PredictionPanel) -> None:
    for token in range(len(words.studio.trace)):
        words.studio.cursor.move(token=token)
        assert words.words.bars.bars[0].probability <= words.words.bars.full
        assert (f"bars end at {100 * words.words.bars.full:.0f} %" in words.words.verdict.text()) == (
            words.words.bars.full < 1
        )


def test_word_vectors_predict_nothing(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = PredictionPanel(open_model("words", "king queen"), theme)
    show(panel, 400, 200)
    assert panel.empty.isVisible()
    assert panel.empty.text() == WORD_VECTORS


def test_before_anything_is_open(theme: Theme, show: Callable) -> None:
    from embstudio.studio import Studio

    panel = PredictionPanel(Studio(lambda request, lane: None, lambda lane: None), theme)
    show(panel, 400, 200)
    assert panel.empty.text() == NOTHING_YET


def test_a_model_of_another_kind_takes_over(words: PredictionPanel) -> None:
    words.studio.sentence = SENTENCE
    words.studio.open("sentiment-rnn")
    assert words.chart.isVisible()
    assert not words.words.isVisible()
    assert "after ‘" in words.verdict.text()
    assert words.chart.accessibleDescription().startswith("after ‘")


def test_scores_that_did_not_fit_are_not_called_missing(words: PredictionPanel) -> None:
    trace = words.studio.trace
    kept = {name: array for name, array in trace.arrays.items() if name != "logits"}
    words.studio.trace = replace(trace, arrays=kept)
    words.studio.trace_changed.emit()
    assert words.empty.isVisible()
    assert words.empty.text() == LEFT_OUT


def test_a_model_with_one_verdict_is_run_on_each_beginning(
    open_model: Callable, theme: Theme, show: Callable, tmp_path: Path
) -> None:
    panel = PredictionPanel(open_model(make_last_verdict(tmp_path), SENTENCE), theme)
    show(panel, 840, 240)
    each = open_model("sentiment-lstm", SENTENCE).trace["logits"].values
    expected = np.array([plain_softmax(row) for row in each])
    np.testing.assert_allclose(panel.chart.probabilities, expected, atol=1e-6)
    words = panel.studio.trace.tokens
    for token, row in enumerate(expected):
        panel.studio.cursor.move(token=token)
        where = f"the text up to ‘{words[token].text}’, run by itself" if token + 1 < len(words) else "the whole text"
        assert panel.verdict.text() == f"{where}: class {int(row.argmax())} {100 * row.max():.1f} %"
    assert "by itself on the part of the text up to there" in panel.chart.toolTip()


def test_scores_after_the_last_word_only_are_filled_in_by_beginnings(
    open_model: Callable, theme: Theme, show: Callable, tmp_path: Path
) -> None:
    text = "Tom was sad because he lost his"
    panel = PredictionPanel(open_model(make_last_words(tmp_path), text), theme)
    show(panel, 840, 300)
    each = open_model("next-word", text).trace["logits"].values
    for token in range(len(each)):
        panel.studio.cursor.move(token=token)
        assert panel.words.listed[0] == int(each[token].argmax())
        assert panel.words.bars.bars[0].probability == pytest.approx(plain_softmax(each[token]).max(), abs=1e-5)
        assert panel.words.verdict.text().startswith("the text up to" if token + 1 < len(each) else "after")
