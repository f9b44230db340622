"""The Watches panel, driven by keys and mouse, against the real values of a bundled model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.watches.expression_field import ExpressionField
from embstudio.gui.panels.watches.fault_label import excerpt
from embstudio.gui.panels.watches.row_list import RowList
from embstudio.gui.panels.watches.strip import middle_of, token_at
from embstudio.gui.panels.watches_panel import WatchesPanel
from embstudio.gui.style.theme import Theme
from tests.gui.conftest import OpenModel, OpenStudio

pytestmark = pytest.mark.usefixtures("silent")

TURN = "I expected to hate it but loved it"
F, C = "lstm.0.forward.f", "lstm.0.forward.c"


@pytest.fixture
def studio(open_model: OpenModel) -> OpenStudio:
    return open_model("sentiment-lstm", TURN)


@pytest.fixture
def panel(studio: OpenStudio, theme: Theme, show: Callable[[QWidget, int, int], None]) -> WatchesPanel:
    panel = WatchesPanel(studio, theme)
    show(panel, 320, 640)
    panel.show_trace()
    return panel


def write(panel: WatchesPanel, text: str) -> None:
    """Type a whole expression into the field and press Enter."""
    panel.field.setFocus()
    panel.field.setText(text)
    QTest.keyClick(panel.field, Qt.Key.Key_Return)


def editor_of(rows: RowList, qtbot: QtBot) -> ExpressionField:
    """The field that stands in the place of a row, once it is there."""
    qtbot.waitUntil(lambda: rows.findChild(ExpressionField) is not None)
    field = rows.findChild(ExpressionField)
    assert isinstance(field, ExpressionField)
    return field


def strip_place(rows: RowList, row: int, token: int) -> QPoint:
    """Where a token is on the strip of a row."""
    shown = rows.rows.rows[row]
    strip = rows._drawing.strip_rect(shown, rows.visualRect(rows.rows.index(row)))
    assert shown.series is not None
    return QPoint(round(middle_of(strip, token, len(shown.series))), round(strip.center().y()))


def test_a_newcomer_is_offered_examples_that_work(panel: WatchesPanel, studio: OpenStudio) -> None:
    assert panel.examples.isVisible()
    assert C in panel.examples.toPlainText()
    panel.examples.chosen.emit(f"change({C}).norm")
    assert studio.watches.watches == (f"change({C}).norm",)
    assert not panel.examples.isVisible()
    assert panel.watches.isVisible()


def test_enter_adds_a_watch_or_a_breakpoint(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, f"{F}.mean")
    write(panel, f"{F}.mean < 0.7")
    assert [row.text for row in panel.watches.rows.rows] == [f"{F}.mean"]
    assert [row.text for row in panel.breakpoints.rows.rows] == [f"{F}.mean < 0.7"]
    assert panel.field.text() == ""


def test_the_value_is_that_of_each_step(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, f"{C}[17]")
    assert studio.trace is not None
    values = studio.trace[C].values[:, 17]
    for token in (0, 3, 7):
        studio.cursor.move(token=token)
        shown = panel.watches.rows.rows[0].value
        assert float(shown.replace("−", "-")) == pytest.approx(values[token], rel=1e-3)


def test_what_is_refused_stays_in_the_field_with_a_caret(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, "change(lstm.0.foward.c).norm")
    assert panel.fault.isVisible()
    assert panel.field.text() == "change(lstm.0.foward.c).norm"
    assert "Did you mean lstm.0.forward.c" in panel.fault.accessibleDescription()
    assert "Column 8" in panel.fault.accessibleDescription()
    assert "^" * len("lstm.0.foward.c") in panel.fault.text()
    assert studio.watches.watches == ()
    QTest.keyClicks(panel.field, "x")
    assert not panel.fault.isVisible()


def test_a_breakpoint_that_is_no_condition_is_refused(panel: WatchesPanel, studio: OpenStudio) -> None:
    panel.field.setText("position")
    menu = panel.add_button.menu()
    next(action for action in menu.actions() if "Break" in action.text()).trigger()
    assert "A breakpoint is a condition" in panel.fault.accessibleDescription()
    assert studio.watches.breakpoints == ()
    next(action for action in menu.actions() if "Watch" in action.text()).trigger()
    assert studio.watches.watches == ("position",)


def test_a_row_is_edited_in_place(panel: WatchesPanel, studio: OpenStudio, qtbot: QtBot) -> None:
    write(panel, "position")
    panel.watches.setFocus()
    panel.watches.setCurrentIndex(panel.watches.rows.index(0))
    QTest.keyClick(panel.watches, Qt.Key.Key_Return)
    field = editor_of(panel.watches, qtbot)
    assert field.text() == "position"
    field.setText(f"{C}.norm")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: studio.watches.watches == (f"{C}.norm",))
    qtbot.wait(50)
    assert panel.watches.state() == RowList.State.NoState  # Enter has ended it and not begun it again


def test_a_fault_while_editing_keeps_what_was_written(panel: WatchesPanel, studio: OpenStudio, qtbot: QtBot) -> None:
    write(panel, "position")
    panel.watches.edit_row(0)
    field = editor_of(panel.watches, qtbot)
    field.setText("position +")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.fault.isVisible())
    qtbot.waitUntil(
        lambda: any(each is not field and each.text() == "position +" for each in panel.watches.findChildren(QLineEdit))
    )
    assert studio.watches.watches == ("position",)


def test_keys_switch_remove_and_go_on(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, "position == 2 or position == 5")
    write(panel, "position == 7")
    rows = panel.breakpoints
    rows.setFocus()
    rows.setCurrentIndex(rows.rows.index(0))
    studio.cursor.move(token=0)
    QTest.keyClick(rows, Qt.Key.Key_N)
    assert studio.cursor.token == 2
    QTest.keyClick(rows, Qt.Key.Key_N)
    assert studio.cursor.token == 5
    QTest.keyClick(rows, Qt.Key.Key_N)
    assert studio.cursor.token == 5
    QTest.keyClick(rows, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert studio.cursor.token == 2
    QTest.keyClick(rows, Qt.Key.Key_Space)
    assert studio.watches.marks == (7,)
    QTest.keyClick(rows, Qt.Key.Key_Down)
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert [each.text for each in studio.watches.breakpoints] == ["position == 2 or position == 5"]


def test_the_buttons_over_a_list_do_the_same(panel: WatchesPanel, studio: OpenStudio, qtbot: QtBot) -> None:
    write(panel, "position == 2 or position == 5")
    studio.cursor.move(token=0)
    for name, token in (("BreakpointsNext", 2), ("BreakpointsNext", 5), ("BreakpointsPrevious", 2)):
        qtbot.mouseClick(panel.findChild(QToolButton, name), Qt.MouseButton.LeftButton)
        assert studio.cursor.token == token
    qtbot.mouseClick(panel.findChild(QToolButton, "BreakpointsTake"), Qt.MouseButton.LeftButton)
    assert studio.watches.breakpoints == ()


def test_a_click_on_the_strip_goes_there_and_on_the_box_switches(
    panel: WatchesPanel, studio: OpenStudio, qtbot: QtBot
) -> None:
    write(panel, f"{C}.norm")
    write(panel, "flips(class)")
    for rows in (panel.watches, panel.breakpoints):
        for token in (0, 4, 7):
            qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=strip_place(rows, 0, token))
            assert studio.cursor.token == token
    rows = panel.breakpoints
    box = rows._drawing.box_rect(rows.visualRect(rows.rows.index(0)))
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert not studio.watches.breakpoints[0].enabled


def test_the_count_is_of_the_places_where_it_holds(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, "flips(class)")
    assert studio.trace is not None
    classes = studio.trace["logits"].values.argmax(1)
    count = int((classes[1:] != classes[:-1]).sum())
    assert panel.breakpoints.rows.rows[0].value == f"{count} of 8"
    write(panel, 'token == "dog"')
    assert panel.breakpoints.rows.rows[1].value == "nowhere"


def test_one_that_does_not_fit_is_listed_with_the_reason(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, f"{F}.mean")
    studio.open("next-word")
    row = panel.watches.rows.rows[0]
    assert row.problem == f"This model has no point {F}."
    assert row.value == ""
    assert "^" in row.fault
    studio.open("sentiment-lstm")
    assert panel.watches.rows.rows[0].problem == ""


def test_why_there_is_no_value_here_is_said(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, "change(position)")
    studio.cursor.move(token=0)
    assert panel.watches.rows.rows[0].value == "there is no step before the first"


def test_a_tooltip_has_the_value_of_the_token_that_is_pointed_at(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, "position * 2")
    index = panel.watches.rows.index(0)
    told = panel.watches.describe(index, strip_place(panel.watches, 0, 5))
    assert told.startswith("token 6 ‘but’: 10")
    assert "position * 2" in panel.watches.describe(index, panel.watches.visualRect(index).topLeft())


def test_completions_are_taken_by_key(panel: WatchesPanel, qtbot: QtBot) -> None:
    panel.field.setFocus()
    QTest.keyClicks(panel.field, "lstm.0.forward.f.me")
    assert panel.field.offering
    QTest.keyClick(panel.field, Qt.Key.Key_Tab)
    assert panel.field.text() == f"{F}.mean"
    assert not panel.field.offering
    QTest.keyClicks(panel.field, " < 0.5")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.breakpoints.rows.rows[0].text == f"{F}.mean < 0.5"


def test_enter_adds_what_is_written_though_completions_are_offered(panel: WatchesPanel, studio: OpenStudio) -> None:
    panel.field.setFocus()
    QTest.keyClicks(panel.field, f"{C}.norm - {C}.m")
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    assert not panel.field.offering
    QTest.keyClicks(panel.field, "in")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert studio.watches.watches == (f"{C}.norm - {C}.min",)


def test_the_menu_key_offers_all_that_can_be_done(panel: WatchesPanel, studio: OpenStudio, qtbot: QtBot) -> None:
    write(panel, "flips(class)")
    rows = panel.breakpoints
    rows.setCurrentIndex(rows.rows.index(0))
    QApplication.sendEvent(
        rows.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    )
    menu = rows.findChild(QMenu, "rowMenu")
    texts = [action.text().partition("\t")[0].replace("&", "") for action in menu.actions()]
    assert texts == ["Edit", "Remove", "Disable", "Next place", "Previous place"]
    next(action for action in menu.actions() if "Disable" in action.text()).trigger()
    assert not studio.watches.breakpoints[0].enabled
    menu.close()


def test_the_reason_of_a_stop_is_shown_until_it_goes_on(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, 'token == "but"')
    studio.cursor.move(token=5)
    assert studio.watches.stop_here()
    assert panel.reason.isVisible()
    assert "Stopped at ‘but’" in panel.reason.text()
    studio.cursor.step(1)
    assert not panel.reason.isVisible()


def test_a_screen_reader_hears_expression_and_value(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, "position")
    write(panel, "position == 2")
    studio.cursor.move(token=2)
    said = [
        str(rows.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)) for rows in (panel.watches, panel.breakpoints)
    ]
    assert said == ["position: 2.000", "position == 2: enabled, 1 of 8, holds here"]
    for widget in panel.findChildren(QToolButton) + panel.findChildren(QLineEdit):
        assert widget.accessibleName() or widget.objectName().startswith("qt_"), widget


def test_every_kind_of_row_is_drawn_at_any_size(
    panel: WatchesPanel, studio: OpenStudio, theme: Theme, qtbot: QtBot
) -> None:
    studio.watches.load(
        [f"{C}.norm", "class", "token", "flips(class)", "1 / 0", "log(position)", "nonsense", "2 **",
         "exp(position) ** 99"],
        ["flips(class)", "position ==", 'token == "x"', "lstm.9.forward.c.norm < 1"], ["flips(class)"],
    )  # fmt: skip
    for name in ("dark", "light"):
        for scale, width in ((1.0, 320), (2.0, 200), (1.0, 90)):
            theme.apply(name, scale)
            panel.resize(width, 500)
            studio.cursor.step(1)
            picture = panel.grab().toImage()
            assert not picture.isNull()
    assert panel.watches.width() <= panel.width()


def test_a_long_text_is_one_point_or_two_to_a_pixel(
    open_model: OpenModel, theme: Theme, show: Callable[[QWidget, int, int], None]
) -> None:
    studio = open_model("sentiment-lstm", " ".join(["good and bad"] * 700))
    panel = WatchesPanel(studio, theme)
    show(panel, 300, 400)
    studio.watches.add(f"{C}.norm")
    studio.watches.add('token == "bad"')
    assert panel.breakpoints.rows.rows[0].value == "700 of 2100"
    panel.grab()
    strip = panel.watches._drawing.strip_rect(
        panel.watches.rows.rows[0], panel.watches.visualRect(panel.watches.rows.index(0))
    )
    assert token_at(strip, strip.left(), 2100) == 0
    assert token_at(strip, strip.right(), 2100) == 2099


@pytest.mark.parametrize("fits", [12, 20, 33, 80])
def test_of_a_long_expression_the_part_with_the_fault_is_shown(fits: int) -> None:
    text = "1 + 2 + 3 + lstm.0.foward.f.mean + 4 + 5"
    for start, end in ((0, 1), (12, 32), (35, 36), (39, 40)):
        shown, carets = excerpt(text, start, end, fits)
        assert len(shown) <= fits
        marked = shown[carets.index("^") : carets.index("^") + carets.count("^")]
        assert marked.strip("…") in text[start:end]
        assert len(carets) <= max(fits, len(shown)) + 1


def test_values_are_those_of_numpy_at_every_token(panel: WatchesPanel, studio: OpenStudio) -> None:
    write(panel, f"({F} < 0.5).mean")
    assert studio.trace is not None
    shares = (studio.trace[F].values.astype(np.float64) < 0.5).mean(1)
    series = panel.watches.rows.rows[0].series
    assert series is not None
    np.testing.assert_array_equal(series.values, shares)
