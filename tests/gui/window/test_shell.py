"""The window itself: what it remembers, its panels, colours, text sizes, messages, menus and dropped files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QToolBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from embstudio.gui.main_window import DOCKS
from embstudio.gui.panels.memory_panel import MemoryPanel
from embstudio.gui.panels.prediction_panel import PredictionPanel
from embstudio.gui.program import Program
from embstudio.gui.style.colours import DARK, LIGHT
from embstudio.modelfile.catalogue import bundled, find
from embstudio.studio import Notice, Severity
from embstudio.trace.trace import load_trace
from tests.gui.window.conftest import OpenProgram
from tests.test_import_contracts import NEVER_IN_WINDOW


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A model of the person's own, with its tokenizer beside it."""
    folder = tmp_path / "my model"
    folder.mkdir()
    source = find("sentiment-lstm")
    assert source.tokenizer is not None
    shutil.copy(source.tokenizer, folder)
    return Path(shutil.copy(source.path, folder))


def trigger(program: Program, name: str) -> None:
    """Choose an entry of a menu by its object name."""
    program.window.findChild(QAction, name).trigger()


def wait_for(program: Program, qtbot: QtBot, title: str) -> None:
    studio = program.studio
    qtbot.waitUntil(lambda: studio.document.source.title == title and not studio.busy)  # type: ignore[union-attr]


def press(widget: QWidget, name: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(widget.findChild(QToolButton, name), Qt.MouseButton.LeftButton)


# What is remembered --------------------------------------------------------------------------------------------


def test_what_was_arranged_is_there_the_next_time(open_program: OpenProgram, tmp_path: Path, qtbot: QtBot) -> None:
    settings = tmp_path / "settings.json"
    first = open_program("next-word", settings=settings)
    first.window.resize(760, 620)
    first.window.docks["inspector"].close()
    first.window.docks["space"].close()
    trigger(first, "Light")
    first.window.text_size_wanted.emit(1.2)
    first.window.transport.change_speed(2)
    first.studio.type("Once upon a time there was")
    qtbot.waitUntil(lambda: first.studio.trace.text == first.studio.sentence)  # type: ignore[union-attr]
    first.window.close()

    second = open_program(settings=settings)
    assert second.studio.document.source.name == "next-word"  # type: ignore[union-attr]
    assert second.studio.sentence == second.studio.trace.text == "Once upon a time there was"  # type: ignore[union-attr]
    assert second.window.size() == first.window.size()
    assert {name for name, dock in second.window.docks.items() if dock.isHidden()} == {"inspector", "space"}
    assert second.theme.colours == LIGHT
    assert second.theme.scale == pytest.approx(1.2)
    assert second.window.transport.speed == 4.0
    assert second.window.sentence.field.text() == "Once upon a time there was"


def test_a_closed_panel_stays_closed_even_if_it_tells_most(open_program: OpenProgram, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    first = open_program("sentiment-lstm", settings=settings)
    first.window.docks["memory"].close()
    first.window.close()
    second = open_program(settings=settings)
    assert second.window.docks["memory"].isHidden()


def test_ones_own_files_are_remembered_and_opened_again(
    open_program: OpenProgram, own: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    settings = tmp_path / "settings.json"
    first = open_program(str(own), settings=settings)
    first.studio.open("sentiment-rnn")
    wait_for(first, qtbot, find("sentiment-rnn").title)
    first.window.close()
    second = open_program(settings=settings)
    assert second.studio.document.source.name == "sentiment-rnn"  # type: ignore[union-attr]
    menu = second.window.picker.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.toolTip() == str(own)).trigger()
    wait_for(second, qtbot, "my model")
    assert second.window.windowTitle().startswith("my model")


def test_a_remembered_model_that_is_gone_is_said_and_the_first_bundled_opened(
    open_program: OpenProgram, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"model": str(tmp_path / "gone.onnx"), "sentence": "not good"}))
    program = open_program(settings=settings)
    assert program.studio.document.source == bundled()[0]  # type: ignore[union-attr]
    assert program.studio.trace.text == "not good"  # type: ignore[union-attr]


def test_settings_that_make_no_sense_do_not_keep_it_from_starting(open_program: OpenProgram, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    nonsense = {"theme": "mauve", "layout": "####", "geometry": "é", "speed": -4.0, "font_scale": 99.0, "recent": 7}
    settings.write_text(json.dumps(nonsense))
    program = open_program(settings=settings)
    assert program.theme.colours == DARK
    assert program.theme.scale == 2.0
    assert program.window.transport.speed > 0
    assert all(not dock.isHidden() for dock in program.window.docks.values())


def test_settings_that_cannot_be_saved_do_not_keep_it_from_closing(open_program: OpenProgram, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    program = open_program(settings=blocked / "settings.json")
    assert program.window.close()
    assert not program.window.isVisible()


# Panels --------------------------------------------------------------------------------------------------------


def test_a_panel_is_closed_by_its_button_and_comes_back_by_its_key(program: Program, qtbot: QtBot) -> None:
    window = program.window
    for number, (name, title, _shows) in enumerate(DOCKS, start=1):
        window.raise_panel(name)
        dock = window.docks[name]
        buttons = dock.titleBarWidget().findChildren(QToolButton)
        close = next(button for button in buttons if button.accessibleName() == f"Close the {title} panel")
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
        assert dock.isHidden()
        with qtbot.waitActive(window):
            window.activateWindow()
        if name == "lessons":
            qtbot.keyClick(window, Qt.Key.Key_F2)
        else:
            own = {"watches": Qt.Key.Key_B, "lab": Qt.Key.Key_T}  # there are nine numbers
            key = own[name] if name in own else Qt.Key(Qt.Key.Key_0.value + number)
            qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert not dock.isHidden()
        qtbot.waitUntil(lambda dock=dock: not dock.visibleRegion().isEmpty())


def test_the_menu_of_panels_takes_away_and_brings_back(program: Program) -> None:
    dock = program.window.docks["prediction"]
    action = dock.toggleViewAction()
    menu = next(menu for menu in program.window.findChildren(QMenu) if menu.title() == "&Panels")
    assert [each.text() for each in menu.actions()] == [title for _name, title, _shows in DOCKS]
    assert action in menu.actions()
    action.trigger()
    assert dock.isHidden()
    action.trigger()
    assert not dock.isHidden()


def test_restoring_the_arrangement_brings_everything_back(program: Program, qtbot: QtBot) -> None:
    window = program.window
    program.studio.open("next-word")
    wait_for(program, qtbot, find("next-word").title)
    places = {name: window.dockWidgetArea(dock) for name, dock in window.docks.items()}
    tabs = set(window.tabifiedDockWidgets(window.docks["memory"]))
    assert {window.docks[name] for name in ("attention", "layers", "gradient", "space")} <= tabs
    window.docks["anatomy"].close()
    window.docks["attention"].close()
    window.docks["inspector"].setFloating(True)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.docks["prediction"])
    trigger(program, "Restore the arrangement")
    assert not any(dock.isHidden() or dock.isFloating() for dock in window.docks.values())
    assert {name: window.dockWidgetArea(dock) for name, dock in window.docks.items()} == places
    assert set(window.tabifiedDockWidgets(window.docks["memory"])) == tabs
    # The panel that tells most of a transformer is in front again.
    qtbot.waitUntil(lambda: not window.docks["attention"].visibleRegion().isEmpty())


def test_a_floating_panel_goes_on_showing(program: Program, qtbot: QtBot) -> None:
    dock = program.window.docks["prediction"]
    dock.setFloating(True)
    qtbot.waitUntil(lambda: not dock.visibleRegion().isEmpty())
    panel = dock.widget()
    assert isinstance(panel, PredictionPanel)
    said = []
    for token in (0, 4):
        program.studio.cursor.move(token=token)
        said.append(panel.verdict.text())
    assert said[0] != said[1]


# Colours and text ----------------------------------------------------------------------------------------------


def colour_at(widget: QWidget, at: QPoint) -> str:
    colour: QColor = widget.grab().toImage().pixelColor(at)
    return colour.name()


def test_the_switch_to_light_and_back_repaints_the_panels(program: Program) -> None:
    panel = program.window.docks["memory"].widget()
    assert isinstance(panel, MemoryPanel)
    heat_map = panel.map_page.maps[0]
    corner = QPoint(heat_map.width() - 2, heat_map.height() - 2)
    cells = heat_map.cells_rect().center()
    seen = {}
    for name, colours in (("Dark", DARK), ("Light", LIGHT), ("Dark", DARK)):
        trigger(program, name)
        assert colour_at(heat_map, corner) == colours.panel.lower()
        assert colour_at(program.window.chips.viewport(), QPoint(1, 1)) == colours.window.lower()
        seen.setdefault(name, colour_at(heat_map, cells))
        assert seen[name] == colour_at(heat_map, cells)
    assert seen["Dark"] != seen["Light"]
    assert program.settings.theme == "dark"


@pytest.mark.parametrize("model", ["sentiment-lstm", "next-word"])
def test_at_twice_the_text_size_the_bars_still_fit(program: Program, qtbot: QtBot, model: str) -> None:
    window = program.window
    program.studio.open(model)
    wait_for(program, qtbot, find(model).title)
    window.text_size_wanted.emit(2.0)
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: window.chips.width() > 0 and window.width() == 1024)
    assert window.height() == 700
    inside = window.rect()
    for bar in window.findChildren(QToolBar):
        assert not bar.findChild(QToolButton, "qt_toolbar_ext_button").isVisible()
        for widget in bar.findChildren(QWidget):
            if widget.isVisible():
                left = widget.mapTo(window, QPoint(0, 0)).x()
                assert inside.left() <= left, widget.objectName()
                assert left + widget.width() <= 1024, widget.objectName()
    assert window.sentence.field.width() > 200


def test_the_text_size_keys(program: Program) -> None:
    for name, scale in (("Larger text", 1.1), ("Larger text", 1.2), ("Smaller text", 1.1), ("Normal text", 1.0),
                        ("Smaller text", 1.0)):  # fmt: skip
        trigger(program, name)
        assert program.theme.scale == pytest.approx(scale)
        assert program.window.font().pointSizeF() == pytest.approx(10 * scale)
    for _ in range(15):
        trigger(program, "Larger text")
    assert program.settings.font_scale == 2.0


# Messages ------------------------------------------------------------------------------------------------------


def test_a_message_says_what_to_do_hides_its_details_and_closes(program: Program, qtbot: QtBot) -> None:
    card = program.window.notice
    program.studio.noticed.emit(Notice(Severity.ERROR, "It broke.", "Mend it.", "ORT: 0x7f"))
    assert card.isVisible()
    assert card.accessibleDescription() == "It broke.\nMend it."
    detail = card.findChild(QPlainTextEdit, "noticeDetailText")
    assert not detail.isVisible()
    press(card, "noticeDetails", qtbot)
    assert detail.isVisible()
    assert detail.toPlainText() == "ORT: 0x7f"
    press(card, "noticeDetails", qtbot)
    assert not detail.isVisible()
    press(card, "noticeClose", qtbot)
    assert not card.isVisible()


def test_a_message_without_details_offers_none(program: Program) -> None:
    program.studio.noticed.emit(Notice(Severity.INFO, "The trace is saved."))
    assert program.window.notice.isVisible()
    assert not program.window.notice.findChild(QToolButton, "noticeDetails").isVisible()


def test_however_long_the_details_the_message_stays_inside_the_window(program: Program, qtbot: QtBot) -> None:
    window = program.window
    card = window.notice
    window.resize(800, 600)
    for scale in (1.0, 2.0):
        window.text_size_wanted.emit(scale)
        program.studio.noticed.emit(Notice(Severity.ERROR, "It broke.", "Mend it.", "a line of a traceback\n" * 80))
        press(card, "noticeDetails", qtbot)
        assert window.rect().contains(card.geometry())


def test_a_message_keeps_to_its_corner(program: Program) -> None:
    window = program.window
    program.studio.noticed.emit(Notice(Severity.ERROR, "It broke.", "Mend it."))
    for width, height in ((1100, 700), (700, 560)):
        window.resize(width, height)
        card = window.notice.geometry()
        assert window.rect().contains(card)
        assert window.width() - card.right() < 40
        assert window.height() - card.bottom() < 80


# Files, menus, the title ---------------------------------------------------------------------------------------


def drop(program: Program, *urls: QUrl) -> bool:
    """Drag files over the window and let them go; whether the window wanted them."""
    mime = QMimeData()
    mime.setUrls(list(urls))
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(300, 300), *how)
    enter.ignore()
    program.window.dragEnterEvent(enter)
    if enter.isAccepted():
        program.window.dropEvent(QDropEvent(QPointF(300, 300), *how))
    return enter.isAccepted()


def test_a_model_dropped_on_the_window_is_opened(program: Program, qtbot: QtBot, own: Path) -> None:
    assert program.window.acceptDrops()
    assert not program.window.sentence.field.acceptDrops()  # it would take the file's name for a sentence
    assert drop(program, QUrl.fromLocalFile(str(own)))
    wait_for(program, qtbot, "my model")
    assert program.studio.document.source.path == own  # type: ignore[union-attr]


def test_a_folder_with_a_model_dropped_on_the_window_is_opened(program: Program, qtbot: QtBot, own: Path) -> None:
    assert drop(program, QUrl.fromLocalFile(str(own.parent)))
    wait_for(program, qtbot, "my model")


def test_other_things_are_not_taken(program: Program, own: Path) -> None:
    text = own.with_name("notes.txt")
    text.touch()
    assert not drop(program, QUrl("https://example.org/model.onnx"))
    assert not drop(program, QUrl.fromLocalFile(str(own)), QUrl.fromLocalFile(str(text)))
    assert not drop(program)


def test_a_saved_trace_is_what_is_shown(program: Program, tmp_path: Path, notices: list[Notice]) -> None:
    path = tmp_path / "shown.npz"
    program.save_trace(path)
    saved, shown = load_trace(path), program.studio.trace
    assert shown is not None
    assert (saved.text, saved.tokens, list(saved.arrays)) == (shown.text, shown.tokens, list(shown.arrays))
    for name in shown.arrays:
        np.testing.assert_array_equal(saved[name].values, shown[name].values)
    assert str(path) in notices[-1].text


def test_gates_that_nobody_looks_at_are_saved_all_the_same(
    program: Program, qtbot: QtBot, settle: Callable[[str], None], tmp_path: Path, notices: list[Notice]
) -> None:
    path = tmp_path / "whole.npz"
    program.window.raise_panel("space")
    program.studio.type("The film was not good")
    settle("The film was not good")
    assert program.studio.trace is not None
    assert program.studio.trace.unasked
    program.save_trace(path)
    qtbot.waitUntil(path.is_file)
    saved = load_trace(path)
    assert saved.text == "The film was not good"
    assert "lstm.0.forward.f" in saved
    assert str(path) in notices[-1].text


def test_a_trace_whose_gates_do_not_come_is_not_saved_later_instead(
    program: Program, qtbot: QtBot, settle: Callable[[str], None], tmp_path: Path, notices: list[Notice]
) -> None:
    path = tmp_path / "whole.npz"
    program.window.raise_panel("space")
    program.studio.type("The film was not good")
    settle("The film was not good")
    program.save_trace(path)
    program.studio.type("Something else")  # in its place
    settle("Something else")
    assert any("was not saved" in notice.text for notice in notices)
    program.studio.type("And something else again")
    settle("And something else again")
    assert not path.exists()


def test_a_trace_that_cannot_be_saved_is_said(program: Program, tmp_path: Path, notices: list[Notice]) -> None:
    program.save_trace(tmp_path / "nowhere" / "shown.npz")
    assert notices[-1].severity is Severity.ERROR
    assert notices[-1].advice
    assert list(tmp_path.glob("nowhere*")) == []


def test_the_list_of_keys_holds_every_shortcut(program: Program) -> None:
    program.window.keys_wanted.emit()
    box = next(box for box in program.window.findChildren(QMessageBox) if box.windowTitle() == "Keys")
    assert box.isVisible()
    actions = [action for action in program.window.findChildren(QAction) if not action.shortcut().isEmpty()]
    assert len(actions) >= 20
    for action in actions:
        assert f"<b>{action.shortcut().toString()}</b>" in box.text(), action.text()
        assert action.text().replace("&", "") in box.text()
    box.close()


def test_no_two_entries_share_a_key(program: Program) -> None:
    keys = [action.shortcut().toString() for action in program.window.findChildren(QAction)]
    keys = [key for key in keys if key]
    assert sorted(keys) == sorted(set(keys))


def test_the_title_names_the_model(program: Program, qtbot: QtBot) -> None:
    for name in ("next-word", "sentiment-rnn"):
        program.studio.open(name)
        wait_for(program, qtbot, find(name).title)
        assert program.window.windowTitle() == f"{find(name).title} — embstudio"


def test_the_card_of_the_open_model_is_one_key_away(program: Program) -> None:
    program.window.card_wanted.emit()
    card = program.window.findChild(QWidget, "ModelCard")
    assert card.isVisible()
    card.close()


# The process ---------------------------------------------------------------------------------------------------

OPEN_AND_LIST = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from embstudio.gui.program import Program
from embstudio.session.worker_client import WorkerClient

client = WorkerClient()
client.start()
application = QApplication(["embstudio"])
program = Program(application, client, Path(sys.argv[1]))
clock = QTimer()

def look():
    studio = program.studio
    if program.furnished:
        program.window.raise_panel("space")
    if program.furnished and studio.trace is not None and studio.neighbours is not None and not studio.busy:
        if studio.document.source.name == "sentiment-lstm":
            studio.open("next-word")
        else:
            program.window.close()

clock.timeout.connect(look)
clock.start(20)
program.start("sentiment-lstm")
application.exec()
client.close()
print("opened", program.studio.document.source.name)
print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_windows_process_loads_nothing_that_runs_models(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AND_LIST, str(tmp_path / "settings.json")], capture_output=True, text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "opened next-word" in done.stdout
    loaded = set(done.stdout.partition("loaded ")[2].split())
    assert {"PySide6", "numpy", "embstudio"} <= loaded
    assert loaded.isdisjoint(NEVER_IN_WINDOW)


def test_one_program_after_another_leaves_no_worker(open_program: OpenProgram) -> None:
    program = open_program()
    pid = program.background.worker_pid
    assert pid is not None
    program.window.close()
    program.background.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
