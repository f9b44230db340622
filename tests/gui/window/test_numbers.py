"""What the panels hold is what the model says, worked out another way: onnx's reference evaluator, float64 numpy.

Neither onnxruntime nor anything of the session is used for the expected numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.formulas import cells
from embstudio.gui.panels.attention_panel import AttentionPanel
from embstudio.gui.panels.inspector_panel import InspectorPanel
from embstudio.gui.panels.memory_panel import MemoryPanel
from embstudio.gui.panels.prediction_panel import PredictionPanel
from embstudio.gui.program import Program

SENTENCE = "I expected to hate it but loved it"
OpenModel = Callable[[str], Path]


@pytest.fixture
def open_model(program: Program, qtbot: QtBot) -> OpenModel:
    """Open a bundled model in the window, type the sentence, and return the model's file."""

    def go(name: str) -> Path:
        studio = program.studio
        studio.open(name)
        qtbot.waitUntil(lambda: studio.document.source.name == name and not studio.busy)  # type: ignore[union-attr]
        program.window.sentence.field.clear()
        qtbot.keyClicks(program.window.sentence.field, SENTENCE)
        qtbot.waitUntil(lambda: studio.trace.text == SENTENCE)  # type: ignore[union-attr]
        return studio.document.source.path  # type: ignore[union-attr]

    return go


def ids_of(program: Program) -> np.ndarray:
    trace = program.studio.trace
    assert trace is not None
    return np.array([[token.id for token in trace.tokens]], np.int64)


def recurrent_reference(path: Path, ids: np.ndarray, op: str) -> dict[str, np.ndarray]:
    """Gates and states [pos, unit] in float64 from the file's own weights."""
    graph = onnx.load(path).graph
    weights = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in graph.initializer}
    node = next(node for node in graph.node if node.op_type == op)
    table = next(weights[name] for gather in graph.node if gather.op_type == "Gather" for name in gather.input[:1])
    W, R, B = (weights[name][0] for name in node.input[1:4])
    x, h, c = table[ids[0]], np.zeros(R.shape[1]), np.zeros(R.shape[1])
    steps = []
    for xt in x:
        step = cells.lstm_step(xt, h, c, W, R, B) if op == "LSTM" else cells.rnn_step(xt, h, W, R, B)
        h, c = step.h, getattr(step, "c", c)
        steps.append(step._asdict())
    return {name: np.stack([step[name] for step in steps]) for name in steps[0]}


@pytest.mark.parametrize(("model", "op"), [("sentiment-lstm", "LSTM"), ("sentiment-rnn", "RNN")])
def test_memory_maps_hold_the_cells_own_gates(program: Program, open_model: OpenModel, model: str, op: str) -> None:
    expected = recurrent_reference(open_model(model), ids_of(program), op)
    panel = program.window.docks["memory"].widget()
    assert isinstance(panel, MemoryPanel)
    assert panel.scene is not None
    assert set(panel.scene.cell.parts) == set(expected)
    for part, heat_map in zip(panel.scene.cell.parts, panel.map_page.maps, strict=False):
        np.testing.assert_allclose(heat_map.values, expected[part].T, atol=2e-6, err_msg=part)


@pytest.mark.parametrize("model", ["sentiment-lstm", "sentiment-rnn"])
def test_prediction_builds_up_as_the_reference_evaluator_says(
    program: Program, open_model: OpenModel, qtbot: QtBot, model: str
) -> None:
    path = open_model(model)
    (logits,) = ReferenceEvaluator(str(path)).run(None, {"input_ids": ids_of(program)})
    exp = np.exp(logits[0].astype(np.float64))
    expected = exp / exp.sum(axis=-1, keepdims=True)
    panel = program.window.docks["prediction"].widget()
    assert isinstance(panel, PredictionPanel)
    np.testing.assert_allclose(panel.probabilities, expected, atol=1e-6)
    qtbot.keyClick(program.window, Qt.Key.Key_End)
    assert f"{100 * expected[-1].max():.1f} %" in panel.verdict.text()


def test_attention_and_next_word_are_what_the_reference_evaluator_says(
    program: Program, open_model: OpenModel, qtbot: QtBot
) -> None:
    path = open_model("next-word")
    model = onnx.load(path)
    patterns = [node.output[0] for node in model.graph.node if node.op_type == "Softmax"]
    for name in patterns:
        model.graph.output.append(onnx.ValueInfoProto(name=name))
    outputs = dict(
        zip(
            [output.name for output in model.graph.output],
            ReferenceEvaluator(model).run(None, {"input_ids": ids_of(program)}),
            strict=True,
        )
    )
    panel = program.window.docks["attention"].widget()
    assert isinstance(panel, AttentionPanel)
    cursor = program.studio.cursor
    for layer, head in ((0, 0), (3, 2), (5, 3)):
        cursor.move(layer=layer, head=head)
        np.testing.assert_allclose(
            np.nan_to_num(panel.map.values), outputs[patterns[layer]][0, head], atol=2e-6, err_msg=f"{layer}.{head}"
        )

    prediction = program.window.docks["prediction"].widget()
    assert isinstance(prediction, PredictionPanel)
    qtbot.keyClick(program.window, Qt.Key.Key_End)
    exp = np.exp(outputs["logits"][0, -1].astype(np.float64))
    best = int(exp.argmax())
    assert f"{100 * exp[best] / exp.sum():.1f} %" in prediction.words.verdict.text()
    assert program.studio.document.word(best).strip() in prediction.words.verdict.text()  # type: ignore[union-attr]


def test_the_inspector_shows_the_number_under_the_cursor_and_where_it_comes_from(
    program: Program, open_model: OpenModel, qtbot: QtBot
) -> None:
    expected = recurrent_reference(open_model("sentiment-lstm"), ids_of(program), "LSTM")
    cursor = program.studio.cursor
    cursor.move(token=3, unit=17)
    panel = program.window.docks["inspector"].widget()
    assert isinstance(panel, InspectorPanel)
    shown = panel.explanation
    assert shown is not None
    assert shown.point == "lstm.0.forward.c"
    assert shown.value == pytest.approx(expected["c"][3, 17], abs=2e-6)
    by_hand = expected["f"][3, 17] * expected["c"][2, 17] + expected["i"][3, 17] * expected["g"][3, 17]
    assert shown.workings[0].result == pytest.approx(by_hand, abs=2e-6)
    assert "lstm.0.forward.c" in panel.text.toPlainText()
    assert "observed" in panel.text.toPlainText()
    qtbot.keyClick(program.window, Qt.Key.Key_Right)
    assert panel.explanation.value == pytest.approx(expected["c"][4, 17], abs=2e-6)
