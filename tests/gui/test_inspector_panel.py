"""The Inspector: exact numbers of the trace, their working in float64, and what can be copied."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.inspector_panel import InspectorPanel
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe

pytestmark = pytest.mark.usefixtures("silent")


@pytest.fixture
def lstm(open_model: Callable, theme: Theme, show: Callable) -> InspectorPanel:
    panel = InspectorPanel(open_model("sentiment-lstm", "I expected to hate it but loved it"), theme)
    show(panel, 300, 640)
    return panel


def test_it_shows_the_memory_at_the_cursor(lstm: InspectorPanel) -> None:
    lstm.studio.cursor.move(token=3, unit=17)
    c = lstm.studio.trace["lstm.0.forward.c"].values
    text = lstm.text.toPlainText().replace("\u200b", "")
    assert "lstm.0.forward.c" in text
    assert f"[3, 17] = {four(float(c[3, 17]))}" in text
    assert f"exactly {c[3, 17]!s}".replace("-", "−") in text
    assert "pos 3 ‘hate’" in text
    assert "unit 17" in text
    assert "observed: onnxruntime returned this number (CPU)." in text


def test_the_numbers_are_those_of_this_step(lstm: InspectorPanel) -> None:
    trace = lstm.studio.trace
    for token in range(1, len(trace)):
        lstm.studio.cursor.move(token=token, unit=5)
        f, i, g = (float(trace[f"lstm.0.forward.{part}"].values[token, 5]) for part in "fig")
        before = float(trace["lstm.0.forward.c"].values[token - 1, 5])
        (working,) = lstm.explanation.workings
        assert working.result == f * before + i * g
        text = lstm.text.toPlainText()
        assert f"= {four(working.result)} ✓ agrees" in text
        for number in (f, before, i, g):
            assert four(number) in text


def test_a_probe_comes_first_and_the_cursor_comes_back(lstm: InspectorPanel) -> None:
    lstm.studio.point_at(Probe("logits", (2, 1)))
    assert lstm.explanation.point == "logits"
    text = lstm.text.toPlainText()
    assert "class 1 positive" in text
    row = np.exp(lstm.studio.trace["logits"].values[2].astype(float))
    assert four(row[1] / row.sum()) in text
    lstm.studio.point_at(None)
    assert lstm.explanation.point == "lstm.0.forward.c"


def test_copying(qtbot: QtBot, lstm: InspectorPanel) -> None:
    qtbot.mouseClick(lstm.copy_name, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "lstm.0.forward.c"
    qtbot.mouseClick(lstm.copy_all, Qt.MouseButton.LeftButton)
    assert four(lstm.explanation.value) in QGuiApplication.clipboard().text()


def test_nothing_jumps_from_step_to_step(lstm: InspectorPanel) -> None:
    def headings() -> list[str]:
        known = {"Where", "What", "Comes from", "With this step’s numbers", "Provenance"}
        return [line for line in lstm.text.toPlainText().splitlines() if line in known]

    size = lstm.minimumSizeHint()
    for token in range(len(lstm.studio.trace)):
        lstm.studio.cursor.move(token=token)
        assert len(headings()) == 5
        assert lstm.minimumSizeHint() == size


def test_a_transformer_shows_the_strongest_key(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = InspectorPanel(open_model("next-word", "Tom was sad because he lost his"), theme)
    show(panel, 300, 640)
    panel.studio.cursor.move(token=4, layer=2, head=1)
    pattern = panel.studio.trace["blocks.2.attn.pattern"].values
    key = int(pattern[1, 4].argmax())
    assert [each.index for each in panel.explanation.coordinates] == [1, 4, key]
    assert panel.explanation.value == float(pattern[1, 4, key])


def test_word_vectors_and_nothing_at_all(open_model: Callable, theme: Theme, show: Callable) -> None:
    from embstudio.studio import Studio

    panel = InspectorPanel(open_model("words", "king queen man"), theme)
    show(panel, 300, 500)
    assert panel.explanation.point in panel.studio.trace
    empty = InspectorPanel(Studio(lambda request, lane: None, lambda lane: None), theme)
    show(empty, 300, 500)
    assert empty.explanation is None
    assert not empty.text.isVisible()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_it_begins_at_the_top_and_stays_where_it_was_scrolled_to(
    scale: float, open_model: Callable, theme: Theme, show: Callable
) -> None:
    theme.apply("dark", scale)
    panel = InspectorPanel(open_model("sentiment-lstm", "I expected to hate it"), theme)
    show(panel, 260, 260)
    bar = panel.text.verticalScrollBar()
    assert bar.value() == 0
    assert bar.maximum() > 20
    bar.setValue(20)
    panel.studio.cursor.step(1)
    assert bar.value() == 20
