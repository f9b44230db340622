"""What must be said of a picture, in its corner: on as many lines as it takes, for what is cut off is not said."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.style.theme import Theme

_BETWEEN = " · "
_MOST = 0.4  # of the plot's height


class Notes:
    """Laid out for a view beside a corner that something else has."""

    def __init__(self, said: Sequence[str], theme: Theme, view: PlaneView, corner: QRectF) -> None:
        metrics = QFontMetricsF(theme.font("small"))
        room = (corner.left() if not corner.isEmpty() and corner.top() < 20 else view.width) - 30
        most = max(1, int(_MOST * view.height / metrics.height()))
        self.lines = _folded(said, metrics, max(room, 0.0), most)
        self._theme, self._high = theme, metrics.height()
        wide = max((metrics.horizontalAdvance(line) for line in self.lines), default=0.0)
        self.rect = QRectF(6, 6, wide + 10, len(self.lines) * self._high + 4) if self.lines else QRectF()

    def paint(self, painter: QPainter) -> None:
        """Draw them over what lies below."""
        if self.rect.isEmpty():
            return
        ground = self._theme.colour("panel")
        ground.setAlpha(205)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect, 3, 3)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.colour("muted"))
        line = QRectF(self.rect.left() + 4, self.rect.top() + 2, self.rect.width() - 4, self._high)
        for place, text in enumerate(self.lines):
            painter.drawText(line.translated(0, place * self._high), Qt.AlignmentFlag.AlignVCenter, text)


def _folded(said: Sequence[str], metrics: QFontMetricsF, room: float, most: int) -> list[str]:
    """Lines no wider than there is room: folded between two notes where that does, else between two words."""
    lines: list[str] = []
    for note in said:
        if lines and metrics.horizontalAdvance(lines[-1] + _BETWEEN + note) <= room:
            lines[-1] += _BETWEEN + note
            continue
        lines.append("")
        for word in note.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
    lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room + 1) for line in lines]
    if len(lines) > most:
        return [*lines[: most - 1], metrics.elidedText(f"{lines[most - 1]} …", Qt.TextElideMode.ElideRight, room + 1)]
    return lines
