"""Rows of a tree that hold a whole sentence: they reach over all columns, and are as high as their lines."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTreeWidget, QTreeWidgetItem

_IS_SENTENCE = Qt.ItemDataRole.UserRole + 100
_BESIDE = 8  # pixels left and right of a row's text, together
Index = QModelIndex | QPersistentModelIndex


class SentenceRows(QStyledItemDelegate):
    """Draws the rows of a tree, and wraps the sentences that `add` puts in to the tree's width."""

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree
        tree.setUniformRowHeights(False)
        tree.setWordWrap(True)
        tree.setItemDelegate(self)
        tree.header().sectionResized.connect(lambda *_: tree.scheduleDelayedItemsLayout())

    def add(self, parent: QTreeWidgetItem, sentence: str) -> QTreeWidgetItem:
        """A row with a sentence, under another."""
        row = QTreeWidgetItem(parent, [sentence])
        row.setData(0, _IS_SENTENCE, True)
        row.setFirstColumnSpanned(True)
        row.setToolTip(0, sentence)
        return row

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if not index.data(_IS_SENTENCE):
            option.features &= ~QStyleOptionViewItem.ViewItemFeature.WrapText

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        plain = super().sizeHint(option, index)
        if not index.data(_IS_SENTENCE):
            return plain
        depth, above = 1, index.parent()
        while above.isValid():
            depth, above = depth + 1, above.parent()
        width = self._tree.viewport().width() - depth * self._tree.indentation() - _BESIDE
        metrics = QFontMetrics(self._tree.font())
        lines = metrics.boundingRect(QRect(0, 0, max(width, 1), 1), Qt.TextFlag.TextWordWrap, str(index.data()))
        return QSize(0, lines.height() + 2)
