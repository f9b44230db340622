"""Sorting, reading orders, the story and zooming on the Memory panel's Map page, against PyTorch's gates and numpy."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.memory.map_tools import BOTH, READING, TEXT
from embstudio.gui.panels.memory.sorting import By
from embstudio.gui.panels.memory_panel import MemoryPanel
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

pytestmark = pytest.mark.usefixtures("silent")
rng = np.random.default_rng(5)


def reference(folder: Path) -> tuple[str, dict[str, np.ndarray]]:
    """The token numbers of the first sentence as text, and PyTorch's gates [pos, unit] for it in float64."""
    with np.load(folder / "reference.npz") as stored:
        gates = {name: stored[name][0].astype(np.float64) for name in stored.files if name != "ids"}
        return " ".join(map(str, stored["ids"][0])), gates


@pytest.fixture
def lstm(data: Path, open_model: Callable, theme: Theme, show: Callable) -> tuple[MemoryPanel, dict[str, np.ndarray]]:
    ids, gates = reference(data / "rnn-LSTM-1-ts")
    studio = open_model(data / "rnn-LSTM-1-ts" / "model.onnx", ids)
    studio.cursor.move(token=4, unit=6)
    panel = MemoryPanel(studio, theme)
    show(panel, 900, 900)
    return panel, gates


def lstm_trace(steps: int, units: int, *, both: bool = True, layers: int = 1) -> Trace:
    """A trace of an LSTM with random gates that obey its law, in one or both directions."""
    arrays = {}
    for layer in range(layers):
        for direction in ("forward", "reverse") if both else ("forward",):
            i, f, o = (rng.uniform(size=(steps, units)) for _ in range(3))
            g, c = rng.uniform(-1, 1, (steps, units)), np.zeros((steps, units))
            memory = np.zeros(units)
            for step in range(steps) if direction == "forward" else range(steps - 1, -1, -1):
                memory = f[step] * memory + i[step] * g[step]
                c[step] = memory
            for name, values in zip("iofgch", (i, o, f, g, c, o * np.tanh(c)), strict=True):
                arrays[f"lstm.{layer}.{direction}.{name}"] = NamedArray(values.astype(np.float32), ("pos", "unit"))
    tokens = tuple(Token(f"w{at}", f"w{at}", at) for at in range(steps))
    return Trace("m", "t", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))


@pytest.fixture
def put(open_model: Callable, theme: Theme, show: Callable) -> Callable[..., MemoryPanel]:
    """put(trace, width, height) shows the panel on a trace made by hand."""

    def make(trace: Trace, width: int = 900, height: int = 800) -> MemoryPanel:
        studio = open_model("sentiment-lstm")
        studio.trace = trace
        some = next(iter(trace.arrays.values()))
        bounds = studio.cursor.bounds
        layers = 1 + max(int(name.split(".")[1]) for name in trace.arrays)
        studio.cursor.confine(type(bounds)(token=len(trace), layer=layers, unit=some.size("unit")), token=0, unit=0)
        panel = MemoryPanel(studio, theme)
        show(panel, width, height)
        return panel

    return make


def sort_by(panel: MemoryPanel, by: By, part: str = "") -> None:
    """Choose a sort as the person does."""
    tools = panel.map_page.sort_choice
    place = next(at for at, sort in enumerate(tools.sorts) if sort.by is by and sort.part == part)
    tools.box.setCurrentIndex(place)
    tools.box.activated.emit(place)


def arrange(panel: MemoryPanel, columns: int) -> None:
    box = panel.map_page.columns_choice
    box.setCurrentIndex(columns)
    box.activated.emit(columns)


# Sorting -------------------------------------------------------------------------------------------------------


def test_sorts_are_those_of_pytorchs_values_and_hold_in_all_maps(lstm: tuple) -> None:
    panel, gates = lstm
    page = panel.map_page
    keys = {
        (By.ACTIVITY, ""): np.abs(gates["c"]).mean(axis=0),
        (By.OPENNESS, "f"): gates["f"].mean(axis=0),
        (By.OPENNESS, "o"): gates["o"].mean(axis=0),
        (By.VALUE, ""): gates["c"][4],
    }
    for (by, part), key in keys.items():
        sort_by(panel, by, part)
        order = np.argsort(-key)
        assert np.diff(np.sort(key)).min() > 1e-6  # no ties that rounding could turn
        assert page.order.units.tolist() == order.tolist()
        for name, heat_map in zip(("i", "f", "o", "g", "c", "h"), page.maps, strict=True):
            np.testing.assert_allclose(heat_map.values, gates[name].T[order], atol=1e-5)
        first, last = int(order[0]), int(order[-1])
        write = percent if by is By.OPENNESS else four
        found = re.findall(r"unit (\d+) \((.+?)\)", page.rows_label.text())
        assert found == [(str(first), write(key[first])), (str(last), write(key[last]))]
        row = order.tolist().index(6) + 1
        assert page.rows_label.text().endswith(f"unit 6 is in row {row} of 16")


def test_sorting_by_the_output_is_pearsons_correlation_with_the_logit(open_model: Callable, theme: Theme,
                                                                      show: Callable) -> None:  # fmt: skip
    studio = open_model("sentiment-lstm", "The food was good but the waiter was rude")
    panel = MemoryPanel(studio, theme)
    show(panel, 900, 800)
    sort_by(panel, By.OUTPUT)
    logits = studio.trace["logits"].values.astype(np.float64)
    best = int(logits[-1].argmax())
    state = studio.trace["lstm.0.forward.c"].values.astype(np.float64)
    expected = np.array([np.corrcoef(column, logits[:, best])[0, 1] for column in state.T])
    np.testing.assert_allclose(expected[panel.map_page.order.units], np.sort(expected)[::-1], atol=1e-9)
    assert f"logit of ‘{studio.document.labels[best]}’, the predicted class" in panel.map_page.rows_label.text()


def test_units_keep_the_models_numbers_in_any_order(qtbot: QtBot, lstm: tuple) -> None:
    panel, gates = lstm
    page, studio = panel.map_page, panel.studio
    sort_by(panel, By.ACTIVITY)
    row = int(page.order.rows[11])
    heat_map = page.maps[1]
    assert row != 11
    assert heat_map.describe(row, 2).startswith(f"forget gate, unit 11 at ‘{panel.scene.labels[2]}’: ")
    qtbot.mouseClick(heat_map, Qt.MouseButton.LeftButton, pos=heat_map.cell_rect(row, 2).center().toPoint())
    assert (studio.cursor.token, studio.cursor.unit) == (2, 11)
    assert studio.probe == Probe("lstm.0.forward.f", (2, 11))
    assert panel.header.unit_box.value() == 11
    assert {each.row for each in page.maps} == {row}
    np.testing.assert_allclose(page.lines.lines[0].values, gates["i"][:, 11], atol=1e-6)
    qtbot.keyClick(heat_map, Qt.Key.Key_Down)
    assert studio.cursor.unit == int(page.order.units[row + 1])
    np.testing.assert_allclose(page.bars.kept + page.bars.new, gates["c"][2][page.order.units], atol=1e-5)
    page.bars.picked.emit(0)
    assert studio.cursor.unit == int(page.order.units[0])
    panel.header.unit_box.setValue(3)
    assert page.maps[0].row == int(page.order.rows[3])


def test_the_value_here_is_sorted_again_only_when_asked(lstm: tuple) -> None:
    panel, gates = lstm
    sort_by(panel, By.VALUE)
    panel.studio.cursor.move(token=1)
    assert panel.map_page.order.units.tolist() == np.argsort(-gates["c"][4]).tolist()
    assert f"at {panel.scene.named(4)}" in panel.map_page.rows_label.text()
    sort_by(panel, By.VALUE)
    assert panel.map_page.order.units.tolist() == np.argsort(-gates["c"][1]).tolist()


def test_a_sort_is_kept_for_the_next_text_and_worked_out_once(lstm: tuple) -> None:
    panel, _gates = lstm
    sort_by(panel, By.TOGETHER)
    there = panel.map_page.order
    sort_by(panel, By.ACTIVITY)
    sort_by(panel, By.TOGETHER)
    assert panel.map_page.order is there
    panel.studio.type("1 2 3 4 5 6")
    assert panel.map_page.sort.by is By.TOGETHER
    assert panel.map_page.order is not there
    panel.studio.type("7 8")  # nothing can move together over two tokens
    assert panel.map_page.sort.by is By.MODEL


# Both directions ----------------------------------------------------------------------------------------------


def test_a_reverse_layer_says_where_it_is_in_its_own_reading(put: Callable) -> None:
    trace = lstm_trace(6, 4)
    panel = put(trace)
    panel.header.cell_chosen.emit(1)
    assert panel.scene.cell.direction == "reverse"
    panel.studio.cursor.move(token=4)
    assert panel.map_page.reading_label.text() == "← step 2 of 6: after ‘w5’, next ‘w3’"
    panel.studio.cursor.move(token=0)
    assert panel.map_page.reading_label.text() == "← step 6 of 6: after ‘w1’, the last it reads"
    panel.studio.cursor.move(token=5)
    assert panel.map_page.reading_label.text() == "← step 1 of 6: the first it reads, next ‘w4’"


def test_columns_can_stand_as_a_reverse_layer_reads(qtbot: QtBot, put: Callable) -> None:
    trace = lstm_trace(6, 4)
    panel = put(trace)
    panel.header.cell_chosen.emit(1)
    page = panel.map_page
    panel.studio.cursor.move(token=4, unit=2)
    f = trace["lstm.0.reverse.f"].values
    np.testing.assert_array_equal(page.maps[1].values, f.T)
    assert page.maps[1].backwards
    arrange(panel, READING)
    np.testing.assert_array_equal(page.maps[1].values, f.T[:, ::-1])
    assert not page.maps[1].backwards
    assert page.maps[1].column == 1
    np.testing.assert_array_equal(page.lines.lines[1].values, f[::-1, 2])
    heat_map = page.maps[1]
    qtbot.mouseClick(heat_map, Qt.MouseButton.LeftButton, pos=heat_map.cell_rect(3, 0).center().toPoint())
    assert (panel.studio.cursor.token, panel.studio.cursor.unit) == (5, 3)
    assert panel.studio.probe == Probe("lstm.0.reverse.f", (5, 3))
    qtbot.keyClick(heat_map, Qt.Key.Key_Right)  # on in its reading, back in the text
    assert panel.studio.cursor.token == 4
    page.lines.picked.emit(5)
    assert panel.studio.cursor.token == 0
    panel.header.cell_chosen.emit(0)  # forward reads as the text stands
    np.testing.assert_array_equal(page.maps[1].values, trace["lstm.0.forward.f"].values.T)


def test_both_directions_side_by_side(qtbot: QtBot, put: Callable) -> None:
    trace = lstm_trace(6, 4)
    panel = put(trace)
    page = panel.map_page
    assert page.columns_choice.isVisible()
    arrange(panel, BOTH)
    assert page.other.isVisible()
    assert page.stack.x() < page.other.x()
    np.testing.assert_array_equal(page.maps[0].values, trace["lstm.0.forward.i"].values.T)
    np.testing.assert_array_equal(page.other.maps[0].values, trace["lstm.0.reverse.i"].values.T)
    assert page.other.heading.text() == "reverse ← step 6 of 6: after ‘w1’, the last it reads"
    heat_map = page.other.maps[0]
    qtbot.mouseClick(heat_map, Qt.MouseButton.LeftButton, pos=heat_map.cell_rect(1, 3).center().toPoint())
    assert panel.scene.cell.direction == "reverse"
    assert (panel.studio.cursor.token, panel.studio.cursor.unit) == (3, 1)
    qtbot.waitUntil(lambda: page.other.x() < page.stack.x())  # forward stays on the left
    np.testing.assert_array_equal(page.maps[0].values, trace["lstm.0.reverse.i"].values.T)
    arrange(panel, TEXT)
    assert not page.other.isVisible()


def test_keys_go_up_and_down_the_layers_and_to_the_other_direction(qtbot: QtBot, put: Callable) -> None:
    panel = put(lstm_trace(5, 3, layers=3))
    heat_map = panel.map_page.maps[0]
    heat_map.setFocus()
    qtbot.waitUntil(heat_map.hasFocus)
    said = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(heat_map, key, Qt.KeyboardModifier.ControlModifier)
        said.append(panel.scene.cell.prefix.removeprefix("lstm."))
    assert said == ["1.forward", "2.forward", "2.forward", "2.reverse", "1.reverse", "1.forward"]
    assert panel.studio.cursor.layer == 1


# The story ------------------------------------------------------------------------------------------------------


def test_the_story_names_tokens_and_goes_to_them(lstm: tuple) -> None:
    panel, gates = lstm
    unit, labels = 6, [str(label) for label in panel.scene.labels]
    figures = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    named = [
        f"‘{label}’" + (str(step + 1).translate(figures) if labels.count(label) > 1 else "")
        for step, label in enumerate(labels)
    ]
    new = gates["i"][:, unit] * gates["g"][:, unit]
    at = int(np.abs(new).argmax())
    story = panel.map_page.story
    words = re.sub("<.*?>", "", story.text())
    amount = f"+{four(new[at])}" if new[at] > 0 else four(new[at])
    assert words.startswith(f"Unit 6 is written most at {named[at]} ({amount})")
    h = gates["h"][:, unit]
    most = int(np.abs(h).argmax())
    assert f"shows most at {named[most]} (h = {four(h[most])}, output gate " \
           f"{percent(gates['o'][most, unit])} open)" in words  # fmt: skip
    story.label.linkActivated.emit(f"step:{at}")
    assert panel.studio.cursor.token == at
    panel.studio.cursor.move(unit=7)
    assert "Unit 7" in story.text()


def test_the_table_has_what_was_kept_and_what_is_new(lstm: tuple) -> None:
    panel, gates = lstm
    model = panel.map_page.table.lines
    names = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert names == ["i", "f", "o", "g", "c", "h", "kept", "new"]
    new = gates["i"][:, 6] * gates["g"][:, 6]
    told = [float(str(model.data(model.index(row, 7))).replace("−", "-")) for row in range(model.rowCount())]
    np.testing.assert_allclose(told, new, rtol=1e-3, atol=1e-4)


# Zooming and large traces ---------------------------------------------------------------------------------------


def wheel(widget: QWidget, at: QPointF, turn: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    event = QWheelEvent(at, widget.mapToGlobal(at), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, held,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QCoreApplication.sendEvent(widget, event)


def test_all_maps_lines_and_the_axis_zoom_together(qtbot: QtBot, put: Callable) -> None:
    panel = put(lstm_trace(300, 40, both=False))
    page = panel.map_page
    panel.studio.cursor.move(token=150, unit=20)
    heat_map = page.maps[2]
    wheel(heat_map, QPointF(heat_map.cells_rect().center()), 240)
    rows, columns = heat_map.in_sight()
    assert columns.stop - columns.start < 300
    assert rows == slice(0, 40)
    assert all(each.in_sight() == (rows, columns) for each in page.maps)
    assert page.lines.in_sight == columns
    assert page.axis.columns.start(columns.start) == pytest.approx(heat_map.columns.start(columns.start))
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    wheel(heat_map, QPointF(heat_map.cells_rect().center()), 240, control | shift)
    assert page.maps[5].in_sight()[0] != rows
    assert page.maps[5].in_sight()[1] == columns
    panel.studio.cursor.move(token=299)  # the current token stays in sight
    assert page.maps[0].in_sight()[1].stop == 300
    qtbot.keyClick(heat_map, Qt.Key.Key_0)
    assert page.maps[0].in_sight() == (slice(0, 40), slice(0, 300))
    assert page.lines.in_sight == slice(0, 300)
    qtbot.keyClick(heat_map, Qt.Key.Key_Asterisk)
    assert page.maps[0].in_sight()[0] != slice(0, 40)


def test_a_map_can_be_shown_alone(qtbot: QtBot, lstm: tuple) -> None:
    panel, _gates = lstm
    page = panel.map_page
    qtbot.mouseClick(page.maps[4], Qt.MouseButton.LeftButton, pos=QPoint(10, 8))
    assert [each.isVisible() for each in page.maps] == [False] * 4 + [True, False]
    qtbot.keyClick(page.maps[4], Qt.Key.Key_Return)
    assert all(each.isVisible() for each in page.maps)


@pytest.mark.parametrize(("steps", "units"), [(1, 1), (1, 40), (40, 1), (3, 1000)])
def test_the_smallest_and_the_widest(put: Callable, steps: int, units: int) -> None:
    panel = put(lstm_trace(steps, units))
    for sort in range(panel.map_page.sort_choice.box.count()):
        panel.map_page.sort_choice.box.setCurrentIndex(sort)
        panel.map_page.sort_choice.box.activated.emit(sort)
        for columns in (READING, BOTH, TEXT):
            arrange(panel, columns)
            panel.studio.cursor.move(token=steps - 1, unit=units - 1)
            assert panel.map_page.maps[0].column == steps - 1
            assert panel.map_page.maps[0].row == int(panel.map_page.order.rows[units - 1])


def test_single_peaks_among_very_many_cells_are_seen(put: Callable, pixel: Callable) -> None:
    trace = lstm_trace(2000, 512, both=False)
    gate = trace["lstm.0.forward.i"].values
    gate[:] = 0
    gate[1234, 321] = 1
    panel = put(trace, 700, 700)
    heat_map = panel.map_page.maps[0]
    panel.studio.cursor.move(token=1999)
    at = heat_map.cell_rect(321, 1234).center()
    around = [at + QPointF(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    assert max(green - red for red, green, _blue in (pixel(heat_map, each) for each in around)) > 50
    assert (321, 1234) in {heat_map.cell_at(each) for each in around}


def test_very_many_bars_still_show_the_strongest(put: Callable, pixel: Callable, theme: Theme) -> None:
    trace = lstm_trace(3, 1500, both=False)
    for name in "ig":
        trace[f"lstm.0.forward.{name}"].values[:] = 0
    trace["lstm.0.forward.c"].values[:] = 0
    trace["lstm.0.forward.i"].values[2, 777] = trace["lstm.0.forward.g"].values[2, 777] = 1
    trace["lstm.0.forward.c"].values[2, 777] = 1
    panel = put(trace, 700, 700)
    bars = panel.map_page.bars
    panel.studio.cursor.move(token=2)
    x = bars.columns.centre(777)
    seen = {pixel(bars, QPointF(x + off, bars.y_of(0.5) + down)) for off in (-1, 0, 1) for down in (0, 1)}
    hue = theme.colour("candidate")
    assert (hue.red(), hue.green(), hue.blue()) in seen


def test_the_window_of_a_zoomed_map_turns_like_a_page(put: Callable) -> None:
    panel = put(lstm_trace(200, 4, both=False))
    page = panel.map_page
    page.stack.zoom(0.2, rows=False)
    seen = []
    for token in range(200):
        panel.studio.cursor.move(token=token)
        sight = page.stack.sight[1]
        assert sight.start <= token < sight.stop
        seen.append(sight.start)
    assert len(set(seen)) <= 8
