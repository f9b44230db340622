"""The points of two runs, a line each: how far apart, and where."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.numbers import MINUS, four
from embstudio.gui.style.theme import Theme
from embstudio.session.execution.parity import Parity, PointParity
from embstudio.session.execution.say_parity import say_place
from embstudio.session.verdict import scientific
from embstudio.trace.points import parse

SMALLEST = 1e-8  # share that a bar begins with: less than float32 rounds to
_TIPS = (
    "Places in the model, in the order in which they are worked out",
    "√(Σ (B − A)² / Σ A²): the difference as a share of the values there",
    "The share as a bar, each tenfold as long as the last; the upright line is where two ways part",
    "The largest difference of one value, |B − A|",
    "The value there, as A has it",
    "The value there, as B has it",
    "Where the largest difference is",
)


class ParityModel(LineModel[PointParity]):
    """The first line at which they part is set off, and says so in words."""

    headings = ("point", "share", "", "largest", "A", "B", "where")
    words = frozenset({0, 2, 6})

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parting: PointParity | None = None

    def show_parity(self, found: Parity | None) -> None:
        """Take the points of a comparison; None takes them away."""
        self._parting = found.parting if found is not None else None
        self.take(found.points if found is not None else ())

    def cells(self, _place: int, line: PointParity) -> Sequence[str]:
        share = "∞" if line.share == float("inf") else scientific(line.share) if line.share else "0"
        same = line.largest == 0
        where = "" if same else say_place(line)
        a, b = ("", "") if same else (_seven(line.a), _seven(line.b))
        name = f"{line.name}  ◀ here they part" if line is self._parting else line.name
        return name, share, "", "0" if same else four(line.largest), a, b, where

    def tip(self, _place: int, line: PointParity) -> str:
        kind = parse(line.name).kind
        first = f"\nThe same entry comes first in {line.same_first} of {line.rows} rows." if line.rows else ""
        return (
            f"{line.name}: {kind.meaning}\n"
            f"{line.count:,} values; A {line.a!r}, B {line.b!r} at {say_place(line)}{first}\n"
            "A click shows that value in the inspector."
        )

    def heading_tip(self, section: int) -> str:
        return _TIPS[section]

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.rows[index.row()]
        if role == Qt.ItemDataRole.FontRole and line is self._parting:
            return self._theme.font(bold=True)
        if role == Qt.ItemDataRole.ForegroundRole and line is self._parting and index.column() < 2:
            return self._theme.colour("warning")
        return super().data(index, role)


class ShareBars(QStyledItemDelegate):
    """A bar as long as the logarithm of a share: what float32 rounds away is the left end, all of the value the right.

    tolerance: where the upright line stands; what goes beyond it is drawn as a warning.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tolerance = 1.0

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        model = index.model()
        assert isinstance(model, ParityModel)
        share = model.rows[index.row()].share
        room: QRectF = QRectF(option.rect).adjusted(6, 5, -6, -5)
        colour = self._theme.colour("warning" if not share <= self.tolerance else "residual")
        painter.fillRect(QRectF(room.x(), room.y(), room.width() * _along(share), room.height()), colour)
        limit = room.x() + room.width() * _along(self.tolerance)
        painter.fillRect(QRectF(limit, room.y() - 4, 1, room.height() + 8), self._theme.colour("border"))


def _seven(value: float) -> str:
    """Seven digits, as many as float32 holds: fewer would often be the same in both."""
    return f"{value:.7g}".replace("-", MINUS)


def _along(share: float) -> float:
    """Where a share stands between the two ends, 0 to 1."""
    return 0.0 if share <= SMALLEST else min(1.0, 1 - math.log10(min(share, 1.0)) / math.log10(SMALLEST))


class ParityTable(PlainTable):
    """`lines` is its model."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.lines = ParityModel(theme, self)
        self.setModel(self.lines)
        self.setObjectName("parityTable")
        self.setAccessibleName("How far the two runs are apart at each point")
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        header.setStretchLastSection(True)
        self.bars = ShareBars(theme, self)
        self.setItemDelegateForColumn(2, self.bars)
        self.restyle()

    def show_parity(self, found: Parity | None) -> None:
        """Take a comparison, and bring the line into sight where the two part."""
        self.bars.tolerance = found.tolerance if found is not None else 1.0
        self.lines.show_parity(found)
        parting = found.parting if found is not None else None
        if found is not None and parting is not None:
            place = found.points.index(parting)
            self.scrollTo(self.lines.index(place, 0), PlainTable.ScrollHint.PositionAtCenter)

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.horizontalHeader().resizeSection(2, round(96 * self.theme.scale))
        self.fit_rows()
