"""How names are written over a crowd of points: small, on a thin plate with a halo in the ground's colour."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPixmap

from embstudio.gui.plots.scatter.label_field import Label
from embstudio.gui.style.theme import Theme

WIDEST = 150.0  # pixels of a name at text scale 1; longer ones are cut
_HALO = 1.4  # pixels
_AROUND = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
_HURRIED = 8  # pictures of names drawn in a frame while the view moves: each takes as long as writing five
_KEPT = 3_000  # names as pictures that are kept


class LabelInk:
    """Sizes and pictures of names, kept until the theme changes."""

    def __init__(self, theme: Theme, name_of: Callable[[int], str]) -> None:
        self._theme, self._name_of = theme, name_of
        self._font = theme.font("small")
        self._metrics = QFontMetricsF(self._font)
        self._sizes: dict[int, tuple[float, float]] = {}
        self._pictures: dict[int, QPixmap] = {}
        self._ratio = 0.0
        self._left: int | None = None  # pictures that may still be drawn, where one is in a hurry
        self.owed = False  # whether names were written plainly for want of time

    def begin(self, *, hurried: bool) -> None:
        """Names are painted anew. hurried: the view is moving, and what a halo takes is not there for many of them."""
        self._left, self.owed = (_HURRIED if hurried else None), False

    def text(self, row: int) -> str:
        """The name as it is written, cut where it is too long."""
        return self._metrics.elidedText(self._name_of(row), Qt.TextElideMode.ElideMiddle, WIDEST * self._theme.scale)

    def size(self, row: int) -> tuple[float, float]:
        """Width and height of a name with its halo."""
        size = self._sizes.get(row)
        if size is None:
            size = self._metrics.horizontalAdvance(self.text(row)) + 2 * _HALO + 2, self._metrics.height()
            self._sizes[row] = size
        return size

    def paint(self, painter: QPainter, label: Label, ratio: float, *, vector: bool = False) -> None:
        """Write a name. vector: as text, for figures that can be edited, on a patch of the ground."""
        rect = QRectF(label.left, label.top, label.width, label.height)
        if vector:
            self._write(painter, rect, label.row)
            return
        if ratio != self._ratio or len(self._pictures) > _KEPT:
            self._pictures.clear()
            self._ratio = ratio
        picture = self._pictures.get(label.row)
        if picture is None and self._left is not None:
            if not self._left:
                self._write(painter, rect, label.row)
                self.owed = True
                return
            self._left -= 1
        if picture is None:
            picture = self._pictures[label.row] = self._draw(label.row, ratio)
        # On whole pixels, or the text would be blurred.
        painter.drawPixmap(QPointF(round(rect.left() * ratio) / ratio, round(rect.top() * ratio) / ratio), picture)

    def _write(self, painter: QPainter, rect: QRectF, row: int) -> None:
        """The name on a patch of the ground."""
        ground = self._theme.colour("panel")
        ground.setAlpha(170)
        painter.fillRect(rect, ground)
        painter.setFont(self._font)
        painter.setPen(self._theme.colour("text"))
        painter.drawText(QPointF(rect.left() + _HALO + 1, rect.top() + self._metrics.ascent()), self.text(row))

    def _draw(self, row: int, ratio: float) -> QPixmap:
        width, height = self.size(row)
        picture = QPixmap(max(1, round(width * ratio) + 1), max(1, round(height * ratio) + 1))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = self._theme.colour("panel")
        plate.setAlpha(120)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(QRectF(0, 0, width, height), 3, 3)
        painter.setFont(self._font)
        text, at = self.text(row), QPointF(_HALO + 1, self._metrics.ascent())
        ground = self._theme.colour("panel")
        ground.setAlpha(215)
        painter.setPen(ground)
        for x, y in _AROUND:
            painter.drawText(at + QPointF(x, y) * _HALO, text)
        painter.setPen(self._theme.colour("text"))
        painter.drawText(at, text)
        painter.end()
        return picture
