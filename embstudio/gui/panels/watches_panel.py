"""The Watches panel: values that are watched at every step, and conditions at which playing stops."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.watches.examples_label import ExamplesLabel
from embstudio.gui.panels.watches.expression_field import ExpressionField
from embstudio.gui.panels.watches.fault_label import FaultLabel
from embstudio.gui.panels.watches.list_head import ListHead
from embstudio.gui.panels.watches.row import Row, breakpoint_row, watch_row
from embstudio.gui.panels.watches.row_list import RowList
from embstudio.gui.style.theme import Theme
from embstudio.stepper.class_readout import class_readout
from embstudio.stepper.watch.completion import examples
from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.studio import Studio
from embstudio.studio.watches import nearest

TYPE_HERE = "Value to watch, or condition to stop at"
SHORT = "Value or condition"


class WatchesPanel(Panel):
    """Reads `studio.watches`. One field adds to both lists: a condition becomes a breakpoint, anything else a watch."""

    title = "Watches"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.fault = FaultLabel(theme, self)
        self.field = ExpressionField(studio, self)
        self.field.setObjectName("watchField")
        self.field.setPlaceholderText(SHORT)
        self.field.setAccessibleName(TYPE_HERE)
        self.field.setToolTip(
            "For example lstm.0.forward.f.mean < 0.5; names are offered while you type.\n"
            "Enter adds it: a condition becomes a breakpoint, anything else a watch. “before” is the token to the left."
        )
        self.field.returnPressed.connect(self.add)
        self.field.textEdited.connect(lambda _text: self.fault.show_error(None))
        self.add_button = self._add_button()
        self.watches = self._list("watchList", "Watches")
        self.breakpoints = self._list("breakpointList", "Breakpoints")
        self.watches.edited.connect(lambda row, text: self._edit(self.watches, studio.watches.edit_watch, row, text))
        self.watches.removed.connect(studio.watches.remove_watch)
        self.watches.searched.connect(self._search_watch)
        self.breakpoints.edited.connect(
            lambda row, text: self._edit(self.breakpoints, studio.watches.edit_breakpoint, row, text)
        )
        self.breakpoints.removed.connect(studio.watches.remove_breakpoint)
        self.breakpoints.toggled.connect(studio.watches.enable)
        self.breakpoints.searched.connect(self._search_breakpoint)
        self.reason = ElidedLabel("", self)
        self.reason.setObjectName("stopReason")
        self.reason.setAccessibleName("Why playing stopped")
        self.reason.setContentsMargins(8, 2, 8, 2)
        self.examples = ExamplesLabel(theme, self)
        self.examples.chosen.connect(self._take_example)
        self.watch_head = ListHead("Watches", self.watches, theme, places=False)
        self.break_head = ListHead("Breakpoints", self.breakpoints, theme, places=True)
        self.scrolled = self._scroll()
        self._examples: list[tuple[str, str]] = []  # that are shown
        self._lay_out()
        bind(self, studio.watches.changed, self._on_watches)
        bind(self, studio.watches.stopped, self._show_reason)
        self.restyle()
        self._show_reason(studio.watches.reason)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 120)

    def restyle(self) -> None:
        self.watch_head.restyle()
        self.break_head.restyle()
        self.field.setFont(self.theme.mono("small"))
        self.fault.restyle()
        self.examples.restyle()
        self.watches.restyle()
        self.breakpoints.restyle()

    def show_trace(self) -> None:
        document, trace = self.studio.document, self.studio.trace
        if document is None or trace is None:
            return
        readout = class_readout(trace)
        known = examples(
            document.opened.anatomy.point_names, document.labels, apart=readout is not None and readout.apart
        )
        if known == self._examples:
            return
        self._examples = known
        self.examples.show_examples(known)
        self._fill_menu(known)

    def show_place(self) -> None:
        watches, token = self.studio.watches, self.studio.cursor.token
        watched = tuple(watch_row(watches.outcome(text), token) for text in watches.watches)
        stops = tuple(
            breakpoint_row(each, watches.outcome(each.text), watches.places(each.text), token)
            for each in watches.breakpoints
        )
        self.watches.show_rows(watched)
        self.breakpoints.show_rows(stops)
        self._show_what_there_is(watched, stops)

    # Adding and editing ------------------------------------------------------------------------------------------

    def add(self) -> None:
        """Add what stands in the field."""
        self._try(self.field.text(), self.studio.watches.add)

    def _try(self, text: str, add: Callable[[str], object]) -> None:
        """Add an expression; where it is refused, say why and leave it in the field."""
        try:
            add(text)
        except ExpressionError as error:
            self.field.setText(text)
            self.fault.show_error(error)
            self.field.setFocus()
            self.field.setCursorPosition(min(error.end, len(text)))
            return
        self.fault.show_error(None)
        self.field.clear()

    def _take_example(self, text: str) -> None:
        self._try(text, self.studio.watches.add)

    def _edit(self, rows: RowList, edit: Callable[[int, str], object], row: int, text: str) -> None:
        try:
            edit(row, text)
        except ExpressionError as error:
            self.fault.show_error(error)
            rows.edit_row(row, text)
            return
        self.fault.show_error(None)
        rows.setFocus()

    # Places ------------------------------------------------------------------------------------------------------

    def _search_breakpoint(self, row: int, direction: int) -> None:
        self._search(self.studio.watches.breakpoints[row].text, direction)

    def _search_watch(self, row: int, direction: int) -> None:
        self._search(self.studio.watches.watches[row], direction)

    def _search(self, text: str, direction: int) -> None:
        place = nearest(self.studio.watches.places(text), self.studio.cursor.token, direction)
        if place is not None:
            self.studio.cursor.move(token=place)

    # What is seen ------------------------------------------------------------------------------------------------

    def _on_watches(self) -> None:
        self._stale_place = True
        self.refresh()

    def _show_what_there_is(self, watched: tuple[Row, ...], stops: tuple[Row, ...]) -> None:
        self.examples.setVisible(not watched and not stops)
        self.scrolled.setVisible(bool(watched or stops))
        self.watch_head.setVisible(bool(watched))
        self.break_head.setVisible(bool(stops))

    def _show_reason(self, reason: str) -> None:
        self.reason.setText(f"● {reason}" if reason else "")
        self.reason.setVisible(bool(reason))

    def _lay_out(self) -> None:
        adding = QHBoxLayout()
        adding.setContentsMargins(8, 8, 8, 4)
        adding.setSpacing(4)
        adding.addWidget(self.field, 1)
        adding.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        column.addLayout(adding)
        self.fault.setContentsMargins(8, 0, 8, 4)
        column.addWidget(self.fault)
        column.addWidget(self.reason)
        column.addWidget(self.examples, 1)
        column.addWidget(self.scrolled, 1)

    def _scroll(self) -> QScrollArea:
        """Both lists, one below the other, that scroll together."""
        inside = QWidget(self)
        inside.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.watch_head, self.watches, self.break_head, self.breakpoints):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        for rows in (self.watches, self.breakpoints):
            rows.came_to.connect(lambda rect, rows=rows: self._reveal(rows, rect))
        return scroll

    def _reveal(self, rows: RowList, rect: QRect) -> None:
        inside = self.scrolled.widget()
        assert inside is not None
        top = rows.mapTo(inside, rect.topLeft()).y()
        self.scrolled.ensureVisible(0, top + rect.height() // 2, 0, rect.height() // 2 + 4)

    def _list(self, name: str, title: str) -> RowList:
        rows = RowList(self.studio, self.theme, name, self)
        rows.setAccessibleName(title)
        rows.went.connect(lambda token: self.studio.cursor.move(token=token))
        rows.hide()
        return rows

    def _add_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("addWatch")
        button.setText("Add")
        button.setAccessibleName("Add the expression")
        button.setToolTip("Add it: a condition as breakpoint, anything else as watch (Enter). The arrow has examples.")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setMenu(QMenu(button))
        button.clicked.connect(self.add)
        self._fill_menu([], button.menu())
        return button

    def _fill_menu(self, known: list[tuple[str, str]], menu: QMenu | None = None) -> None:
        menu = menu or self.add_button.menu()
        menu.clear()
        menu.setToolTipsVisible(True)
        watches = self.studio.watches
        menu.addAction("&Watch it", lambda: self._try(self.field.text(), watches.add_watch))
        menu.addAction("&Break where it holds", lambda: self._try(self.field.text(), watches.add_breakpoint))
        if known:
            menu.addSection("Examples")
        for text, meaning in known:
            action = menu.addAction(text)
            action.setToolTip(meaning)
            action.triggered.connect(partial(self._put, text))

    def _put(self, text: str, _checked: bool = False) -> None:
        """Put an example into the field, to be changed or added."""
        self.field.setText(text)
        self.field.setFocus()
        self.fault.show_error(None)
