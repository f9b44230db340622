"""The Units and Crowding pages of the Memory panel, against recursions in which one token writes, on real models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.memory.crowding_page import CrowdingPage
from embstudio.gui.panels.memory.units_page import AMOUNT, LEFT, NO_SUM, SHARE, UnitsPage
from embstudio.gui.panels.memory_panel import MemoryPanel
from embstudio.gui.plots.half_life_bars import EDGES
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe

pytestmark = pytest.mark.usefixtures("silent")

STORY = "The dog that I adopted from the pound five years ago won the pet competition."
DOG, WON, UNIT = 1, 11, 17


def on_page(studio: object, theme: Theme, show: Callable, name: str) -> MemoryPanel:
    panel = MemoryPanel(studio, theme)  # type: ignore[arg-type]
    show(panel, 900, 640)
    panel.header.pages.setCurrentIndex([page.name for page in panel.pages].index(name))
    return panel


@pytest.fixture
def story(open_model: Callable) -> object:
    """The bundled LSTM at ‘won’."""
    studio = open_model("sentiment-lstm", STORY)
    studio.cursor.move(token=WON, unit=UNIT)
    return studio


def alone(studio: object, source: int) -> np.ndarray:
    """What only the writing of one token makes of the memory, [pos, unit], gate by gate in float64."""
    i, f, g = (studio.trace[f"lstm.0.forward.{part}"].values.astype(np.float64) for part in "ifg")  # type: ignore[attr-defined]
    memory, found = np.zeros(f.shape[1]), []
    for token in range(len(f)):
        memory = f[token] * memory + (i[token] * g[token] if token == source else 0)
        found.append(memory)
    return np.array(found)


def move_mouse(widget: QWidget, at: QPointF) -> None:
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
    )  # fmt: skip
    QCoreApplication.sendEvent(widget, event)


def told(page: UnitsPage) -> list[list[str]]:
    model = page.table.units
    return [
        [str(model.data(model.index(row, column))) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


# Units ----------------------------------------------------------------------------------------------------------


def test_the_table_tells_who_remembers_dog_until_won(story: object, theme: Theme, show: Callable) -> None:
    panel = on_page(story, theme, show, "Units")
    page = panel.units_page
    page.source.choose(DOG)
    kept = alone(story, DOG)
    order = np.argsort(-np.abs(kept[WON]), kind="stable")
    rows = told(page)
    assert [row[0] for row in rows] == [str(unit) for unit in order]
    mass = np.abs([alone(story, source)[WON] for source in range(WON + 1)]).sum(axis=0)
    c = story.trace["lstm.0.forward.c"].values[WON]  # type: ignore[attr-defined]
    for unit, row in zip(order[:20], rows, strict=False):
        assert row[1] == four(kept[DOG, unit])
        assert row[2] == percent(kept[WON, unit] / kept[DOG, unit])
        assert row[3] == four(kept[WON, unit])
        assert row[4] == percent(abs(kept[WON, unit]) / mass[unit])
        assert row[5] == four(float(c[unit]))
    left = np.abs(kept[WON]).sum() / np.abs(kept[DOG]).sum()
    most = ", ".join(str(unit) for unit in order[:3])
    assert (
        panel.header.telling.text()
        == f"of what ‘dog’ wrote, {percent(left)} is left at ‘won’, most of it in units {most}"
    )


def test_rows_of_the_map_add_up_to_the_memory(story: object, theme: Theme, show: Callable) -> None:
    page = on_page(story, theme, show, "Units").units_page
    page.what.setCurrentIndex(AMOUNT)
    page.what.activated.emit(AMOUNT)
    memory = story.trace["lstm.0.forward.c"].values  # type: ignore[attr-defined]
    for token in (0, 5, WON, 15):
        story.cursor.move(token=token)  # type: ignore[attr-defined]
        assert not page.map.values[:, token + 1 :].any()
        np.testing.assert_allclose(np.sum(page.map.values, axis=1), memory[token], atol=1e-5)
    page.what.setCurrentIndex(SHARE)
    page.what.activated.emit(SHARE)
    np.testing.assert_allclose(np.sum(page.map.values, axis=1), 1.0, atol=1e-5)


def test_what_is_left_as_the_text_goes_on(story: object, theme: Theme, show: Callable) -> None:
    page = on_page(story, theme, show, "Units").units_page
    page.source.choose(DOG)
    assert page.what.currentIndex() == LEFT
    kept = alone(story, DOG)
    np.testing.assert_allclose(page.map.values[:, DOG:], (kept / kept[DOG])[DOG:].T, rtol=1e-5)
    assert np.isnan(page.map.values[:, :DOG]).all()
    said = page.map.describe(UNIT, WON)
    left = kept[WON, UNIT] / kept[DOG, UNIT]
    share = (
        percent(left) if left >= 1e-4 else f"10^−{abs(np.log10(left)):.0f}"
    )  # a percentage of what is so small says nothing
    assert said.startswith(
        f"unit {UNIT}: of {four(kept[DOG, UNIT])} that ‘dog’ wrote, {share} is left at ‘won’: {four(kept[WON, UNIT])}\n"
    )


def test_tokens_and_units_are_chosen_by_mouse_and_keys(
    qtbot: QtBot, story: object, theme: Theme, show: Callable
) -> None:
    panel = on_page(story, theme, show, "Units")
    page, cursor = panel.units_page, story.cursor  # type: ignore[attr-defined]
    qtbot.mouseClick(page.axis, Qt.MouseButton.LeftButton,
                     pos=QPointF(page.axis.columns.centre(4), 6).toPoint())  # fmt: skip
    assert page.source.step == 4
    assert page.source_box.box.value() == 5
    assert cursor.token == WON
    page.source_box.box.setValue(2)
    assert page.source.step == DOG
    # Of what is left, a column is a later token: it is gone to.
    qtbot.mouseClick(page.map, Qt.MouseButton.LeftButton, pos=page.map.cell_rect(9, 7).center().toPoint())
    assert (cursor.token, cursor.unit, page.source.step) == (7, 9, DOG)
    qtbot.keyClick(page.map, Qt.Key.Key_Right)
    assert (cursor.token, page.source.step) == (8, DOG)
    # Of what is due to each, a column is a token that wrote: it is followed.
    page.what.setCurrentIndex(AMOUNT)
    page.what.activated.emit(AMOUNT)
    qtbot.keyClick(page.map, Qt.Key.Key_Right)
    assert (cursor.token, page.source.step) == (8, DOG + 1)
    qtbot.keyClick(page.map, Qt.Key.Key_Down)
    assert cursor.unit == 10
    table = page.table
    at = table.visualRect(table.units.index(0, 2)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert cursor.unit == int(table.units.order[0])
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert cursor.unit == int(table.units.order[1])
    move_mouse(page.map, page.map.cell_rect(20, 3).center())
    assert panel.studio.probe == Probe("lstm.0.forward.c", (8, 20))


def test_rows_of_the_map_can_stand_as_in_the_table(story: object, theme: Theme, show: Callable) -> None:
    page = on_page(story, theme, show, "Units").units_page
    page.source.choose(DOG)
    plain = page.map.values.copy()
    page.sorted.setChecked(True)
    order = page.table.units.order
    np.testing.assert_array_equal(page.map.values, plain[order])
    assert page.map.row == order.tolist().index(UNIT)
    page.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    kept = page.table.units.values[1]
    assert (np.diff(kept[page.table.units.order]) <= 0).all()


def test_a_token_that_is_not_read_yet_wrote_nothing(story: object, theme: Theme, show: Callable) -> None:
    panel = on_page(story, theme, show, "Units")
    panel.units_page.source.choose(WON)
    story.cursor.move(token=3)  # type: ignore[attr-defined]
    assert panel.header.telling.text() == "‘won’ has not been read yet at ‘I’"
    assert told(panel.units_page)[0][2] == "—"


def test_the_choice_stays_with_its_word(story: object, theme: Theme, show: Callable) -> None:
    panel = on_page(story, theme, show, "Units")
    panel.units_page.source.choose(DOG)
    story.type("My old dog that I adopted won")  # type: ignore[attr-defined]
    assert panel.units_page.source.step == 2
    panel.header.pages.setCurrentIndex([page.name for page in panel.pages].index("Crowding"))
    assert panel.crowding_page.source_box.box.value() == 3


def test_a_plain_rnn_has_no_such_sum_and_says_so(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = on_page(open_model("sentiment-rnn", STORY), theme, show, "Units")
    for name in ("Units", "Crowding"):
        panel.header.pages.setCurrentIndex([page.name for page in panel.pages].index(name))
        assert panel.page.empty.isVisible()  # type: ignore[attr-defined]
        assert panel.page.empty.text() == NO_SUM  # type: ignore[attr-defined]
        assert not any(tool.isEnabled() for tool in panel.page.tools)


def test_gru(data: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    studio = open_model(data / "rnn-GRU-1-ts" / "model.onnx", "3 7 1 2 9 4 8")
    studio.cursor.move(token=5, unit=3)
    page = on_page(studio, theme, show, "Units").units_page
    page.source.choose(2)
    z, n = (studio.trace[f"gru.0.forward.{part}"].values.astype(np.float64) for part in "zn")
    due = (1 - z[2]) * n[2] * np.prod(z[3:6], axis=0)
    np.testing.assert_allclose(page.table.units.values[2], due, rtol=1e-6)
    page.what.setCurrentIndex(AMOUNT)
    page.what.activated.emit(AMOUNT)
    np.testing.assert_allclose(np.sum(page.map.values, axis=1), studio.trace["gru.0.forward.h"].values[5], atol=1e-6)


# Crowding -------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowding(story: object, theme: Theme, show: Callable) -> CrowdingPage:
    page = on_page(story, theme, show, "Crowding").crowding_page
    page.source.choose(DOG)
    return page


def test_the_bands_are_ages_of_the_memory(crowding: CrowdingPage, story: object) -> None:
    sizes = np.array([np.abs(alone(story, source)).sum(axis=1) for source in range(16)])  # [source, token]
    for token in range(16):
        age = token - np.arange(16)
        mine = [sizes[(age >= low) & (age < high), token].sum() for low, high in ((0, 1), (1, 5), (5, 20), (20, 99))]
        np.testing.assert_allclose(crowding.areas.shares[token], np.array(mine) / sum(mine), atol=1e-9)
    assert crowding.areas.values_text(WON).splitlines()[0] == f"this token: {percent(crowding.areas.shares[WON, 0])}"


def test_the_lines_are_what_is_left(crowding: CrowdingPage, story: object) -> None:
    kept = alone(story, DOG)
    own, steady, whole = (line.values for line in crowding.lines.lines)
    np.testing.assert_allclose(own[DOG:], (kept[:, UNIT] / kept[DOG, UNIT])[DOG:], rtol=1e-9)
    np.testing.assert_allclose(whole[DOG:], np.abs(kept[DOG:]).sum(axis=1) / np.abs(kept[DOG]).sum(), rtol=1e-9)
    np.testing.assert_allclose(steady[DOG:], 0.8 ** np.arange(15))
    assert np.isnan(own[:DOG]).all()
    crowding.constant.setValue(0.95)
    np.testing.assert_allclose(crowding.lines.lines[1].values[DOG:], 0.95 ** np.arange(15))
    assert crowding.lines.lines[1].symbol == "0.95ᵏ"
    left = percent(float(whole[WON]))
    assert crowding.telling().startswith(
        f"of what ‘dog’ wrote, {left} is left at ‘won’ (always 0.95 would leave {percent(0.95**10)}); "
    )


def test_the_half_lives_are_those_of_the_mean_logarithm(qtbot: QtBot, crowding: CrowdingPage, story: object) -> None:
    f = story.trace["lstm.0.forward.f"].values.astype(np.float64)  # type: ignore[attr-defined]
    lives = np.log(0.5) / np.log(f[1:]).mean(axis=0)  # before the first token there is nothing to forget
    np.testing.assert_allclose(crowding.lives.lives, lives, rtol=1e-9)
    counts, _ = np.histogram(lives, [*EDGES[:-1], 1e9])
    np.testing.assert_array_equal(crowding.lives.counts, counts)
    bar = int(counts.argmax())
    units = crowding.lives.units_in(bar)
    at = QPointF(crowding.lives.columns.centre(bar), crowding.lives.height() / 2).toPoint()
    qtbot.mouseClick(crowding.lives, Qt.MouseButton.LeftButton, pos=at)
    first = story.cursor.unit  # type: ignore[attr-defined]
    assert first in units
    qtbot.mouseClick(crowding.lives, Qt.MouseButton.LeftButton, pos=at)
    assert story.cursor.unit == units[(units.tolist().index(first) + 1) % len(units)]  # type: ignore[attr-defined]


def test_all_of_it_can_be_read_as_a_table(qtbot: QtBot, crowding: CrowdingPage, story: object) -> None:
    qtbot.mouseClick(crowding.numbers, Qt.MouseButton.LeftButton)
    assert crowding.table.isVisible()
    assert not crowding.areas.isVisible()
    model = crowding.table.lines
    heads = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert heads == ["this token", "last 2–5", "last 6–20", "older", f"unit {UNIT}", "0.80ᵏ", "all units"]
    assert model.data(model.index(WON, 5)) == four(0.8**10)
    assert crowding.table.currentIndex().row() == WON


def test_a_click_goes_to_the_token(qtbot: QtBot, crowding: CrowdingPage, story: object) -> None:
    for plot, token in ((crowding.areas, 4), (crowding.lines, 9)):
        at = QPointF(plot.columns.centre(token), plot.height() / 2).toPoint()
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
        assert story.cursor.token == token  # type: ignore[attr-defined]


@pytest.mark.parametrize(("scale", "name"), [(1.0, "light"), (2.0, "dark")])
def test_nothing_is_cut_off_in_a_small_panel(
    qtbot: QtBot, story: object, theme: Theme, show: Callable, scale: float, name: str
) -> None:
    theme.apply(name, scale)
    panel = on_page(story, theme, show, "Units")
    panel.resize(600, 420)
    panel.grab()
    units, crowding = panel.units_page, panel.crowding_page
    for widget in (units.map, units.axis, units.table, units.caution):
        qtbot.waitUntil(lambda widget=widget: widget.height() >= widget.minimumSizeHint().height())
    panel.header.pages.setCurrentIndex(3)
    panel.grab()
    for plot in (crowding.areas, crowding.axis, crowding.lines, crowding.lives):
        qtbot.waitUntil(lambda plot=plot: plot.height() >= plot.minimumSizeHint().height())
