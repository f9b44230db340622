"""The Memory panel against the gates that PyTorch computed, and what mouse and keys do in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.memory_panel import NO_LAYERS, NO_MEMORY, MemoryPanel
from embstudio.gui.style.colour_maps import signed_map, unit_map
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_flow import flow

pytestmark = pytest.mark.usefixtures("silent")

TOKEN, UNIT = 4, 6


def reference(folder: Path) -> tuple[str, Mapping[str, np.ndarray]]:
    """The token numbers of the first sentence as text, and PyTorch's gates [pos, unit] for it in float64."""
    with np.load(folder / "reference.npz") as stored:
        gates = {name: stored[name][0].astype(np.float64) for name in stored.files if name != "ids"}
        return " ".join(map(str, stored["ids"][0])), gates


@pytest.fixture
def lstm(
    data: Path, open_model: Callable, theme: Theme, show: Callable
) -> tuple[MemoryPanel, Mapping[str, np.ndarray]]:
    """The panel on an LSTM, at TOKEN and UNIT."""
    ids, gates = reference(data / "rnn-LSTM-1-ts")
    studio = open_model(data / "rnn-LSTM-1-ts" / "model.onnx", ids)
    studio.cursor.move(token=TOKEN, unit=UNIT)
    panel = MemoryPanel(studio, theme)
    show(panel, 900, 900)
    return panel, gates


def move_mouse(widget: QWidget, at: QPointF) -> None:
    """The mouse comes to a place of a widget. Sent as an event: offscreen there is no pointer to move."""
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
    )  # fmt: skip
    QCoreApplication.sendEvent(widget, event)


def test_cells_are_painted_with_the_gates_pytorch_computed(lstm: tuple, theme: Theme, pixel: Callable) -> None:
    panel, gates = lstm
    parts = ("i", "f", "o", "g", "c", "h")
    assert panel.scene.cell.parts == parts
    for part, heat_map in zip(parts, panel.map_page.maps, strict=True):
        assert heat_map.rows.pitch >= 3
        if part in "ifo":
            low, high, table = 0.0, 1.0, unit_map(theme.colours, theme.colours.role(part))
        else:
            low, high, table = -heat_map.high, heat_map.high, signed_map(theme.colours)
        for token, unit in ((0, 0), (2, 9), (TOKEN, 15), (3, 3)):
            share = (np.clip(gates[part][token, unit], low, high) - low) / (high - low)
            # The trace is onnxruntime's: rounding may fall to the other side of one step of 255.
            near = {tuple(table[int(share * (len(table) - 1) + 0.5 + off)][:3]) for off in (-1e-3, 0, 1e-3)}
            assert pixel(heat_map, heat_map.cell_rect(unit, token).center()) in near


def test_the_sum_is_the_one_float64_gives(lstm: tuple) -> None:
    panel, gates = lstm
    i, f, o, g, c = (gates[part][TOKEN, UNIT] for part in "ifogc")
    before = gates["c"][TOKEN - 1, UNIT]
    memory, exposed = panel.map_page.formula.texts()
    assert memory == (
        f"c₅ = f ⊙ c₄ + i ⊙ g = {four(f)} · {four(before)} + {four(i)} · {four(g)} = {four(f * before + i * g)}"
    )
    assert exposed == f"h₅ = o ⊙ tanh(c₅) = {four(o)} · tanh({four(c)}) = {four(o * np.tanh(c))}"
    assert f"keeps {100 * f:.1f} % of its memory" in panel.header.telling.text()


def test_what_is_kept_and_what_is_new_add_up_to_pytorchs_memory(lstm: tuple) -> None:
    panel, gates = lstm
    found = flow(panel.studio.trace, panel.scene.cell)
    before = np.vstack([np.zeros(16), gates["c"][:-1]])
    np.testing.assert_allclose(found.kept, gates["f"] * before, atol=1e-6)
    np.testing.assert_allclose(found.new, gates["i"] * gates["g"], atol=1e-6)
    np.testing.assert_allclose(panel.map_page.bars.kept + panel.map_page.bars.new, gates["c"][TOKEN], atol=1e-6)
    assert found.limit >= np.abs(gates["c"]).max() - 1e-6


def test_a_click_goes_there_and_the_inspector_follows(qtbot: QtBot, lstm: tuple) -> None:
    panel, _gates = lstm
    heat_map = panel.map_page.maps[1]
    qtbot.mouseClick(heat_map, Qt.MouseButton.LeftButton, pos=heat_map.cell_rect(11, 2).center().toPoint())
    assert (panel.studio.cursor.token, panel.studio.cursor.unit) == (2, 11)
    assert panel.studio.probe == Probe("lstm.0.forward.f", (2, 11))
    assert panel.header.unit_box.value() == 11
    assert panel.map_page.formula.texts()[0].startswith("c₃ = f ⊙ c₂ + i ⊙ g")


def test_hovering_points_and_leaving_points_back(lstm: tuple) -> None:
    panel, gates = lstm
    heat_map = panel.map_page.maps[0]
    assert panel.studio.probe == Probe("lstm.0.forward.c", (TOKEN, UNIT))
    move_mouse(heat_map, heat_map.cell_rect(3, 1).center())
    assert panel.studio.probe == Probe("lstm.0.forward.i", (1, 3))
    assert heat_map.describe(3, 1) == (
        f"input gate, unit 3 at ‘{panel.scene.labels[1]}’: {four(gates['i'][1, 3])} → "
        f"stores {100 * gates['i'][1, 3]:.1f} % of the candidate"
    )
    move_mouse(heat_map, QPointF(2, 2))
    assert panel.studio.probe == Probe("lstm.0.forward.c", (TOKEN, UNIT))


def test_arrow_keys_move_the_one_cursor(qtbot: QtBot, lstm: tuple) -> None:
    panel, _gates = lstm
    qtbot.keyClick(panel.map_page.maps[5], Qt.Key.Key_Down)
    qtbot.keyClick(panel.map_page.maps[5], Qt.Key.Key_Right)
    assert (panel.studio.cursor.token, panel.studio.cursor.unit) == (TOKEN + 1, UNIT + 1)
    assert all((m.row, m.column) == (UNIT + 1, TOKEN + 1) for m in panel.map_page.maps)
    panel.header.unit_box.setValue(2)
    assert panel.studio.cursor.unit == 2


def test_lines_hold_the_current_unit(lstm: tuple) -> None:
    panel, gates = lstm
    for line in panel.map_page.lines.lines:
        np.testing.assert_allclose(line.values, gates[line.symbol][:, UNIT], atol=1e-6)
    assert panel.map_page.lines.accessibleDescription().startswith(f"i {four(gates['i'][TOKEN, UNIT])}, f ")
    panel.studio.cursor.move(unit=1)
    np.testing.assert_allclose(panel.map_page.lines.lines[0].values, gates["i"][:, 1], atol=1e-6)


def test_gru(data: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    ids, gates = reference(data / "rnn-GRU-1-ts")
    studio = open_model(data / "rnn-GRU-1-ts" / "model.onnx", ids)
    studio.cursor.move(token=TOKEN, unit=UNIT)
    panel = MemoryPanel(studio, theme)
    show(panel, 700, 500)
    assert panel.scene.cell.parts == ("z", "r", "n", "h")
    assert [m.isVisible() for m in panel.map_page.maps] == [True] * 4 + [False] * 2
    z, n, before = gates["z"][TOKEN, UNIT], gates["n"][TOKEN, UNIT], gates["h"][TOKEN - 1, UNIT]
    assert panel.map_page.formula.texts() == [
        f"h₅ = (1 − z) ⊙ n + z ⊙ h₄ = (1 − {four(z)}) · {four(n)} + {four(z)} · {four(before)} = "
        f"{four((1 - z) * n + z * before)}"
    ]
    np.testing.assert_allclose(panel.map_page.bars.kept, gates["z"][TOKEN] * gates["h"][TOKEN - 1], atol=1e-6)
    np.testing.assert_allclose(panel.map_page.bars.kept + panel.map_page.bars.new, gates["h"][TOKEN], atol=1e-6)


def test_rnn(data: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    ids, gates = reference(data / "rnn-RNNtanh-1-ts")
    studio = open_model(data / "rnn-RNNtanh-1-ts" / "model.onnx", ids)
    studio.cursor.move(token=TOKEN, unit=UNIT)
    panel = MemoryPanel(studio, theme)
    show(panel, 700, 500)
    h = gates["h"]
    a = np.arctanh(h[TOKEN, UNIT])
    assert panel.map_page.formula.texts() == [f"h₅ = tanh(a) = tanh({four(a)}) = {four(h[TOKEN, UNIT])}"]
    np.testing.assert_allclose(panel.map_page.bars.kept, h[TOKEN - 1], atol=1e-6)
    np.testing.assert_allclose(panel.map_page.bars.kept + panel.map_page.bars.new, h[TOKEN], atol=1e-6)


def test_layers_can_be_chosen(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    studio = open_model(zoo / "rnn-GRU-2-tf-ts" / "model.onnx", "3 7 1 2 9 4")
    panel = MemoryPanel(studio, theme)
    show(panel, 700, 500)
    assert panel.header.layer_choice.isVisible()
    assert panel.header.layer_choice.count() == 2
    panel.header.layer_choice.setCurrentIndex(1)
    panel.header.layer_choice.activated.emit(1)
    assert studio.cursor.layer == 1
    np.testing.assert_array_equal(panel.map_page.maps[0].values, studio.trace["gru.1.forward.z"].values.T)
    studio.cursor.move(layer=0)
    assert panel.header.layer_choice.currentIndex() == 0
    np.testing.assert_array_equal(panel.map_page.maps[3].values, studio.trace["gru.0.forward.h"].values.T)


def test_a_model_without_memory_says_where_to_look(open_model: Callable, theme: Theme, show: Callable) -> None:
    for name, said in (("next-word", NO_MEMORY), ("words", NO_LAYERS)):
        panel = MemoryPanel(open_model(name), theme)
        show(panel, 600, 420)
        assert panel.empty.isVisible()
        assert panel.empty.text() == said


@pytest.mark.parametrize(("scale", "name"), [(1.0, "light"), (2.0, "dark")])
def test_nothing_is_cut_off_in_a_small_panel(
    open_model: Callable, theme: Theme, show: Callable, scale: float, name: str
) -> None:
    theme.apply(name, scale)
    panel = MemoryPanel(open_model("sentiment-lstm", "The food was good but the waiter was rude"), theme)
    show(panel, 600, 420)
    for widget in (
        *panel.map_page.maps,
        panel.map_page.axis,
        panel.map_page.lines,
        panel.map_page.bars,
        panel.map_page.formula,
    ):
        assert widget.height() >= widget.minimumSizeHint().height()
        assert widget.width() >= widget.minimumSizeHint().width()


def test_text_in_the_sum_stays_within_the_panel(open_model: Callable, theme: Theme, show: Callable) -> None:
    theme.apply("dark", 2.0)
    panel = MemoryPanel(open_model("sentiment-lstm", "The food was good but the waiter was rude"), theme)
    show(panel, 700, 420)
    formula = panel.map_page.formula
    assert len(formula._broken()) > 2
    for row in formula._broken():
        assert sum(formula._width(piece) for _follows, phrase in row for piece in phrase) <= formula.width()
    assert formula.height() >= len(formula._broken()) * formula._row_height()


def test_the_lines_can_be_read_as_a_table(qtbot: QtBot, lstm: tuple) -> None:
    panel, gates = lstm
    qtbot.mouseClick(panel.map_page.table_button, Qt.MouseButton.LeftButton)
    assert panel.map_page.table.isVisible()
    assert not panel.map_page.lines.isVisible()
    model = panel.map_page.table.lines
    for column, part in enumerate(("i", "f", "o", "g", "c", "h")):
        assert model.headerData(column, Qt.Orientation.Horizontal) == part
        told = [model.data(model.index(row, column)) for row in range(model.rowCount())]
        assert told == [
            four(np.float32(value)) for value in panel.studio.trace[f"lstm.0.forward.{part}"].values[:, UNIT]
        ]
        assert told[TOKEN] == four(gates[part][TOKEN, UNIT])
    assert panel.map_page.table.currentIndex().row() == TOKEN
    panel.studio.cursor.step(1)
    assert panel.map_page.table.currentIndex().row() == TOKEN + 1
    at = panel.map_page.table.visualRect(model.index(1, 0)).center()
    qtbot.mouseClick(panel.map_page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel.studio.cursor.token == 1


def test_another_theme_repaints_with_its_own_colours(lstm: tuple, theme: Theme, pixel: Callable) -> None:
    panel, gates = lstm
    theme.apply("light")
    table = unit_map(theme.colours, theme.colours.forget_gate)
    value = gates["f"][1, 12]
    near = {tuple(table[int(value * 255 + 0.5 + off)][:3]) for off in (-1e-3, 0, 1e-3)}
    assert pixel(panel.map_page.maps[1], panel.map_page.maps[1].cell_rect(12, 1).center()) in near
