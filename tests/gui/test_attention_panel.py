"""The Attention panel against softmax in float64 and PyTorch's attention, and what mouse and keys do in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from embstudio.formulas.attention import attention, causal_mask
from embstudio.gui.panels.attention_panel import CAUTION, NO_ATTENTION, NO_SOFTMAX, AttentionPanel
from embstudio.gui.plots.attention_map import AttentionMap, LayerHeads
from embstudio.gui.style.colour_maps import unit_map
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe
from embstudio.trace.attention_stacks import attention_stacks, impossible

pytestmark = pytest.mark.usefixtures("silent")

LAYER, HEAD, TOKEN = 2, 1, 3
TEXT = "The big dog ran to the old house"


@pytest.fixture
def panel(open_model: Callable, theme: Theme, show: Callable) -> AttentionPanel:
    """The panel on the bundled next-word model, at LAYER, HEAD and TOKEN."""
    studio = open_model("next-word", TEXT)
    studio.cursor.move(layer=LAYER, head=HEAD, token=TOKEN)
    panel = AttentionPanel(studio, theme)
    show(panel, 1000, 600)
    return panel


def expected(panel: AttentionPanel, layer: int = LAYER) -> np.ndarray:
    """softmax(q kᵀ/√d + causal mask) in float64 from the trace's q, k and v: [head, query, key]."""
    trace = panel.studio.trace
    q, k, v = (trace[f"blocks.{layer}.attn.{part}"].values.astype(np.float64) for part in "qkv")
    return attention(q, k, v, mask=causal_mask(len(trace))).pattern


def test_the_large_map_holds_the_softmax_of_the_scores(panel: AttentionPanel) -> None:
    wanted = expected(panel)[HEAD]
    shown = panel.map.values
    later = np.triu(np.ones_like(wanted, dtype=bool), 1)
    np.testing.assert_allclose(shown[~later], wanted[~later], atol=1e-5)
    assert np.isnan(shown[later]).all()


def test_cells_are_painted_with_their_weight_and_the_impossible_stays_empty(
    panel: AttentionPanel, theme: Theme, pixel: Callable
) -> None:
    wanted, table = expected(panel)[HEAD], unit_map(theme.colours, theme.colours.attention)
    high = wanted.max()
    for query, key in ((5, 0), (6, 2), (7, 7)):
        cell = panel.map.cell_rect(query, key)
        at = QPointF(cell.left() + 3, cell.top() + 3)  # beside the number in the middle
        share = wanted[query, key] / high
        near = {tuple(table[int(share * 255 + 0.5 + off)][:3]) for off in (-1e-2, 0, 1e-2) if share + off / 255 <= 1}
        assert pixel(panel.map, at) in near
    empty = panel.map.cell_rect(1, 6).center()
    assert pixel(panel.map, empty) == tuple(theme.colour("panel").getRgb()[:3])
    assert "cannot look at" in panel.map.describe(1, 6)


def test_lines_and_table_tell_the_row_of_the_current_token(panel: AttentionPanel) -> None:
    row = expected(panel)[HEAD, TOKEN, : TOKEN + 1]
    order = np.argsort(-row)
    assert panel.lines.strongest() == [int(key) for key in order if row[key] >= 0.01]
    model = panel.table.weights
    told = [model.data(model.index(at, 2)) for at in range(model.rowCount())]
    assert told[: TOKEN + 1] == [f"{row[key]:.4f}" for key in order]
    assert set(told[TOKEN + 1 :]) == {"—"}
    assert panel.telling.text().endswith(percent(row.max()))
    panel.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [model.data(model.index(at, 0)) for at in range(model.rowCount())] == [str(n + 1) for n in range(8)]
    assert model.data(model.index(0, 2)) == f"{row[0]:.4f}"


def test_a_step_takes_all_parts_along(panel: AttentionPanel) -> None:
    panel.studio.cursor.step(2)
    row = expected(panel)[HEAD, TOKEN + 2]
    assert panel.map.row == TOKEN + 2
    assert panel.map.column == int(row.argmax())
    np.testing.assert_allclose(panel.lines.weights, row, atol=1e-5)
    assert panel.studio.probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, TOKEN + 2, int(row.argmax())))


def test_clicking_a_cell_goes_to_its_query_and_points_at_its_key(qtbot: QtBot, panel: AttentionPanel) -> None:
    at = panel.map.cell_rect(6, 1).center().toPoint()
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=at)
    assert panel.studio.cursor.token == 6
    assert panel.studio.probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, 6, 1))
    wanted = expected(panel)[HEAD, 6, 1]
    assert panel.map.accessibleDescription().endswith(f"with {four(wanted)} ({percent(wanted)})")
    qtbot.keyClick(panel.map, Qt.Key.Key_Right)
    assert panel.studio.probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, 6, 2))
    qtbot.keyClick(panel.map, Qt.Key.Key_Up)
    assert panel.studio.cursor.token == 5


def test_clicking_a_head_in_the_overview_chooses_it(qtbot: QtBot, panel: AttentionPanel) -> None:
    at = panel.overview.cell_rect(4, 3).center().toPoint()
    qtbot.mouseClick(panel.overview, Qt.MouseButton.LeftButton, pos=at)
    assert (panel.studio.cursor.layer, panel.studio.cursor.head) == (4, 3)
    assert (panel.header.layer_box.value(), panel.header.head_box.value()) == (4, 3)
    assert panel.overview.describe(4, 3).startswith("4.3:")
    wanted = expected(panel, 4)[3]
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), wanted, atol=1e-5)


def test_keys_change_layer_and_head_from_anywhere_in_the_panel(qtbot: QtBot, panel: AttentionPanel) -> None:
    cursor = panel.studio.cursor
    panel.activateWindow()
    panel.map.setFocus()
    qtbot.waitUntil(panel.map.hasFocus)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(panel.map, Qt.Key.Key_Down, control)
    qtbot.keyClick(panel.map, Qt.Key.Key_Right, control)
    assert (cursor.layer, cursor.head) == (LAYER + 1, HEAD + 1)
    qtbot.keyClick(panel.map, Qt.Key.Key_Up, control)
    qtbot.keyClick(panel.map, Qt.Key.Key_Left, control)
    assert (cursor.layer, cursor.head) == (LAYER, HEAD)


def test_clicks_on_the_lines(qtbot: QtBot, panel: AttentionPanel) -> None:
    rows = panel.lines.query_rows
    qtbot.mouseClick(panel.lines, Qt.MouseButton.LeftButton, pos=QPoint(10, int(rows.centre(6))))
    assert panel.studio.cursor.token == 6
    qtbot.mouseClick(
        panel.lines, Qt.MouseButton.LeftButton, pos=QPoint(panel.lines.width() - 10, int(rows.centre(0)))
    )  # fmt: skip
    assert panel.studio.probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, 6, 0))


def test_numbers_appear_where_they_fit(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = AttentionPanel(open_model("next-word", "The dog ran"), theme)
    show(panel, 1000, 600)
    assert panel.map.shows_numbers
    panel.map.resize(120, 120)
    assert not panel.map.shows_numbers


def test_a_single_strong_weight_survives_in_the_overview(theme: Theme, show: Callable) -> None:
    pattern = np.zeros((12, 300, 300), np.float32)
    pattern[7, 211, 93] = 1
    overview = AttentionMap(theme)
    table = unit_map(theme.colours, theme.colours.attention)
    seen = pattern, np.zeros((300, 300), bool)
    overview.set_layers([LayerHeads(name, 12, lambda: seen) for name in "01"], table)
    overview.set_place(0, 0)
    show(overview, 260, 120)
    image = overview.grab().toImage()
    peak = tuple(table[255][:3])
    found = set()
    for x in range(image.width()):
        for y in range(image.height()):
            colour = image.pixelColor(x, y)
            cell = overview.cell_at(QPointF(x, y))
            if cell and (colour.red(), colour.green(), colour.blue()) == peak:
                found.add(cell)
    assert found == {(0, 7), (1, 7)}


def test_a_model_that_looks_both_ways_has_no_empty_cells(
    zoo: Path, open_model: Callable, theme: Theme, show: Callable
) -> None:
    studio = open_model(zoo / "bert-ts-sdpa" / "model.onnx", "3 7 1 2 9 4")
    panel = AttentionPanel(studio, theme)
    show(panel, 800, 500)
    assert np.isfinite(panel.map.values).all()
    np.testing.assert_allclose(panel.map.values.sum(axis=1), 1, atol=1e-5)


def test_a_window_of_attention_leaves_out_what_lies_behind_it(zoo: Path, open_model: Callable) -> None:
    studio = open_model(zoo / "gpt-neo-ts-eager" / "model.onnx", " ".join(map(str, range(1, 25))))
    (stack,) = attention_stacks(studio.trace)
    for layer in stack.layers:
        hidden = impossible(studio.trace, stack, layer)
        pattern = studio.trace[stack.point(layer)].values
        np.testing.assert_array_equal(hidden, (pattern == 0).all(axis=0))
        assert hidden[np.triu_indices(24, 1)].all()


def test_encoder_decoder_models_let_one_choose(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    with np.load(zoo / "bart-full-ref" / "reference.npz") as reference:
        names = ("input_ids", "attention_mask", "decoder_input_ids")
        feeds = {name: reference[f"0.{name}"] for name in names}
        wanted = reference["0.att.cross.1"][0]
    studio = open_model(zoo / "bart-full-ts-sdpa" / "model.onnx", "3 7 1 2 9 4", feeds)
    panel = AttentionPanel(studio, theme)
    show(panel, 800, 500)
    titles = [panel.header.kind_choice.itemText(at) for at in range(panel.header.kind_choice.count())]
    assert set(titles) == {"encoder self-attention", "decoder self-attention", "decoder cross-attention"}
    cross = titles.index("decoder cross-attention")
    panel.header.kind_choice.activated.emit(cross)
    assert panel.header.kind_choice.currentIndex() == cross
    studio.cursor.move(layer=1, head=2)
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), wanted[2], atol=1e-5)
    assert len(panel.map.row_labels) == wanted.shape[1]
    assert len(panel.map.column_labels) == wanted.shape[2]


def test_the_caution_is_said_once(panel: AttentionPanel) -> None:
    assert panel.caution.isVisible()
    assert panel.caution.text() == CAUTION


def test_a_model_without_attention_says_where_to_look(open_model: Callable, theme: Theme, show: Callable) -> None:
    for name, said in (("sentiment-lstm", NO_ATTENTION), ("words", NO_SOFTMAX)):
        panel = AttentionPanel(open_model(name), theme)
        show(panel, 600, 420)
        assert panel.empty.isVisible()
        assert panel.empty.text() == said


def test_another_theme_and_text_size_reach_every_part(panel: AttentionPanel, theme: Theme, pixel: Callable) -> None:
    before = panel.lines._widest
    theme.apply("light", 1.5)
    assert panel.lines._widest > 1.3 * before
    assert pixel(panel.map, panel.map.cell_rect(1, 6).center()) == tuple(theme.colour("panel").getRgb()[:3])
