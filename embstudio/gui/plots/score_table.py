"""Words with a score each, the best first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class ScoreModel(QAbstractTableModel):
    """Rank, word, score. heading: what the score is, in a word; about: in a sentence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[tuple[str, float], ...] = ()
        self._heading, self._about = "score", ""

    def set_rows(self, rows: Sequence[tuple[str, float]], heading: str, about: str) -> None:
        """Take words with their scores, the best first."""
        self.beginResetModel()
        self.rows, self._heading, self._about = tuple(rows), heading, about
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        word, score = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (str(index.row() + 1), word, four(score))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{index.row() + 1}. {word}: {score:.7g}\n{self._about}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if index.column() == 1 else _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("", "word", self._heading)[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == 2:
            return self._about
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == 1 else _RIGHT
        return None


class ScoreTable(PlainTable):
    """Read-only."""

    def __init__(self, theme: Theme, name: str, plain: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.scores = ScoreModel(self)
        self.setModel(self.scores)
        self.setObjectName(name)
        self.setAccessibleName(plain)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()

    def sizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(150 * self.theme.scale), 5 * self.verticalHeader().defaultSectionSize())
