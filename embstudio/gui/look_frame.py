"""A frame around the place that a lesson speaks of. It takes no clicks, and goes along when the place moves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.style.theme import Theme

WIDTH = 3  # pixels
_MOVES = frozenset(
    (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)
)


class LookFrame(QWidget):
    """`point_at` a widget; None takes the frame away."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self.setObjectName("lookFrame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._theme = theme
        self.target: QWidget | None = None
        self._watched: list[QObject] = []
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._follow)
        bind(self, theme.changed, self.update)
        self.hide()

    def point_at(self, target: QWidget | None) -> None:
        """Frame a widget of the window, scrolled into sight."""
        for watched in self._watched:
            watched.removeEventFilter(self)
        if self.target is not None:
            self.target.destroyed.disconnect(self._lose)
        self._watched = []
        self.target = target
        if target is not None:
            target.destroyed.connect(self._lose)
            at: QWidget | None = target
            while at is not None and at is not self.parentWidget():
                at.installEventFilter(self)
                self._watched.append(at)
                if isinstance(at, QScrollArea):
                    at.ensureWidgetVisible(target, 8, 8)
                at = at.parentWidget()
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._settle.start()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("accent"), WIDTH))
        inset = WIDTH // 2 + 1
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), 6, 6)
        painter.end()

    def _seen(self) -> QRect:
        """The part of the target that no scroll area cuts off, in the window's coordinates."""
        window, at = self.parentWidget(), self.target
        assert window is not None
        seen = window.rect()
        while at is not None and at is not window:
            if at.isWindow():  # a panel that floats
                return QRect()
            seen &= QRect(at.mapTo(window, QPoint(0, 0)), at.size())
            at = at.parentWidget()
        return seen

    def _lose(self) -> None:
        self.target, self._watched = None, []
        self.hide()

    def _follow(self) -> None:
        """Lie around what of the target can be seen."""
        target, window = self.target, self.parentWidget()
        seen = self._seen() if target is not None and target.isVisible() else QRect()
        if seen.isEmpty() or window is None:
            self.hide()
            return
        self.setGeometry(seen.adjusted(-WIDTH, -WIDTH, WIDTH, WIDTH).intersected(window.rect()))
        self.show()
        self.raise_()
