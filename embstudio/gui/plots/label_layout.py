"""Labels beside points, none over another."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

GAP = 6.0


class LabelLayout:
    """Places labels one by one: right, left, above or below their point, wherever the first free place is."""

    def __init__(self, bounds: QRectF) -> None:
        self._bounds = bounds
        self._taken: list[QRectF] = []

    def reserve(self, rect: QRectF) -> None:
        """Keep a rectangle free of labels."""
        self._taken.append(rect)

    def place(self, point: QPointF, size: QSizeF, *, must: bool = False) -> QRectF | None:
        """Where the label goes, or None if there is no room. must: it is shown in any case, over others if need be."""
        wide, high = size.width(), size.height()
        corners = (
            QPointF(point.x() + GAP, point.y() - high / 2),
            QPointF(point.x() - GAP - wide, point.y() - high / 2),
            QPointF(point.x() - wide / 2, point.y() - GAP - high),
            QPointF(point.x() - wide / 2, point.y() + GAP),
        )
        for corner in corners:
            rect = QRectF(corner, size)
            if self._bounds.contains(rect) and not any(rect.intersects(other) for other in self._taken):
                self._taken.append(rect)
                return rect
        if not must:
            return None
        rect = QRectF(corners[0], size)
        rect.moveLeft(min(max(rect.left(), self._bounds.left()), self._bounds.right() - wide))
        rect.moveTop(min(max(rect.top(), self._bounds.top()), self._bounds.bottom() - high))
        self._taken.append(rect)
        return rect
