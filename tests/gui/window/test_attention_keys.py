"""The Attention panel by keyboard alone, in the real window with its own keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.attention_panel import HEADS, MAP, STAGES, AttentionPanel
from tests.gui.window.conftest import OpenProgram


@pytest.fixture
def panel(open_program: OpenProgram, qtbot: QtBot) -> AttentionPanel:
    program = open_program("next-word", "The big dog ran to the old house")
    program.window.activateWindow()
    shown = program.window.docks["attention"].widget()
    assert isinstance(shown, AttentionPanel)
    qtbot.waitUntil(shown.isVisible)
    return shown


def test_pages_stages_and_zoom(panel: AttentionPanel, qtbot: QtBot) -> None:
    studio = panel.studio
    token = studio.cursor.token
    tabs = panel.findChild(QTabBar, "AttentionPages")
    tabs.setFocus()
    qtbot.waitUntil(tabs.hasFocus)
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert panel.body.currentIndex() == STAGES
    assert studio.cursor.token == token
    card = panel.stages_page.chain.cards[4]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Space)  # plays through the text elsewhere
    assert studio.probe is not None
    assert studio.probe.point.endswith(".attn.z")
    qtbot.keyClick(card, Qt.Key.Key_Right)  # no card wants it: a step
    assert studio.cursor.token == token + 1
    tabs.setFocus()
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert panel.body.currentIndex() == HEADS
    qtbot.keyClick(tabs, Qt.Key.Key_Left)
    qtbot.keyClick(tabs, Qt.Key.Key_Left)
    assert panel.body.currentIndex() == MAP
    panel.map.setFocus()
    qtbot.keyClick(panel.map, Qt.Key.Key_Plus)
    assert panel.map.window_in_sight.zoomed
    qtbot.keyClick(panel.map, Qt.Key.Key_0)
    assert not panel.map.window_in_sight.zoomed


def test_a_head_is_found_and_gone_to(panel: AttentionPanel, qtbot: QtBot) -> None:
    panel.header.pages.setCurrentIndex(HEADS)
    qtbot.waitUntil(lambda: panel.heads_page.complete)
    table = panel.heads_page.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    wanted = table.measures.at(table.currentIndex().row())
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert (panel.studio.cursor.layer, panel.studio.cursor.head) == wanted
