"""A list of watches or breakpoints that is worked with by mouse and by keyboard alike."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QSizePolicy, QToolTip, QWidget

from embstudio.gui.panels.watches.row import Row
from embstudio.gui.panels.watches.row_delegate import RowDelegate
from embstudio.gui.panels.watches.row_model import RowModel
from embstudio.gui.panels.watches.strip import token_at
from embstudio.gui.style.theme import Theme
from embstudio.stepper.watch.telling import value_at
from embstudio.studio import Studio

_Index = QModelIndex | QPersistentModelIndex


class RowList(QListView):
    """Up and Down choose, Enter or F2 edits, Delete removes, Space switches a breakpoint, N and Shift+N go to the next
    and the previous place where a condition holds; the menu key has all of it.

    edited(row, text), removed(row), toggled(row, enabled). went(token): the person pointed at a token's part of a
    strip. searched(row, direction): on to the next place (1) or back (−1). came_to(rect): a row was chosen, there.
    """

    edited = Signal(int, str)
    removed = Signal(int)
    toggled = Signal(int, bool)
    went = Signal(int)
    searched = Signal(int, int)
    came_to = Signal(QRect)

    def __init__(self, studio: Studio, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._studio = studio
        self.rows = RowModel(self)
        self._drawing = RowDelegate(studio, theme, self)
        self.setModel(self.rows)
        self.setItemDelegate(self._drawing)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # it is as high as its rows
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.rows.edited.connect(self.edited)
        self.rows.toggled.connect(self.toggled)

    @property
    def current(self) -> int | None:
        """The row that is chosen."""
        at = self.currentIndex()
        return at.row() if at.isValid() and at.row() < len(self.rows.rows) else None

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Take the rows; the one that is chosen stays so as far as it exists."""
        chosen, count = self.current, len(self.rows.rows)
        self.rows.set_rows(rows)
        if len(rows) != count:
            if chosen is not None and rows:
                self.setCurrentIndex(self.rows.index(min(chosen, len(rows) - 1)))
            self.setVisible(bool(rows))
            self.updateGeometry()

    def edit_row(self, row: int, attempt: str | None = None) -> None:
        """Let the person write in the place of a row. attempt: what was refused a moment ago."""

        def begin() -> None:
            self._drawing.attempt = attempt
            index = self.rows.index(row)
            self.setCurrentIndex(index)
            self.edit(index)
            self._drawing.attempt = None

        QTimer.singleShot(0, self, begin)  # a field that is just being closed has to be gone first

    def _menu_of(self, row: int) -> QMenu:
        """What can be done with a row; it goes when it is closed."""
        menu = QMenu(self)
        menu.setObjectName("rowMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self.rows.rows[row]
        choices = [("&Edit", "Enter", lambda: self.edit_row(row)), ("&Remove", "Del", lambda: self.removed.emit(row))]
        if shown.enabled is not None:
            switch = "&Disable" if shown.enabled else "&Enable"
            choices.append((switch, "Space", lambda: self.toggled.emit(row, not shown.enabled)))
        if shown.is_condition:
            choices.append(("&Next place", "N", lambda: self.searched.emit(row, 1)))
            choices.append(("&Previous place", "Shift+N", lambda: self.searched.emit(row, -1)))
        for text, key, do in choices:
            action = menu.addAction(f"{text}\t{key}")
            action.triggered.connect(lambda _checked=False, do=do: do())
        return menu

    def sizeHint(self) -> QSize:
        rows = len(self.rows.rows)
        return QSize(160, sum(self.sizeHintForRow(row) for row in range(rows)) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.came_to.emit(self.visualRect(current))

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.scheduleDelayedItemsLayout()
        self.updateGeometry()
        self.viewport().update()

    # Keyboard ----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.current is not None
            and event.key() == Qt.Key.Key_Space
            and self.rows.rows[self.current].enabled is not None
        ):
            event.accept()  # here it switches the breakpoint; elsewhere it plays
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current
        if row is None:
            super().keyPressEvent(event)
            return
        shown = self.rows.rows[row]
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F2:
                self.edit_row(row)
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.removed.emit(row)
            case Qt.Key.Key_Space if shown.enabled is not None:
                self.toggled.emit(row, not shown.enabled)
            case Qt.Key.Key_N if shown.is_condition:
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.searched.emit(row, -1 if back else 1)
            case _:
                super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys here, not the beginning of a row."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        at = self.visualRect(index).center() if by_key else event.pos()
        self._menu_of(index.row()).popup(self.viewport().mapToGlobal(at))

    # Mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position().toPoint()
        index = self.indexAt(at)
        if not index.isValid():
            return
        row, rect = self.rows.rows[index.row()], self.visualRect(index)
        if row.enabled is not None and self._drawing.box_rect(rect).adjusted(-4, -4, 4, 4).contains(at):
            self.toggled.emit(index.row(), not row.enabled)
            return
        token = self._pointed_at(index, at)
        if token is not None:
            self.went.emit(token)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        token = self._pointed_at(self.indexAt(at), at)
        if token is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.went.emit(token)
            return
        shape = Qt.CursorShape.ArrowCursor if token is None else Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if index.isValid() and self._pointed_at(index, at) is None:
            self.edit_row(index.row())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            if index.isValid():
                QToolTip.showText(event.globalPos(), self.describe(index, event.pos()), self)
            return True
        return super().viewportEvent(event)

    def describe(self, index: QModelIndex, at: QPoint) -> str:
        """What the tooltip says: the row in full, and the value at the token that is pointed at."""
        row = self.rows.rows[index.row()]
        if row.problem:
            return row.fault or row.problem
        token, trace = self._pointed_at(index, at), self._studio.trace
        if token is None or trace is None or row.series is None or token >= len(row.series):
            return f"{row.text}\n{row.value}"
        return f"token {token + 1} ‘{trace.tokens[token].text.strip()}’: {value_at(row.series, token)}\n{row.text}"

    def _pointed_at(self, index: QModelIndex, at: QPoint) -> int | None:
        """The token whose part of a row's strip is at a place."""
        if not index.isValid():
            return None
        row = self.rows.rows[index.row()]
        if row.series is None or not (row.is_condition or row.line is not None):
            return None
        strip = self._drawing.strip_rect(row, self.visualRect(index))
        if not strip.adjusted(0, -2, 0, 3).contains(at):
            return None
        return token_at(strip, at.x(), len(row.series))
