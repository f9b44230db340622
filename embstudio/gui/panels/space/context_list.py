"""The list of sentences with its buttons: add, remove, paste, take back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHeaderView, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.space.context_rows import FOUND, GROUP, MOST, SENTENCE, ContextRows, rows_of
from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme

_EDIT_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ContextTableView(PlainTable):
    """The rows, editable: a double click, F2 or Enter. Delete takes rows out, Ctrl+V puts lines in, Ctrl+Z undoes."""

    paste_wanted = Signal()
    remove_wanted = Signal()
    undo_wanted = Signal()

    def __init__(self, theme: Theme, model: ContextRows, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        triggers = PlainTable.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.setModel(model)
        self.setObjectName("contextSentences")
        self.setAccessibleName("Sentences with the word")
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(SENTENCE, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(FOUND, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(GROUP, QHeaderView.ResizeMode.Interactive)
        self.restyle()

    def restyle(self) -> None:
        """Fonts changed."""
        self.setFont(self.theme.font("small"))
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        for each in (header, self.verticalHeader()):
            each.setFont(self.theme.font("small"))
        self.setColumnWidth(FOUND, metrics.horizontalAdvance("none") + 10)
        self.setColumnWidth(GROUP, metrics.horizontalAdvance("not heavy") + round(16 * self.theme.scale) + 12)
        self.fit_rows()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(160 * self.theme.scale), 5 * self.verticalHeader().defaultSectionSize())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._uses(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete and self.state() != PlainTable.State.EditingState:
            self.remove_wanted.emit()
        elif event.key() in _EDIT_KEYS and self.state() != PlainTable.State.EditingState:
            self._edit_current()
        else:
            super().keyPressEvent(event)

    def _edit_current(self) -> None:
        current = self.currentIndex()
        if current.isValid():
            self.edit(current.siblingAtColumn(SENTENCE) if current.column() == FOUND else current)

    def _uses(self, event: QKeyEvent) -> bool:
        """Whether a key is for the list although the window may have a use for it."""
        sequences = (QKeySequence.StandardKey.Paste, QKeySequence.StandardKey.Undo)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        return any(event.matches(each) for each in sequences) or (
            plain and (bool(event.text()) or event.key() in (*_EDIT_KEYS, *_ARROWS))
        )


_ARROWS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_F2,
)  # fmt: skip


class ContextList(QWidget):
    """changed(): the sentences or groups are others. chosen(row): the person went to a row. told(text): what became of
    what they did."""

    changed = Signal()
    chosen = Signal(int)
    told = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.model = ContextRows(self)
        self.table = ContextTableView(theme, self.model, self)
        self.add = self._button("contextAdd", "Add", "Write a further sentence")
        self.remove = self._button("contextRemove", "Remove", "Take the chosen sentences out (Delete)")
        self.paste = self._button(
            "contextPaste", "Paste",
            "Put the lines of the clipboard in, each a sentence, or a group, a tab and a sentence (Ctrl+V)",
        )  # fmt: skip
        self.undo = self._button("contextUndo", "Undo", "Take the last change of the list back (Ctrl+Z)")
        buttons = FlowRow(self)
        for button in (self.add, self.remove, self.paste, self.undo):
            buttons.flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.table, 1)
        column.addWidget(buttons)
        self.add.clicked.connect(self.write)
        self.remove.clicked.connect(self._remove)
        self.paste.clicked.connect(self._paste)
        self.undo.clicked.connect(self._undo)
        self.table.paste_wanted.connect(self._paste)
        self.table.remove_wanted.connect(self._remove)
        self.table.undo_wanted.connect(self._undo)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.model.edited.connect(self._on_edited)
        self.restyle()
        self._on_edited()

    @property
    def rows(self) -> list[tuple[str, str]]:
        """group, sentence of each row."""
        return list(self.model.rows)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.model.quiet = self._theme.colour("muted")
        self.table.restyle()

    def go_to(self, row: int) -> None:
        """Mark a row without a word about it."""
        if self.table.currentIndex().row() != row:
            selection = self.table.selectionModel()
            selection.blockSignals(True)
            flags = QItemSelectionModel.SelectionFlag
            selection.setCurrentIndex(self.model.index(row, SENTENCE), flags.ClearAndSelect | flags.Rows)
            selection.blockSignals(False)
            self.table.scrollTo(self.model.index(row, SENTENCE))
            self.table.viewport().update()

    def write(self) -> None:
        """Begin a further sentence."""
        index = self.model.index(self.model.rowCount() - 1, SENTENCE)
        self.table.setCurrentIndex(index)
        self.table.setFocus()
        self.table.edit(index)

    def _paste(self) -> None:
        rows = rows_of(QGuiApplication.clipboard().text())
        if not rows:
            self.told.emit("There is no text to paste. Copy sentences first, each on a line of its own.")
            return
        current = self.table.currentIndex()
        at = min(current.row() + 1, len(self.model.rows)) if current.isValid() else len(self.model.rows)
        taken = self.model.insert(at, rows)
        if taken < len(rows):
            self.told.emit(f"{taken} of {len(rows)} lines were taken: there is room for {MOST} sentences.")

    def _remove(self) -> None:
        self.model.remove({index.row() for index in self.table.selectionModel().selectedIndexes()})

    def _undo(self) -> None:
        self.model.undo()

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid() and current.row() < len(self.model.rows):
            self.chosen.emit(current.row())

    def _on_edited(self) -> None:
        self.undo.setEnabled(self.model.can_undo)
        self.remove.setEnabled(bool(self.model.rows))
        self.add.setEnabled(len(self.model.rows) < MOST)
        self.changed.emit()

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        return button
