"""The Layers panel against float64 numpy on the trace, and against the lens as the session answers it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embstudio.gui.panels import layers_panel
from embstudio.gui.panels.layers_panel import NO_STREAM, NOTHING, LayersPanel
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import LensRequest
from embstudio.studio import Studio

pytestmark = pytest.mark.usefixtures("silent")

STORY = "Once upon a time there was a little girl named"


@pytest.fixture
def panel(open_model: Callable, theme: Theme, show: Callable) -> LayersPanel:
    panel = LayersPanel(open_model("next-word", STORY), theme)
    show(panel, 900, 520)
    return panel


def column(panel: LayersPanel, title: str) -> int:
    titles = [each.title for each in panel.table.stages.columns]
    return titles.index(title)


def cell(panel: LayersPanel, row: int, title: str, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
    return str(panel.table.stages.index(row, column(panel, title)).data(role))


def test_a_row_for_each_stage_with_its_numbers(panel: LayersPanel) -> None:
    trace = panel.studio.trace
    for token in (0, 4, len(trace) - 1):
        panel.studio.cursor.move(token=token)
        x = {
            name: trace[name].values[token].astype(float)
            for name in trace.arrays
            if trace[name].axes == ("pos", "d_model")
        }
        points = [stage.point for stage in panel.shown]
        assert points[0] == "embed"
        assert "blocks.5.resid_post" in points
        for row, point in enumerate(points):
            tip = cell(panel, row, "stage", Qt.ItemDataRole.ToolTipRole)
            assert f"‖x‖ = √Σ xᵢ² = {four(float(np.linalg.norm(x[point])))}" in tip
            if row:
                before = x[points[row - 1]]
                cosine = x[point] @ before / np.linalg.norm(x[point]) / np.linalg.norm(before)
                assert f"x·x₋₁ / (‖x‖ ‖x₋₁‖) = {four(float(cosine))}" in tip
            if point == "blocks.3.resid_mid":
                share = np.linalg.norm(x["blocks.3.attn.out"]) / np.linalg.norm(x["blocks.2.resid_post"])
                assert cell(panel, row, "written") == f"{share:.3f}"
                assert f"= {four(float(share))}" in cell(panel, row, "written", Qt.ItemDataRole.ToolTipRole)


def test_the_lens_ends_in_what_the_model_says(panel: LayersPanel) -> None:
    trace, document = panel.studio.trace, panel.studio.document
    for token in range(len(trace)):
        panel.studio.cursor.move(token=token)
        logits = trace["logits"].values[token].astype(np.longdouble)
        p = np.exp(logits) / np.exp(logits).sum()
        best = int(p.argmax())
        last = len(panel.shown) - 1
        assert cell(
            panel, last, "logit lens"
        ) == f"{document.word(best).strip() or '␣'} {100 * float(p[best]):.0f} %".replace("\n", "⏎")
        assert f"{100 * float(p[best]):.1f} %" in panel.telling.text()
        # Where it says that the choice settled, it did: the same from there on, another one just before.
        firsts = [cell(panel, row, "logit lens").rpartition(" ")[0].rpartition(" ")[0] for row in range(last + 1)]
        (ruled,) = [row for row in range(last + 1) if panel.table.stages.rows[row].rule] or [0]
        assert set(firsts[ruled:]) == {firsts[-1]}
        assert ruled == 0 or firsts[ruled - 1] != firsts[-1]


def test_the_rank_of_what_really_follows(panel: LayersPanel) -> None:
    trace, document = panel.studio.trace, panel.studio.document
    panel.studio.cursor.move(token=2)
    id_ = trace.tokens[3].id
    logits = trace["logits"].values[2]
    rank = 1 + int((logits > logits[id_]).sum())
    assert cell(panel, len(panel.shown) - 1, f"‘{document.word(id_).strip()}’") == f"{rank:,}"


def test_a_cell_that_is_chosen_is_explained_and_moves_the_layer(qtbot: QtBot, panel: LayersPanel) -> None:
    row = [stage.point for stage in panel.shown].index("blocks.4.resid_mid")
    where = panel.table.visualRect(panel.table.stages.index(row, column(panel, "written"))).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert panel.studio.cursor.layer == 4
    assert "blocks.4.attn.out" in panel.formula.text()
    probe = panel.studio.probe
    assert probe.point == "blocks.4.resid_mid"
    assert probe.index[0] == panel.studio.cursor.token
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.studio.probe.point == "blocks.4.resid_post"
    # Stepping keeps the cell and tells its new numbers.
    told = panel.formula.text()
    panel.studio.cursor.move(token=0)
    assert panel.formula.text() != told
    assert panel.studio.probe.point == "blocks.4.resid_post"
    assert panel.studio.probe.index[0] == 0


def test_columns_go_by_the_room_there_is(panel: LayersPanel) -> None:
    titles = {}
    for width in (560, 900, 1500):
        panel.resize(width, 520)
        titles[width] = [each.title for each in panel.table.stages.columns]
        assert {"stage", "written", "cos start", "nearest words", "logit lens"} <= set(titles[width])
    assert "‖x‖" not in titles[560]
    assert {"‖x‖", "cos before", "2."} <= set(titles[1500])
    assert len(titles[1500]) > len(titles[900]) > len(titles[560])
    # What has no column is in the tooltip of the stage.
    panel.resize(560, 520)
    assert "‖x‖ =" in cell(panel, 3, "stage", Qt.ItemDataRole.ToolTipRole)


def test_in_typing_words_are_looked_for_after_a_pause(
    panel: LayersPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers_panel, "TYPING_MS", 60_000)  # however slow the computer is, this is typing

    def looks() -> int:
        return sum(isinstance(request, LensRequest) for request in panel.studio.asked)

    panel.studio.type(STORY + " Li")
    before = looks()
    for more in ("l", "ly", "ly."):
        panel.studio.type(STORY + " Li" + more)
    assert looks() == before
    qtbot.waitUntil(lambda: looks() == before + 1)
    assert panel.lens is not None


@pytest.mark.zoo
def test_an_encoder_has_nearest_words_only(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = LayersPanel(open_model(zoo / "bert-ts-sdpa" / "model.onnx", "5 17 3 42"), theme)
    show(panel, 900, 400)
    titles = [each.title for each in panel.table.stages.columns]
    assert "nearest words" in titles
    assert "logit lens" not in titles
    assert "no logit lens" in panel.note.text()


@pytest.mark.zoo
def test_an_encoder_decoder_lets_one_choose(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = LayersPanel(open_model(zoo / "t5-full-ts-sdpa" / "model.onnx", "5 17 3 42"), theme)
    show(panel, 900, 400)
    assert panel.stack_choice.isVisible()
    assert panel.stack == "encoder"
    assert "reads the decoder" in panel.note.text()
    panel.stack_choice.setCurrentIndex(1)
    panel.stack_choice.activated.emit(1)
    assert all(stage.point.startswith("decoder.") for stage in panel.shown)
    assert "logit lens" in [each.title for each in panel.table.stages.columns]
    title = panel.table.fontMetrics().horizontalAdvance("block 0 · cross-attention")
    assert panel.table.columnWidth(0) > title
    panel.studio.writer.append(9)
    panel.studio.writer.append(11)
    assert panel.at.value() == 3
    for at in (2, 3, 1):
        panel.at.setValue(at)
        assert panel.place == at - 1
        logits = panel.studio.trace["logits"].values[at - 1]
        assert cell(panel, len(panel.shown) - 1, "logit lens").startswith(f"#{int(logits.argmax())} ")


@pytest.mark.zoo
def test_a_table_of_another_width_is_said(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = LayersPanel(open_model(zoo / "albert-ts-sdpa" / "model.onnx", "5 17 3 42"), theme)
    show(panel, 900, 400)
    assert "nearest words" not in [each.title for each in panel.table.stages.columns]
    assert "32 wide and the embedding table 16" in panel.note.text()


def test_models_without_a_stream(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = LayersPanel(open_model("sentiment-lstm", "It was good"), theme)
    show(panel, 400, 200)
    assert panel.empty.text() == NO_STREAM
    nothing = LayersPanel(Studio(lambda request, lane: None, lambda lane: None), theme)
    show(nothing, 400, 200)
    assert nothing.empty.text() == NOTHING
