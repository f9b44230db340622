"""What the colours stand for, in a corner of the plot."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen

from embstudio.gui.plots.scatter.axes import names_rect
from embstudio.gui.plots.scatter.colouring import Categories, Colouring, Numbers
from embstudio.gui.plots.scatter.picture import category_looks
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.symbols import draw_symbol
from embstudio.gui.style.numbers import four
from embstudio.gui.style.point_colours import scale_colours
from embstudio.gui.style.theme import Theme
from embstudio.space.point_grid import PointGrid

_INSET = 8.0
_WIDEST = 190.0  # pixels of a category's name, at text scale 1
_RAMP = 110.0


def legend_text(colouring: Colouring | None) -> str:
    """The legend for who does not see it."""
    if isinstance(colouring, Categories):
        return f"coloured by {colouring.title}: {', '.join(colouring.names)}"
    if isinstance(colouring, Numbers):
        return f"coloured by {colouring.title}, from {four(colouring.low)} to {four(colouring.high)}"
    return ""


class Legend:
    """Laid out once for its colouring, painted at each turn."""

    def __init__(self, colouring: Colouring, theme: Theme) -> None:
        self._colouring, self._theme = colouring, theme
        self._low = False
        small = QFontMetricsF(theme.font("small"))
        self._line = small.height() + 3
        widest = _WIDEST * theme.scale
        elide = Qt.TextElideMode.ElideRight
        self._title = small.elidedText(colouring.title, elide, widest)
        if isinstance(colouring, Categories):
            counted = np.bincount(colouring.codes, minlength=len(colouring.names))
            self._counts = [f"{count:,}" for count in counted.tolist()]
            self._names = [small.elidedText(name or "(nothing)", elide, widest) for name in colouring.names]
            self._mark = self._line
            inner = self._mark + max(map(small.horizontalAdvance, self._names)) + 12
            inner += max(map(small.horizontalAdvance, self._counts))
            lines = 1 + len(self._names)
        else:
            self._counts, self._names = [], [four(colouring.low), four(colouring.high)]
            if not np.isfinite(colouring.values).all():
                self._names.append("grey: no value")
            inner = max(_RAMP * theme.scale, sum(map(small.horizontalAdvance, self._names[:2])) + 16)
            inner = max(inner, *map(small.horizontalAdvance, self._names))
            lines = 1 + len(self._names)
        inner = max(inner, small.horizontalAdvance(self._title))
        self._size = QSizeF(inner + 2 * _INSET, lines * self._line + 1.2 * _INSET)

    def rect(self, view: PlaneView) -> QRectF:
        """Where it stands in a plot: a corner at the right. Empty where it would take up too much."""
        named = isinstance(self._colouring, Categories) and self._colouring.named
        wide, high = (0.25, 0.4) if named else (0.6, 0.8)
        if self._size.width() > wide * view.width or self._size.height() > high * view.height:
            return QRectF()
        left = view.width - self._size.width() - 6
        high = names_rect(self._theme, view.width, view.height).height()
        return QRectF(QPointF(left, view.height - high - self._size.height() - 2 if self._low else 6.0), self._size)

    def settle(self, grid: PointGrid, view: PlaneView) -> None:
        """Choose the corner, upper or lower, in which fewer points are."""
        covered = []
        for self._low in (False, True):
            rect = self.rect(view)
            left, bottom = view.plane(rect.left(), rect.bottom())
            right, top = view.plane(rect.right(), rect.top())
            covered.append(grid.near_count(left, bottom, right, top))
        self._low = covered[1] < covered[0]

    def paint(self, painter: QPainter, view: PlaneView) -> None:
        """Draw it over what lies in its corner."""
        rect, theme = self.rect(view), self._theme
        if rect.isEmpty():
            return
        ground = theme.colour("panel")
        ground.setAlpha(225)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, 4, 4)
        painter.setFont(theme.font("small"))
        line = QRectF(rect.left() + _INSET, rect.top() + 0.6 * _INSET, rect.width() - 2 * _INSET, self._line)
        painter.setPen(theme.colour("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._title)
        if isinstance(self._colouring, Categories):
            self._paint_categories(painter, line)
        else:
            self._paint_ramp(painter, line)

    def _paint_categories(self, painter: QPainter, line: QRectF) -> None:
        assert isinstance(self._colouring, Categories)
        theme = self._theme
        middle = Qt.AlignmentFlag.AlignVCenter
        looks = category_looks(self._colouring, theme.colours)
        for (shape, colour), name, count in zip(looks, self._names, self._counts, strict=True):
            line = line.translated(0, self._line)
            at = QPointF(line.left() + 0.35 * self._mark, line.center().y())
            draw_symbol(painter, at, (shape, colour, 4.2 * theme.scale, 1.0), theme.colours.panel)
            painter.setPen(theme.colour("text"))
            painter.drawText(line.adjusted(self._mark, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | middle, name)
            painter.setPen(theme.colour("muted"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, count)

    def _paint_ramp(self, painter: QPainter, line: QRectF) -> None:
        assert isinstance(self._colouring, Numbers)
        theme, middle = self._theme, Qt.AlignmentFlag.AlignVCenter
        table = np.ascontiguousarray(scale_colours(theme.colours, self._colouring.signed))
        image = QImage(table.data, len(table), 1, 3 * len(table), QImage.Format.Format_RGB888)
        line = line.translated(0, self._line)
        painter.drawImage(line.adjusted(0, 0.25 * self._line, 0, -0.2 * self._line), image)
        line = line.translated(0, self._line)
        painter.setPen(theme.colour("text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, self._names[0])
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, self._names[1])
        if len(self._names) > 2:
            painter.setPen(theme.colour("muted"))
            line = line.translated(0, self._line)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, self._names[2])
