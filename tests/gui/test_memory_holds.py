"""Holding gates and states in the Memory panel: what follows, against the recurrence in float64, and letting go."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from embstudio.base.errors import InputError
from embstudio.gui.panels.memory.hold_editor import EVERYWHERE, HERE
from embstudio.gui.panels.memory.scene import Scene
from embstudio.gui.panels.memory_panel import MemoryPanel
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import Failed
from embstudio.session.replacement import Replacement
from embstudio.stepper.prediction import class_probabilities
from embstudio.studio.document import Notice

pytestmark = pytest.mark.usefixtures("silent")
TEXT = "The food was good but the waiter was rude"
FORGET = "lstm.0.forward.f"


@pytest.fixture
def panel(open_model: Callable, theme: Theme, show: Callable) -> MemoryPanel:
    studio = open_model("sentiment-lstm", TEXT)
    studio.cursor.move(token=3, unit=5)
    panel = MemoryPanel(studio, theme)
    show(panel, 900, 900)
    return panel


def arrays(panel: MemoryPanel) -> dict[str, np.ndarray]:
    return {name: array.values for name, array in panel.studio.trace.arrays.items()}


def scene_of(panel: MemoryPanel) -> Scene:
    assert panel.scene is not None
    return panel.scene


def test_a_gate_is_held_from_a_token_on_and_the_memory_follows(panel: MemoryPanel) -> None:
    before = arrays(panel)
    assert not panel.held.isVisible()
    panel.studio.holds.add(Replacement(FORGET, (5,), 3, value=1.0))
    after = arrays(panel)
    f, i, g, c = (after[f"lstm.0.forward.{part}"][:, 5].astype(np.float64) for part in "figc")
    np.testing.assert_array_equal(f[3:], 1.0)
    np.testing.assert_array_equal(f[:3], before[FORGET][:3, 5])
    memory = float(before["lstm.0.forward.c"][2, 5])
    for token in range(3, len(f)):
        memory = memory + i[token] * g[token]
        assert c[token] == pytest.approx(memory, abs=1e-5)
    others = [unit for unit in range(64) if unit != 5]
    assert np.abs(after[FORGET][4:, others] - before[FORGET][4:, others]).max() > 0  # it feeds back through h
    assert panel.held.isVisible()
    assert panel.held.said.text().startswith("Edited: ")
    (item,) = panel.held.items
    assert item.box.text() == "forget gate of unit 5 at 1, from ‘good’ on"


def test_letting_go_gives_exactly_what_was_before(panel: MemoryPanel) -> None:
    before = arrays(panel)
    holds = panel.studio.holds
    holds.add(Replacement(FORGET, None, value=0.0))
    assert np.abs(arrays(panel)["logits"] - before["logits"]).max() > 0.1
    panel.held.items[0].box.click()
    assert not holds.active
    for name, values in arrays(panel).items():
        np.testing.assert_array_equal(values, before[name])
    assert holds.baseline is None
    assert panel.held.isVisible()  # still on the list
    panel.held.items[0].box.click()
    assert holds.active
    panel.held.items[0].away.click()
    assert not panel.held.isVisible()
    np.testing.assert_array_equal(arrays(panel)["logits"], before["logits"])


def test_lines_and_prediction_are_compared_with_the_run_before(panel: MemoryPanel) -> None:
    before, said = arrays(panel), class_probabilities(panel.studio.trace)
    panel.studio.holds.add(Replacement(FORGET, None, value=0.0))
    lines = {line.symbol: line.values for line in panel.map_page.lines.before}
    assert {"f", "c", "h"} <= set(lines)
    for part, values in lines.items():
        np.testing.assert_array_equal(values, before[f"lstm.0.forward.{part}"][:, 5])
    panel.studio.cursor.move(token=8)
    now = class_probabilities(panel.studio.trace)
    best = int(said[8].argmax())
    name = panel.studio.document.labels[best]
    compared = f"after ‘rude’: {name} {100 * said[8, best]:.1f} % → {100 * now[8, best]:.1f} %"
    assert panel.held.said.text() == f"Edited: {compared}. What all panels show is not the model's own run."
    panel.studio.holds.clear()
    assert panel.map_page.lines.before == ()


def test_another_text_switches_off_what_belongs_to_the_text_before(panel: MemoryPanel) -> None:
    holds = panel.studio.holds
    holds.add(Replacement(FORGET, (5,), 3, value=1.0))
    holds.add(Replacement("lstm.0.forward.i", None, value=0.5))
    panel.studio.type("The waiter was nice")
    assert [hold.on for hold in holds.items] == [False, True]
    np.testing.assert_array_equal(arrays(panel)["lstm.0.forward.i"], 0.5)
    plain = panel.studio.runner.trace(panel.studio.ran.__class__(panel.studio.ran.model, text="The waiter was nice"))
    assert holds.baseline is not None
    np.testing.assert_array_equal(holds.baseline["logits"].values, plain["logits"].values)


def test_another_model_starts_with_nothing_held(panel: MemoryPanel) -> None:
    panel.studio.holds.add(Replacement(FORGET, None, value=0.5))
    panel.studio.open("sentiment-rnn")
    assert panel.studio.holds.items == ()
    assert panel.studio.ran.replacements == ()


def test_after_a_run_that_failed_nothing_is_held(panel: MemoryPanel) -> None:
    studio = panel.studio
    studio.holds.add(Replacement(FORGET, (5,), value=1.0))
    studio.receive(Failed(studio.ran, InputError("There is no such unit.")))
    assert not studio.holds.active
    assert len(studio.holds.items) == 1  # still there to be looked at
    studio.type("The waiter was nice")
    assert studio.ran.replacements == ()


def test_what_is_held_is_said_in_the_panel_and_not_in_a_notice(panel: MemoryPanel) -> None:
    notices: list[Notice] = []
    panel.studio.noticed.connect(notices.append)
    panel.studio.holds.add(Replacement(FORGET, None, value=0.5))
    assert notices == []


def test_the_editor_holds_the_current_units_gate(qtbot: QtBot, panel: MemoryPanel) -> None:
    page = panel.map_page
    heat_map = page.maps[1]
    qtbot.mouseClick(heat_map, Qt.MouseButton.LeftButton, pos=heat_map.cell_rect(9, 2).center().toPoint())
    page.hold_button.click()
    editor = page.editor
    assert editor.isVisible()
    assert (editor.part.currentText(), editor.units.currentText()) == ("forget gate", "unit 9")
    assert editor.value.value() == 1.0
    editor.value.setValue(0.25)
    editor.when.setCurrentIndex(HERE)
    qtbot.keyClick(editor.value, Qt.Key.Key_Return)
    assert panel.studio.holds.active == (Replacement(FORGET, (9,), 2, 3, value=0.25),)
    assert arrays(panel)[FORGET][2, 9] == 0.25
    panel.studio.cursor.move(unit=11)
    assert editor.units.itemText(0) == "unit 11"
    editor.units.setCurrentIndex(1)
    editor.when.setCurrentIndex(EVERYWHERE)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert panel.studio.holds.active[-1] == Replacement(FORGET, None, value=0.25)
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()


def test_the_menu_of_a_cell_holds_it(panel: MemoryPanel) -> None:
    heat_map = panel.map_page.maps[1]
    heat_map.menu_wanted.emit(7, 4, heat_map.mapToGlobal(QPoint(200, 5)))
    (menu,) = [menu for menu in panel.findChildren(QMenu) if menu.objectName() == "HoldMenu"]
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "Hold forget gate of unit 7 at 1 from ‘but’ on"
    menu.actions()[1].trigger()
    assert panel.studio.holds.active == (Replacement(FORGET, (7,), 4, value=0.0),)
    menu.close()


@pytest.mark.zoo
def test_a_layer_that_reads_backwards_is_held_as_it_reads(
    zoo: Path, open_model: Callable, theme: Theme, show: Callable
) -> None:
    studio = open_model(zoo / "_public" / "nnsplit_en_v1.onnx", "Hello there it is. ")
    panel = MemoryPanel(studio, theme)
    show(panel, 900, 800)
    panel.header.cell_chosen.emit(1)
    panel.studio.cursor.move(token=8, unit=3)
    panel.map_page._open_editor()
    panel.map_page.editor.value.setValue(1.0)
    panel.map_page.editor.part.setCurrentIndex(scene_of(panel).cell.parts.index("f"))
    panel.map_page.editor._ask()
    point = scene_of(panel).cell.point("f")
    f = studio.trace[point].values[:, 3]
    step = scene_of(panel).spot(8, 3).step
    np.testing.assert_array_equal(f[: step + 1], 1.0)
    np.testing.assert_array_equal(f[step + 1 :], studio.holds.baseline[point].values[step + 1 :, 3])


def test_everything_has_a_name_and_a_tooltip(panel: MemoryPanel) -> None:
    panel.studio.holds.add(Replacement(FORGET, (5,), 3, value=1.0))
    panel.map_page._open_editor()
    for area in (panel.held, panel.map_page.editor):
        controls = [each for each in area.findChildren(QWidget) if re.match("Held|Hold", each.objectName())]
        assert len(controls) >= 4
        for each in controls:
            assert each.accessibleName() or each.property("text")
            assert each.toolTip()
