"""A row of controls that goes on in the next line where it is too narrow, as words do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Items from left to right at the size they want, wrapping; hidden ones take no room.

    FlowRow keeps its widget as high as the lines need: a layout whose height depends on its width makes a scroll area
    around it take everybody's wishes for needs.

    tail: the last item takes what is left of its line, or a line of its own where less than `tail` pixels are left.
    """

    def __init__(
        self, parent: QWidget | None = None, *, spacing: int = 8, line_spacing: int = 4, tail: int = 0
    ) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap, self._tail = spacing, line_spacing, tail
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # Qt asks beyond the end
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def heightForWidth(self, width: int) -> int:
        margins = self.contentsMargins()
        inside = QRect(0, 0, width - margins.left() - margins.right(), 0)
        return self._arrange(inside, move=False) + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Of the largest item; how high all are together depends on the width (`heightForWidth`)."""
        shown = [item for item in self._items if not item.isEmpty()]
        widest = max((item.minimumSize().width() for item in shown), default=0)
        highest = max((item.minimumSize().height() for item in shown), default=0)
        margins = self.contentsMargins()
        return QSize(widest + margins.left() + margins.right(), highest + margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(self.contentsRect(), move=True)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Place the items, or only find out how high they are together."""
        lines: list[list[tuple[QLayoutItem, int]]] = [[]]
        shown = [item for item in self._items if not item.isEmpty()]
        used = 0
        for item in shown:
            wide = min(item.sizeHint().width(), max(rect.width(), item.minimumSize().width()))
            if item is shown[-1] and self._tail:
                left = rect.width() - used
                wide = left if left >= self._tail or not used else rect.width()
            if lines[-1] and used + wide > rect.width():
                lines.append([])
                used = 0
            lines[-1].append((item, wide))
            used += wide + self._gap
        y = rect.top()
        for line in lines:
            high = max((item.sizeHint().height() for item, _wide in line), default=0)
            x = rect.left()
            for item, wide in line:
                if move:
                    own = min(high, item.sizeHint().height())
                    item.setGeometry(QRect(x, y + (high - own) // 2, wide, own))
                x += wide + self._gap
            y += high + self._line_gap
        return max(0, y - rect.top() - self._line_gap)


class FlowRow(QWidget):
    """A widget whose items are in a FlowLayout (`flow`), and which is as high as they need."""

    def __init__(self, parent: QWidget | None = None, *, tail: int = 0) -> None:
        super().__init__(parent)
        self.flow = FlowLayout(self, tail=tail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def _fit(self) -> None:
        self.setFixedHeight(self.flow.heightForWidth(self.width()))
