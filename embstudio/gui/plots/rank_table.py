"""How far each two of some lists rank alike: a square table of rank correlations, coloured from −1 to 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.colour_maps import paint, signed_map
from embstudio.gui.style.numbers import MINUS
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
_SHORT = 3  # letters of a name over a column


def short(value: float) -> str:
    """.74, −.45, 1.00: as little as tells them apart, since there are many columns."""
    text = f"{abs(value):.2f}"
    return (MINUS if value < 0 and float(text) else "") + (text[1:] if text[0] == "0" else text)


class RankModel(QAbstractTableModel):
    """names: of the lists; rho: [n, n], NaN where one of two has no order."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.names: tuple[str, ...] = ()
        self.rho = np.zeros((0, 0))

    def set_matrix(self, names: Sequence[str], rho: np.ndarray) -> None:
        """Take another table."""
        self.beginResetModel()
        self.names, self.rho = tuple(names), rho
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.names)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.names)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        value = float(self.rho[index.row(), index.column()])
        if role == Qt.ItemDataRole.DisplayRole:
            return "—" if math.isnan(value) else short(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _MIDDLE
        if role == Qt.ItemDataRole.ToolTipRole:
            said = "one of them has no order" if math.isnan(value) else f"ρ = {value:.6f}".replace("-", MINUS)
            return f"{self.names[index.row()]} and {self.names[index.column()]}: {said}"
        if role == Qt.ItemDataRole.BackgroundRole:
            return None if math.isnan(value) else self._ground(value)
        if role == Qt.ItemDataRole.ForegroundRole:
            light = math.isnan(value) or self._ground(value).lightnessF()
            return None if isinstance(light, bool) else QColor("#101216" if light > 0.5 else "#FFFFFF")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        name = self.names[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return name if orientation == Qt.Orientation.Vertical else name[:_SHORT]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return name
        return None

    def _ground(self, value: float) -> QColor:
        red, green, blue, _alpha = paint(np.array([value]), -1, 1, signed_map(self._theme.colours))[0].tolist()
        return QColor(red, green, blue)


class RankTable(PlainTable):
    """As high as its rows."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.ranks = RankModel(theme, self)
        self.setModel(self.ranks)
        self.setObjectName("rankTable")
        self.setAccessibleName("How far each two metrics rank alike")
        self.setSelectionBehavior(RankTable.SelectionBehavior.SelectItems)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.restyle()

    def set_matrix(self, names: Sequence[str], rho: np.ndarray) -> None:
        """Take another table."""
        self.ranks.set_matrix(names, rho)
        self._fit()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(self.theme.font("small"))
        self.horizontalHeader().setMinimumSectionSize(self.fontMetrics().horizontalAdvance("−.00") + 10)
        self.fit_rows()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(240 * self.theme.scale), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        rows, header = self.ranks.rowCount(), self.horizontalHeader()
        wanted = self.verticalHeader().sizeHint().width() + rows * header.minimumSectionSize()
        scroll = self.horizontalScrollBar().sizeHint().height() if wanted > self.width() else 0
        high = header.sizeHint().height() + rows * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(high + scroll)
