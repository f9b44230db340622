"""The table of what is selected: its order, what is copied, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.plots import record_table
from embstudio.gui.plots.record_table import RecordTable
from embstudio.gui.style.theme import Theme

pytestmark = pytest.mark.usefixtures("silent")

WORDS = ("pear", "Apple", "fig\tand\ttab", "banana", "cherry", "date")
COLUMNS = {"year": ("1900", "99", "", "1950", "2", "-3"), "kind": ("b", "a", "b", "", "a", "C")}
ROWS = np.array([0, 1, 2, 3, 5])


@pytest.fixture
def table(theme: Theme, show: Callable) -> RecordTable:
    table = RecordTable(theme)
    table.records.set_rows(ROWS, WORDS, COLUMNS)
    show(table, 420, 260)
    return table


def click(table: RecordTable, qtbot: QtBot, column: int) -> None:
    header = table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(column) + 12, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_all_that_is_known_of_a_row_is_listed(table: RecordTable) -> None:
    assert table.records.names == ["word", "year", "kind", "row"]
    assert [table.records.index(4, column).data() for column in range(4)] == ["date", "-3", "C", "6"]


@pytest.mark.parametrize(
    ("column", "up", "down"),
    [
        (0, [1, 3, 5, 2, 0], [0, 2, 5, 3, 1]),  # whatever the case
        (1, [5, 1, 0, 3, 2], [3, 0, 1, 5, 2]),  # as numbers, the empty one last
        (2, [1, 0, 2, 5, 3], [5, 0, 2, 1, 3]),
        (3, [0, 1, 2, 3, 5], [5, 3, 2, 1, 0]),
    ],
)
def test_a_click_sorts_and_the_third_puts_back(
    table: RecordTable, qtbot: QtBot, column: int, up: list[int], down: list[int]
) -> None:
    for expected in (up, down, ROWS.tolist()):
        click(table, qtbot, column)
        assert table.records.rows.tolist() == expected


def test_a_line_that_is_marked_stays_marked_and_leads_to_its_row(table: RecordTable, qtbot: QtBot) -> None:
    table.selectRow(3)
    click(table, qtbot, 1)
    assert table.marked.tolist() == [3]
    picked: list[int] = []
    table.picked.connect(picked.append)
    line = table.visualRect(table.records.index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=line)
    assert picked == [1]


def test_another_list_is_in_its_own_order_again(table: RecordTable, qtbot: QtBot) -> None:
    click(table, qtbot, 0)
    table.records.set_rows(np.array([4, 0]), WORDS, COLUMNS)
    assert table.records.rows.tolist() == [4, 0]
    assert table.horizontalHeader().sortIndicatorSection() == -1


def test_lines_are_copied_with_their_names(table: RecordTable, qtbot: QtBot) -> None:
    table.selectRow(2)
    line = table.records.index(4, 0)
    table.selectionModel().select(
        line, QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    )
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "word\tyear\tkind\trow\nfig and tab\t\tb\t3\ndate\t-3\tC\t6\n"
    table.clearSelection()
    table.copy_words()
    assert QGuiApplication.clipboard().text() == "pear\nApple\nfig\tand\ttab\nbanana\ndate\n"


def test_only_marked_lines_are_kept(table: RecordTable) -> None:
    kept: list[list[int]] = []
    table.narrowed.connect(lambda rows: kept.append(rows.tolist()))
    table.selectRow(4)
    next(action for action in table.actions() if "Keep" in action.text()).trigger()
    assert kept == [[5]]


def test_a_very_long_list_is_not_sorted_and_says_so(table: RecordTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_table, "SORTED", 4)
    table.records.sort(0)
    assert table.records.rows.tolist() == ROWS.tolist()
    said = table.records.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert said == record_table.UNSORTED
