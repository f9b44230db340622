"""What a step of a lesson sets in the window: the panel and page in front, its controls, and the place to look."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QTabBar,
    QWidget,
)

from embstudio.gui.binding import bind
from embstudio.gui.look_frame import LookFrame
from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio

if TYPE_CHECKING:
    from embstudio.gui.main_window import MainWindow
    from embstudio.lessons.lesson import Show

DOCK = "lessons"
_WIDTH = 360  # pixels for a lesson, at the normal size of text
_SHARE = 0.34  # of the window, at most
_SETTLE_MS = 250  # after which what a model brings is in its place, mostly
_LOOKS = 120  # times that is waited for
Value = str | float | bool


class LessonGuide(QObject):
    """Follows `studio.lessons`. What it sets in controls is set back when the lessons are left."""

    def __init__(self, studio: Studio, theme: Theme, window: MainWindow) -> None:
        super().__init__(window)
        self._studio, self._theme, self._window = studio, theme, window
        self.frame = LookFrame(window, theme)
        self._layout = QByteArray()
        self._undo: list[Callable[[], object]] = []
        self._looks = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._look)
        lessons = studio.lessons
        bind(self, lessons.entered, self._enter)
        bind(self, lessons.left, self._leave)
        bind(self, lessons.step_changed, self._step)
        bind(self, lessons.shown, self._front)
        bind(self, lessons.stage.done, self._set)
        bind(self, lessons.term_wanted, self._term)

    @property
    def layout(self) -> str:
        """How the panels stood before the lessons, as settings keep it; "" outside of them."""
        return base64.b64encode(self._layout.data()).decode("ascii")

    # In and out --------------------------------------------------------------------------------------------------

    def _enter(self) -> None:
        self._layout = self._window.state()
        self._undo.clear()
        self._window.raise_panel(DOCK)
        width = round(_WIDTH * self._theme.scale)
        dock = self._window.docks[DOCK]
        if not dock.isFloating() and dock.width() < width:
            self._window.resizeDocks(
                [dock], [min(width, round(_SHARE * self._window.width()))], Qt.Orientation.Horizontal
            )

    def _leave(self) -> None:
        self._settle.stop()
        self.frame.point_at(None)
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        if not self._layout.isEmpty():
            self._window.restore(self._layout)
            self._layout = QByteArray()
        self._window.raise_panel(DOCK)  # where one goes on from

    def _term(self, term: str) -> None:
        from embstudio.gui.panels.lessons_panel import LessonsPanel

        panel = self._window.docks[DOCK].widget()
        if isinstance(panel, LessonsPanel):
            panel.want_term(term)
        self._window.raise_panel(DOCK)

    # A step ------------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        self._settle.stop()
        self.frame.point_at(None)

    @property
    def _show(self) -> Show | None:
        lessons = self._studio.lessons
        return lessons.scene if lessons.lesson is not None else None

    def _front(self) -> None:
        """Panel and page, at once: a model may take its time to open."""
        show = self._show
        if show is None or not show.panel or show.panel not in self._window.docks:
            return
        self._window.raise_panel(show.panel)
        panel = self._window.docks[show.panel].widget()
        if show.page and panel is not None:
            choose_page(panel, show.page)

    def _set(self) -> None:
        """Everything else, once the studio is as the step says."""
        show = self._show
        if show is None or self._studio.lessons.asks:
            return
        self._front()  # another kind of model brings its own panel to the front
        for words, value in show.put:
            widget = self.find(words)
            if widget is not None:
                before = value_of(widget)
                if put(widget, value) and before is not None:
                    self._undo.append(partial(put, widget, before))
        for words in show.press:
            button = self.find(words)
            if isinstance(button, QAbstractButton) and button.isEnabled():
                button.click()
        self._looks = _LOOKS
        self._settle.start()

    def _look(self) -> None:
        """Frame the place, as soon as it can be seen: what stands there may still be worked out."""
        show = self._show
        if show is None or not show.look:
            return
        target = self.find(show.look)
        self.frame.point_at(target)
        self._looks -= 1
        if (target is None or not target.isVisible()) and self._looks > 0:
            self._settle.start()

    def find(self, words: str) -> QWidget | None:
        """The widget that stands for a place in words, one in sight before others; None where there is none."""
        from embstudio.lessons.places import place_of

        place = place_of(words)
        if place is None:
            return None
        room: QWidget | None = self._window.docks[place.panel].widget() if place.panel else self._window
        if room is None:
            return None
        if not place.widget:
            return room
        name, aloud = place.widget.removeprefix("~"), place.widget.startswith("~")
        found = [
            widget
            for widget in room.findChildren(QWidget)
            if (widget.accessibleName().lower() == name.lower() if aloud else widget.objectName() == name)
        ]
        return next((widget for widget in found if widget.isVisible()), found[0] if found else None)


def choose_page(panel: QWidget, page: str) -> bool:
    """Bring a page of a panel to the front; whether there is one of that name."""
    for tabs in panel.findChildren(PageTabs):
        for place in range(tabs.count()):
            if tabs.tabText(place).lower() == page.lower():
                tabs.setCurrentIndex(place)
                return True
    return False


def value_of(widget: QWidget) -> Value | None:
    """What stands in a control; None of what is none."""
    match widget:
        case QComboBox():
            return widget.currentText()
        case QSpinBox() | QDoubleSpinBox() | QAbstractSlider():
            return float(widget.value())
        case QLineEdit():
            return widget.text()
        case QPlainTextEdit():
            return widget.toPlainText()
        case QTabBar():
            return widget.tabText(widget.currentIndex())
        case QAbstractButton() if widget.isCheckable():
            return widget.isChecked()
        case _:
            return None


def put(widget: QWidget, value: Value) -> bool:
    """Set a control as a person would; whether it could be."""
    try:
        return _put(widget, value)
    except RuntimeError:  # its page was taken down meanwhile
        return False


def _put(widget: QWidget, value: Value) -> bool:
    match widget, value:
        case QComboBox(), str():
            places = [at for at in range(widget.count()) if widget.itemText(at).lower() == value.lower()]
            places = places or [
                at for at in range(widget.count()) if widget.itemText(at).lower().startswith(value.lower())
            ]
            if places:
                widget.setCurrentIndex(places[0])
                widget.activated.emit(places[0])
            return bool(places)
        case QSpinBox() | QAbstractSlider(), float() | int():
            widget.setValue(round(value))
        case QDoubleSpinBox(), float() | int():
            widget.setValue(float(value))
        case QLineEdit(), str():
            widget.setText(value)
            widget.setCursorPosition(0)
            widget.textEdited.emit(value)
            widget.returnPressed.emit()
            widget.editingFinished.emit()
        case QPlainTextEdit(), str():
            widget.setPlainText(value)
        case QTabBar(), str():
            return choose_tab(widget, value)
        case QAbstractButton(), bool() if widget.isCheckable():
            if widget.isChecked() != value:
                widget.click()
        case _:
            return False
    return True


def choose_tab(tabs: QTabBar, name: str) -> bool:
    """Go to a tab by its name; whether there is one."""
    for place in range(tabs.count()):
        if tabs.tabText(place).lower() == name.lower():
            tabs.setCurrentIndex(place)
            return True
    return False
