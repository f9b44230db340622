"""Arrows in a plane, to scale: what is as long on the screen is as long in the plane, whichever way it points."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.arrow_scene import NAMED_COLOURS, Arrow, ArrowScene, Place
from embstudio.gui.plots.label_layout import LabelLayout
from embstudio.gui.style.point_colours import category_colours
from embstudio.gui.style.theme import Theme

HEAD = 10.0  # pixels of an arrow's head, at text scale 1
DOT = 4.0
ARC = 34.0  # pixels from the origin to the angle's arc; less where an arrow is short
LONGEST = 170.0  # pixels of a name
_DOWN = QPointF(0, 1)
_ASIDE = (
    0,
    4,
    -4,
    6,
    -6,
    12,
    -12,
    18,
    -18,
    26,
    -26,
    36,
    -36,
    48,
    -48,
    60,
    -60,
)  # pixels at which a label looks for room
_STEP = 5  # pixels along an arrow, at each of which labels keep off it


class ArrowPlot(QWidget):
    """Read-only; the whole picture is in its accessible description, too."""

    def __init__(self, theme: Theme, name: str, plain: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.scene = ArrowScene()
        self.faded = False
        self.setObjectName(name)
        self.setAccessibleName(plain)
        self._middle, self._zoom = QPointF(), 1.0  # of the plane, and pixels to its unit

    def set_scene(self, scene: ArrowScene) -> None:
        """Take another picture."""
        self.scene, self.faded = scene, False
        self.setAccessibleDescription(scene.said)
        self.setToolTip(scene.said)
        self.update()

    def fade(self) -> None:
        """Another picture is on its way."""
        self.faded = True
        self.update()

    def on_screen(self, place: Place) -> QPointF:
        """Where a place of the plane is in the widget, as it was painted last."""
        x = self.width() / 2 + (place[0] - self._middle.x()) * self._zoom
        y = self.height() / 2 - (place[1] - self._middle.y()) * self._zoom
        return QPointF(x, y)

    def sizeHint(self) -> QSize:
        return QSize(420, 320)

    def minimumSizeHint(self) -> QSize:
        scale = self.theme.scale
        return QSize(round(200 * scale), round(160 * scale))

    # Painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.scene.places:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.35 if self.faded else 1.0)
        self._fit()
        layout = LabelLayout(QRectF(self.rect()).adjusted(4, 4, -4, -4))
        if self.scene.origin:
            self._paint_origin(painter)
        for arrow in self.scene.arrows:
            self._paint_arrow(painter, arrow)
        self._paint_spots(painter)
        self._keep_free(layout)
        self._paint_angle(painter, layout)
        self._paint_texts(painter, layout)

    def _fit(self) -> None:
        """Bring all places into sight, with room for their names."""
        xs, ys = zip(*self.scene.places, strict=True)
        self._middle = QPointF((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        high = QFontMetricsF(self.theme.font("small")).height()
        across = max(40.0, self.width() - 2 * min(110.0 * self.theme.scale, self.width() / 5))
        up = max(30.0, self.height() - 2 * (1.6 * high + 8))
        wide, tall = max(xs) - min(xs), max(ys) - min(ys)
        fits = [room / size for room, size in ((across, wide), (up, tall)) if size > 0]
        self._zoom = min(fits, default=1.0)

    def _paint_origin(self, painter: QPainter) -> None:
        at = self.on_screen((0.0, 0.0))
        painter.setPen(QPen(self.theme.colour("border"), 1))
        painter.drawLine(QPointF(0, at.y()), QPointF(self.width(), at.y()))
        painter.drawLine(QPointF(at.x(), 0), QPointF(at.x(), self.height()))

    def _paint_arrow(self, painter: QPainter, arrow: Arrow) -> None:
        start, end = self.on_screen(arrow.start), self.on_screen(arrow.end)
        way = end - start
        length = math.hypot(way.x(), way.y())
        if length < 0.5:
            return
        colour, size = self._colour(arrow.colour), min(HEAD * self.theme.scale, length)
        along = way / length
        stop = end - along * (0.8 * size) if arrow.head else end
        style = Qt.PenStyle.DashLine if arrow.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 2 * min(1.5, self.theme.scale), style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(start, stop)
        if arrow.head:
            across = QPointF(-along.y(), along.x()) * (0.4 * size)
            base = end - along * size
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF([end, base + across, base - across]))

    def _paint_spots(self, painter: QPainter) -> None:
        size = DOT * self.theme.scale
        for spot in self.scene.spots:
            colour = self._colour(spot.colour)
            painter.setPen(QPen(colour, 2))
            painter.setBrush(self.theme.colour("panel") if spot.hollow else colour)
            painter.drawEllipse(self.on_screen(spot.place), size, size)

    def _paint_angle(self, painter: QPainter, layout: LabelLayout) -> None:
        angle = self.scene.angle
        if angle is None:
            return
        start, end = (math.degrees(math.atan2(y, x)) for x, y in (angle.start, angle.end))
        sweep = (end - start) % 360
        shortest = min(math.hypot(*angle.start), math.hypot(*angle.end)) * self._zoom
        radius = max(8.0, min(ARC * self.theme.scale, 0.6 * shortest))
        at = self.on_screen((0.0, 0.0))
        painter.setPen(QPen(self.theme.colour("muted"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
        painter.drawArc(box, round(16 * start), round(16 * sweep))
        middle = math.radians(start + sweep / 2)
        beside = at + QPointF(math.cos(middle), -math.sin(middle)) * (radius + 2)
        self._write(painter, layout, beside, angle.text, self.theme.mono("small"), self.theme.colour("muted"))

    def _paint_texts(self, painter: QPainter, layout: LabelLayout) -> None:
        """Names first: without them the numbers say nothing."""
        for spot in self.scene.spots:
            font = self.theme.font("small" if spot.hollow else "normal", bold=not spot.hollow)
            self._write(painter, layout, self.on_screen(spot.place), spot.name, font, self._colour(spot.colour))
        for arrow in self.scene.arrows:
            if arrow.text:
                start, end = self.on_screen(arrow.start), self.on_screen(arrow.end)
                way, font = end - start, self.theme.mono("small")
                away = QPointF(-way.y(), way.x()) / max(1.0, math.hypot(way.x(), way.y()))
                self._write(painter, layout, (start + end) / 2, arrow.text, font, self._colour(arrow.colour), away)

    def _write(
        self,
        painter: QPainter,
        layout: LabelLayout,
        at: QPointF,
        text: str,
        font: QFont,
        colour: QColor,
        away: QPointF = _DOWN,
    ) -> None:
        """Write beside a place, or a little further away from it where that is not free."""
        metrics = QFontMetricsF(font)
        longest = max(LONGEST * self.theme.scale, metrics.horizontalAdvance("‖a − b‖ = 0.0000"))
        longest = min(longest if colour != self.theme.colour("muted") else self.width(), self.width() - 12)
        said = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, longest)
        size = QSizeF(metrics.horizontalAdvance(said) + 6, metrics.height())
        tries = (layout.place(at + away * aside, size) for aside in _ASIDE)
        rect = next((rect for rect in tries if rect is not None), None) or layout.place(at, size, must=True)
        assert rect is not None
        plate = self.theme.colour("panel")
        plate.setAlpha(200)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(rect, 3, 3)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, said)

    def _keep_free(self, layout: LabelLayout) -> None:
        """Labels keep off the arrows and the spots."""
        for arrow in self.scene.arrows:
            start, end = self.on_screen(arrow.start), self.on_screen(arrow.end)
            parts = max(1, round(math.hypot(end.x() - start.x(), end.y() - start.y()) / _STEP))
            for part in range(parts + 1):
                at = start + (end - start) * (part / parts)
                layout.reserve(QRectF(at.x() - 2, at.y() - 2, 4, 4))
        for spot in self.scene.spots:
            at = self.on_screen(spot.place)
            size = DOT * self.theme.scale
            layout.reserve(QRectF(at.x() - size, at.y() - size, 2 * size, 2 * size))

    def _colour(self, name: str) -> QColor:
        if name in NAMED_COLOURS:
            return QColor(category_colours(self.theme.colours)[NAMED_COLOURS.index(name)])
        return self.theme.colour(name)
