"""The Stages page of the Memory panel on real models: PyTorch's numbers, the reasons of gates, mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embstudio.formulas.activations import sigmoid
from embstudio.gui.panels.memory.stages_page import StagesPage
from embstudio.gui.panels.memory_panel import MemoryPanel
from embstudio.gui.plots.units_card import UnitsCard
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import CellsRequest
from embstudio.stepper.prediction import class_probabilities
from embstudio.stepper.probe import Probe

pytestmark = pytest.mark.usefixtures("silent")

TOKEN, UNIT = 4, 6
TURN = "I expected to hate it but loved it"


def on_stages(studio: object, theme: Theme, show: Callable, width: int = 900, height: int = 700) -> MemoryPanel:
    panel = MemoryPanel(studio, theme)  # type: ignore[arg-type]
    show(panel, width, height)
    names = [page.name for page in panel.pages]
    panel.header.pages.setCurrentIndex(names.index(StagesPage.name))
    return panel


@pytest.fixture
def lstm(
    data: Path, open_model: Callable, theme: Theme, show: Callable
) -> tuple[MemoryPanel, StagesPage, Mapping[str, np.ndarray]]:
    """The page on an LSTM at TOKEN and UNIT, and PyTorch's gates [pos, unit] in float64."""
    folder = data / "rnn-LSTM-1-ts"
    with np.load(folder / "reference.npz") as stored:
        gates = {name: stored[name][0].astype(np.float64) for name in stored.files if name != "ids"}
        ids = " ".join(map(str, stored["ids"][0]))
    studio = open_model(folder / "model.onnx", ids)
    studio.cursor.move(token=TOKEN, unit=UNIT)
    panel = on_stages(studio, theme, show)
    return panel, panel.stages_page, gates


def move_mouse(widget: QWidget, at: QPointF) -> None:
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
    )  # fmt: skip
    QCoreApplication.sendEvent(widget, event)


def test_the_cards_have_pytorchs_numbers(lstm: tuple) -> None:
    _panel, page, gates = lstm
    at = {part: values[TOKEN, UNIT] for part, values in gates.items()}
    before = gates["c"][TOKEN - 1, UNIT]
    expected = [
        [np.arctanh(at["g"]), at["g"]],
        [at["i"], at["g"], at["i"] * at["g"]],
        [at["f"], before, at["f"] * before],
        [at["f"] * before, at["i"] * at["g"], at["c"]],
        [at["o"], np.tanh(at["c"]), at["h"]],
    ]
    cards = page.one.cards
    titles = ["1 candidate", "2 input gating", "3 forgetting", "4 update", "5 exposure", "6 prediction"]
    assert [card.stage.title for card in cards] == titles
    for card, rows in zip(cards, expected, strict=False):
        np.testing.assert_allclose([row.value for row in card.stage.rows], rows, rtol=1e-4, atol=1e-6)
        assert card.verdict.startswith("✓")
        assert all(row.label in card.accessibleDescription() for row in card.stage.rows)


def test_why_a_gate_is_what_it_is(lstm: tuple) -> None:
    panel, page, gates = lstm
    value = gates["f"][TOKEN, UNIT]
    label = panel.scene.labels[TOKEN]
    assert page.question.text() == f"Why is the forget gate of unit {UNIT} {four(value)} at ‘{label}’?"
    cell = panel.studio.runner.cell_weights(panel.studio.document.opened.anatomy.recurrent[0])["forward"]
    row = 2 * 16 + UNIT  # i, o, f, c, of 16 units each
    memory = cell.R[row] * gates["h"][TOKEN - 1]
    by_name = {part.label: part.value for part in page.bars.parts}
    bias = float(cell.B[row] + cell.B[64 + row])
    assert by_name["from the hidden state before"] == pytest.approx(memory.sum(), abs=1e-5)
    assert by_name["bias"] == pytest.approx(bias, abs=1e-6)
    assert float(sigmoid(np.array(by_name["sum"]))) == pytest.approx(value, abs=1e-5)
    word = by_name["sum"] - by_name["bias"] - by_name["from the hidden state before"]
    assert by_name[f"from ‘{label}’"] == pytest.approx(word, abs=1e-6)
    named = [part for part in page.bars.parts if part.inside]
    assert [part.unit for part in named] == np.argsort(-np.abs(memory))[:3].tolist()
    np.testing.assert_allclose([part.value for part in named], memory[[part.unit for part in named]], atol=1e-5)
    (line,) = page.formula.texts()
    assert line.startswith(f"f₅ = σ(W x₅ + R h₄ + b) = σ({four(by_name[f'from ‘{label}’'])}")
    assert line.endswith(f"= {four(value)}")
    assert f"bias b: {four(bias)}" in page.bars.accessibleDescription()


def test_the_weights_are_asked_for_once(lstm: tuple) -> None:
    panel, _page, _gates = lstm
    panel.studio.cursor.step(1)
    panel.header.pages.setCurrentIndex(0)
    panel.header.pages.setCurrentIndex(1)
    assert sum(isinstance(request, CellsRequest) for request in panel.studio.asked) == 1


def test_a_card_is_chosen_by_mouse_and_key_and_stays_so(qtbot: QtBot, lstm: tuple) -> None:
    panel, page, gates = lstm
    assert panel.studio.probe == Probe("lstm.0.forward.f", (TOKEN, UNIT))
    qtbot.mouseClick(page.one.cards[4], Qt.MouseButton.LeftButton)
    assert panel.studio.probe == Probe("lstm.0.forward.h", (TOKEN, UNIT))
    assert page.question.text().startswith(f"Why is the output gate of unit {UNIT} ")
    assert page.formula.texts()[-1].startswith("h₅ = o ⊙ tanh(c₅)")
    panel.studio.cursor.step(1)
    assert panel.studio.probe == Probe("lstm.0.forward.h", (TOKEN + 1, UNIT))
    page.one.cards[3].setFocus()
    qtbot.keyClick(page.one.cards[3], Qt.Key.Key_Space)
    assert panel.studio.probe == Probe("lstm.0.forward.c", (TOKEN + 1, UNIT))
    by_name = {part.label: part.value for part in page.bars.parts}
    assert by_name["kept"] == pytest.approx(gates["f"][TOKEN + 1, UNIT] * gates["c"][TOKEN, UNIT], abs=1e-6)
    assert by_name["memory c"] == pytest.approx(gates["c"][TOKEN + 1, UNIT], abs=1e-6)


def test_numbers_under_the_mouse_are_shown_in_the_inspector(lstm: tuple) -> None:
    panel, page, _gates = lstm
    card = page.one.cards[2]
    card.grab()
    places = {row.label: rect.center() for rect, row in card._rows}
    move_mouse(card, places["× memory c₋₁"])
    assert panel.studio.probe == Probe("lstm.0.forward.c", (TOKEN - 1, UNIT))
    move_mouse(card, places["forget gate f"])
    assert panel.studio.probe == Probe("lstm.0.forward.f", (TOKEN, UNIT))
    QCoreApplication.sendEvent(page.one.cards[0], QEvent(QEvent.Type.Leave))
    move_mouse(page.one.cards[0], QPointF(20, 10))
    assert panel.studio.probe == Probe("lstm.0.forward.g", (TOKEN, UNIT))
    QCoreApplication.sendEvent(page.one.cards[0], QEvent(QEvent.Type.Leave))
    assert panel.studio.probe == Probe("lstm.0.forward.f", (TOKEN, UNIT))


def test_a_unit_of_the_memory_leads_there(qtbot: QtBot, lstm: tuple) -> None:
    panel, page, _gates = lstm
    page.bars.grab()
    row = next(row for row, part in enumerate(page.bars.parts) if part.unit is not None)
    unit = page.bars.parts[row].unit
    page.bars.setFocus()
    qtbot.keyClick(page.bars, Qt.Key.Key_Return)
    assert panel.studio.cursor.unit == unit
    rows = [row for row, part in enumerate(page.bars.parts) if part.unit is not None]
    other = page.bars.parts[rows[1]].unit
    qtbot.keyClick(page.bars, Qt.Key.Key_Down)
    qtbot.keyClick(page.bars, Qt.Key.Key_Space)
    assert panel.studio.cursor.unit == other


def test_all_units_at_once(qtbot: QtBot, lstm: tuple) -> None:
    panel, page, gates = lstm
    page.all_units.setChecked(True)
    assert page.all.isVisible()
    assert not page.one.isVisible()
    stored = gates["i"][TOKEN] * gates["g"][TOKEN]
    card = page.all.cards[1]
    assert isinstance(card, UnitsCard)
    np.testing.assert_allclose(card.values, stored, atol=1e-6)
    np.testing.assert_allclose(card.gates, gates["i"][TOKEN], atol=1e-6)
    order = [unit for unit in np.argsort(-np.abs(stored)) if unit != UNIT][:3]
    assert [row.label for row in card.stage.rows] == [f"unit {unit}" for unit in (*order, UNIT)]
    assert all(card.verdict.startswith("✓") for card in page.all.cards[:5])
    card.grab()
    at = QPointF(card._columns.centre(11), card._strip.center().y())
    move_mouse(card, at)
    assert panel.studio.probe == Probe("lstm.0.forward.i", (TOKEN, 11))
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert panel.studio.cursor.unit == 11
    assert page.question.text().startswith("What decides the input gates at ")
    assert len(page.bars.parts) == 3
    assert "16 units" in page.note.text()


def test_the_prediction_is_what_the_head_says_before_and_after(
    open_model: Callable, theme: Theme, show: Callable
) -> None:
    studio = open_model("sentiment-lstm", TURN)
    studio.cursor.move(token=6, unit=17)
    page = on_stages(studio, theme, show).stages_page
    said = class_probabilities(studio.trace)
    last = page.one.cards[5].stage
    assert [row.label for row in last.rows] == ["positive before", "positive now"]
    np.testing.assert_allclose([row.value for row in last.rows], said[5:7, 1])
    page.one.cards[5].click()
    assert studio.probe == Probe("logits", (6, 1))
    assert page.bars.limit == 1.0
    assert [part.before for part in page.bars.parts] == pytest.approx([said[5, 1], said[5, 0]])
    studio.cursor.move(token=0)
    assert [row.label for row in last.rows] != [row.label for row in page.one.cards[5].stage.rows]
    assert len(page.one.cards[5].stage.rows) == 1  # there is nothing before the first token
    assert "nothing was there before the first token" in page.one.cards[2].said()


@pytest.mark.parametrize(
    ("folder", "titles"),
    [
        ("rnn-GRU-1-ts", ["1 reset", "2 candidate", "3 update share", "4 new state", "5 prediction"]),
        ("rnn-RNNtanh-1-ts", ["1 sum", "2 activation", "3 prediction"]),
    ],
)
def test_other_cells(
    data: Path, open_model: Callable, theme: Theme, show: Callable, folder: str, titles: list[str]
) -> None:
    studio = open_model(data / folder / "model.onnx", "3 7 1 2 9 4")
    studio.cursor.move(token=3, unit=5)
    page = on_stages(studio, theme, show).stages_page
    shown = [card for card in page.one.cards if card.isVisible()]
    assert [card.stage.title for card in shown] == titles
    assert all(card.verdict.startswith("✓") for card in shown[:-1])
    assert page.question.text().startswith("Why is the ")
    page.all_units.setChecked(True)
    assert [card.stage.title for card in page.all.cards if card.isVisible()] == titles


@pytest.mark.parametrize(("scale", "name"), [(1.0, "light"), (2.0, "dark")])
def test_cards_do_not_overlap_however_small_the_panel(
    qtbot: QtBot, open_model: Callable, theme: Theme, show: Callable, scale: float, name: str
) -> None:
    theme.apply(name, scale)
    page = on_stages(open_model("sentiment-lstm", TURN), theme, show, 560, 320).stages_page
    for whole in (False, True):
        page.all_units.setChecked(whole)
        page.grab()
        chain = page.all if whole else page.one
        places = [card.geometry() for card in chain.cards]
        assert not any(one.intersects(other) for place, one in enumerate(places) for other in places[:place])
        assert max(rect.right() for rect in places) <= chain.width()
        qtbot.waitUntil(lambda: page.bars.height() >= page.bars.minimumSizeHint().height())
