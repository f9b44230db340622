"""The pairs as a table one edits: two items, a label, and what training says of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme
from embstudio.lab.pairs.pair_list import LABELS, SAME, Pair

_Index = QModelIndex | QPersistentModelIndex
_HEADS = ("first", "second", "label", "distance", "")
_TIPS = (
    "A word or a sentence", "Another one", "What is right: SAME or DIFFERENT",
    "Between both vectors, as they are now. ✓: what the threshold makes of it is right, ✗: it is wrong",
    "○: held out to test with; the others are learnt from",
)  # fmt: skip
LEFT, RIGHT, LABEL, DISTANCE, PART = range(5)
_LEAST_ROWS = 4  # that can be seen
_WRAPPED = 100  # pairs whose texts go on in the next line where they are long; of more, they are cut


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What training says of all pairs, [pairs] each: distances, whether they are taken as SAME, whether that is right,
    whether they are held out."""

    distances: np.ndarray
    taken_as_same: np.ndarray
    right: np.ndarray
    held: np.ndarray


class PairsModel(QAbstractTableModel):
    """edited(): a pair was changed, added or taken out. verdicts are dropped then: they are of other rows."""

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.pairs: list[Pair] = []
        self.verdicts: Verdicts | None = None
        self._filled: tuple[Pair, ...] | None = None
        self.edited.connect(self._forget)

    @property
    def filled(self) -> tuple[Pair, ...]:
        """The pairs, without rows that are empty still."""
        if self._filled is None:
            self._filled = tuple(pair for pair in self.pairs if pair.left.strip() or pair.right.strip())
        return self._filled

    def _forget(self) -> None:
        self._filled = None

    def set_pairs(self, pairs: list[Pair]) -> None:
        """Take all pairs anew."""
        self.beginResetModel()
        self.pairs, self.verdicts, self._filled = list(pairs), None, None
        self.endResetModel()
        self.edited.emit()

    def set_verdicts(self, verdicts: Verdicts | None) -> None:
        """Take what training says, of as many pairs as there are; else it is of others, and is not shown."""
        verdicts = verdicts if verdicts is not None and len(verdicts.held) == len(self.pairs) else None
        if verdicts is self.verdicts:
            return
        self.verdicts = verdicts
        if self.pairs:
            self.dataChanged.emit(self.index(0, DISTANCE), self.index(len(self.pairs) - 1, PART))

    def add(self, pair: Pair) -> int:
        """Put a pair at the end; its row."""
        row = len(self.pairs)
        self.beginInsertRows(QModelIndex(), row, row)
        self.pairs.append(pair)
        self.verdicts = None
        self.endInsertRows()
        self.edited.emit()
        return row

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else len(self.pairs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return _HEADS[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return _TIPS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                right = section == DISTANCE
                return Qt.AlignmentFlag.AlignVCenter | (
                    Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
                )
            return None
        return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return found | Qt.ItemFlag.ItemIsEditable if index.column() <= LABEL else found

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = index.column()
        row, verdicts = index.row(), self.verdicts
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and column == DISTANCE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column == DISTANCE:
            return self._theme.mono("small")
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == DISTANCE and verdicts is not None and not verdicts.right[row]:
                return QColor(self._theme.colour("error"))
            if column == PART:
                return QColor(self._theme.colour("muted"))
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() > LABEL:
            return False
        old = self.pairs[index.row()]
        cells = [old.left, old.right, old.label]
        cells[index.column()] = str(value)
        new = Pair(cells[LEFT], cells[RIGHT], cells[LABEL] == SAME)
        if new != old:
            self.pairs[index.row()] = new
            self.verdicts = None
            self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), PART))
            self.edited.emit()
        return True

    def _text(self, row: int, column: int) -> str:
        pair, verdicts = self.pairs[row], self.verdicts
        if column <= LABEL:
            return (pair.left, pair.right, pair.label)[column]
        if verdicts is None:
            return ""
        if column == DISTANCE:
            return f"{'✓' if verdicts.right[row] else '✗'} {verdicts.distances[row]:.4f}"
        return "○" if verdicts.held[row] else ""

    def _tip(self, row: int, column: int) -> str:
        """The whole text, which may be cut, and what the signs mean."""
        verdicts = self.verdicts
        if column <= LABEL or verdicts is None:
            return self._text(row, column)
        if column == DISTANCE:
            taken = LABELS[not verdicts.taken_as_same[row]]
            return f"{verdicts.distances[row]:.6g}: taken as {taken}, {'right' if verdicts.right[row] else 'wrong'}"
        return "held out" if verdicts.held[row] else "learnt from"


class _LabelDelegate(QStyledItemDelegate):
    """SAME and DIFFERENT are chosen, not typed."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        box = QComboBox(parent)
        box.addItems(LABELS)
        box.setAccessibleName("Label")
        box.activated.connect(lambda _: self._done(box))
        return box

    def _done(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentText(index.data())

    def setModelData(self, editor: QWidget, model: Any, index: _Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())


class PairsTable(PlainTable):
    """pointed(row): another row is current, in a list that is trained. remove_wanted(), paste_wanted(), undo_wanted():
    keys for these. The arrow keys go from cell to cell."""

    pointed = Signal(int)
    remove_wanted = Signal()
    paste_wanted = Signal()
    undo_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.pairs_model = PairsModel(theme, self)
        self.setModel(self.pairs_model)
        self.setObjectName("labPairsTable")
        self.setAccessibleName("Pairs")
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.pairs_model.modelReset.connect(self._wrap)
        self._labels = _LabelDelegate(self)
        self.setItemDelegateForColumn(LABEL, self._labels)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        for column in (LEFT, RIGHT):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._point)
        self.fit()

    def _wrap(self) -> None:
        wrapped = len(self.pairs_model.pairs) <= _WRAPPED
        mode = QHeaderView.ResizeMode.ResizeToContents if wrapped else QHeaderView.ResizeMode.Fixed
        if self.verticalHeader().sectionResizeMode(0) != mode:
            self.verticalHeader().setSectionResizeMode(mode)
        self.setWordWrap(wrapped)

    def _point(self, index: QModelIndex) -> None:
        if index.isValid() and self.pairs_model.verdicts is not None:
            self.pointed.emit(index.row())

    def fit(self) -> None:
        """Fonts changed."""
        self.fit_rows()
        metrics = self.fontMetrics()
        head = self.horizontalHeader()
        self.setMinimumHeight(_LEAST_ROWS * self.verticalHeader().defaultSectionSize() + head.sizeHint().height())
        for column, text in ((LABEL, "DIFFERENT"), (DISTANCE, "✗ 00.0000"), (PART, "○")):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, metrics.horizontalAdvance(text) + 16)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)
