"""Words as points of a plane: pan, zoom, hover; some of them marked and named, neighbours tied to the current one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.gui.plots.dot_raster import raster, shade
from embstudio.gui.plots.label_layout import LabelLayout
from embstudio.gui.style.theme import Theme

STEP = 1.5  # how much one key press or click zooms
MARGIN = 0.06  # of the picture's width left free around it when all is in sight
PICK = 10.0  # pixels within which a point answers the mouse
NAMED = 40  # words that get a label where there is room
CROWD = 600  # points in sight above which no further words are named


class WordMap(QWidget):
    """The plot. Dots are drawn into a picture that is kept until the view changes: a step draws only what is marked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.points = np.zeros((0, 2), dtype=np.float32)
        self.words: tuple[str, ...] = ()
        self.marked: tuple[int, ...] = ()  # rows of the sentence's words
        self.current: int | None = None
        self.near: tuple[int, ...] = ()
        self.path = np.zeros((0, 2))  # of the current token through the layers
        self.stops: tuple[str, ...] = ()  # what each point of the path is
        self.hovered: int | None = None
        self._axes = ("", "")
        self._centre = QPointF(0, 0)
        self._zoom = 1.0  # pixels to one unit of the picture
        self._fitted = True
        self._dots: QImage | None = None
        self._names: list[tuple[QRectF, str]] = []
        self._drag: QPointF | None = None
        self.setObjectName("wordMap")
        self.setAccessibleName("Map of the words")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_points(self, points: np.ndarray, words: Sequence[str], axes: tuple[str, str]) -> None:
        """Take all points [words, 2], their words, and what the two axes are."""
        self.points, self.words, self._axes = np.asarray(points, dtype=np.float32), tuple(words), axes
        self.marked, self.near, self.current, self.hovered = (), (), None, None
        self.fit()

    def set_marks(self, marked: Sequence[int], current: int | None, near: Sequence[int]) -> None:
        """Take the rows of the sentence's words, of the current one, and of its neighbours."""
        self.marked, self.current, self.near = tuple(marked), current, tuple(near)
        if current is not None:
            named = ", ".join(self.words[row] for row in near)
            self.setAccessibleDescription(f"current word {self.words[current]}; nearest: {named}")
        self.update()

    def set_path(self, path: np.ndarray | None, stops: Sequence[str] = ()) -> None:
        """Take the way of the current token through the layers, [stage, 2], and the stages' names; None: no way."""
        shown = np.zeros((0, 2)) if path is None else np.asarray(path, float)
        came_or_went = bool(len(shown)) != bool(len(self.path))
        self.path, self.stops = shown, tuple(stops)
        if self._fitted and (came_or_went or not self._holds(shown)):
            self.fit()
        self.update()

    def _around_path(self) -> np.ndarray:
        """Two corners of the path's surroundings: its next steps should be in sight too, and words to compare with."""
        low, high = self.path.min(axis=0), self.path.max(axis=0)
        least = 0.2 * (self.points.max(axis=0) - self.points.min(axis=0))
        reach = np.maximum(0.65 * (high - low), least)
        middle = (low + high) / 2
        return np.stack([middle - reach, middle + reach])

    def _holds(self, points: np.ndarray) -> bool:
        """Whether points [n, 2] are all in sight."""
        return all(self.rect().contains(self._to_screen(*point).toPoint()) for point in points)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self._forget()

    # The view ----------------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Bring all points into sight, or, where there is a path, that and what lies around it."""
        self._fitted = True
        if len(self.points):
            shown = self._around_path() if len(self.path) else self.points
            low, high = shown.min(axis=0), shown.max(axis=0)
            self._centre = QPointF(float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)
            spans = np.maximum(high - low, 1e-9).astype(float)
            self._zoom = float(min(max(1, self.width()) / spans[0], max(1, self.height()) / spans[1]))
            self._zoom *= 1 - 2 * MARGIN
        self._forget()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in, or with a factor below 1 out, about a place of the widget (its middle if none is given)."""
        about = about if about is not None else QPointF(self.width() / 2, self.height() / 2)
        before = self._from_screen(about)
        self._zoom *= factor
        after = self._from_screen(about)
        self._centre += before - after
        self._fitted = False
        self._forget()

    def pan(self, right: float, down: float) -> None:
        """Move what is seen by pixels."""
        self._centre -= QPointF(right, -down) / self._zoom
        self._fitted = False
        self._forget()

    def on_screen(self, row: int) -> QPointF:
        """Where a word's point is in the widget."""
        return self._to_screen(*self.points[row])

    def _to_screen(self, x: float, y: float) -> QPointF:
        return QPointF(
            self.width() / 2 + (float(x) - self._centre.x()) * self._zoom,
            self.height() / 2 - (float(y) - self._centre.y()) * self._zoom,
        )

    def at(self, place: QPointF) -> int | None:
        """The word nearest to a place of the widget, if one is near enough to be meant."""
        if not len(self.points):
            return None
        x, y = self._screen()
        squared = (x - place.x()) ** 2 + (y - place.y()) ** 2
        nearest = int(squared.argmin())
        return nearest if squared[nearest] <= PICK**2 else None

    def _from_screen(self, at: QPointF) -> QPointF:
        return self._centre + QPointF(at.x() - self.width() / 2, self.height() / 2 - at.y()) / self._zoom

    def _screen(self, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """All points in pixels."""
        zoom = np.float32(self._zoom * scale)
        x = (self.points[:, 0] - np.float32(self._centre.x())) * zoom + np.float32(self.width() * scale / 2)
        y = np.float32(self.height() * scale / 2) - (self.points[:, 1] - np.float32(self._centre.y())) * zoom
        return x, y

    def _forget(self) -> None:
        self._dots = None
        self.update()

    # Painting ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(480, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()
        else:
            self._forget()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not len(self.points):
            return
        self._paint_axes(painter)
        if self._dots is None:
            self._dots = self._make_dots()
            self._names = self._name_words()
        painter.drawImage(QPointF(0, 0), self._dots)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        labels = self._place_marks()
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("muted"))
        for rect, word in self._names:
            if not any(rect.intersects(other) for other, _row in labels):
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, word)
        self._paint_marks(painter)
        self._paint_path(painter, [rect for rect, _row in labels])
        for rect, row in labels:
            self._paint_label(painter, rect, row)
        if self.hovered is not None:
            painter.setPen(QPen(self.theme.colour("text"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.on_screen(self.hovered), 6, 6)

    def _make_dots(self) -> QImage:
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        colour = self.theme.colour("residual")
        pixels = shade(
            raster(*self._screen(ratio), width, height, ratio), (colour.red(), colour.green(), colour.blue())
        )
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
        image.setDevicePixelRatio(ratio)
        return image

    def _name_words(self) -> list[tuple[QRectF, str]]:
        """Labels for some of the words in sight, once few enough are; vocabularies list frequent words first."""
        x, y = self._screen()
        seen = np.flatnonzero((x >= 0) & (x < self.width()) & (y >= 0) & (y < self.height()))
        if len(seen) > CROWD:
            return []
        metrics = QFontMetricsF(self.theme.font("small"))
        layout = self._layout()
        names: list[tuple[QRectF, str]] = []
        for row in seen[: 6 * NAMED].tolist():
            word = self.words[row].strip()
            if word:
                size = QSizeF(metrics.horizontalAdvance(word) + 2, metrics.height())
                rect = layout.place(QPointF(float(x[row]), float(y[row])), size)
                if rect is not None:
                    names.append((rect, word))
            if len(names) == NAMED:
                break
        return names

    def _place_marks(self) -> list[tuple[QRectF, int]]:
        """Labels of the current word, of the sentence's and of the neighbours, the more important first."""
        layout, placed = self._layout(), []
        order = [row for row in (self.current,) if row is not None]
        order += [row for row in (*self.marked, *self.near) if row not in order]
        inside = QRectF(self.rect())
        for row in dict.fromkeys(order):
            point = self.on_screen(row)
            if inside.contains(point):
                metrics = QFontMetricsF(self._label_font(row))
                size = QSizeF(metrics.horizontalAdvance(self._word(row)) + 8, metrics.height())
                rect = layout.place(point, size, must=row == self.current)
                if rect is not None:
                    placed.append((rect, row))
        return placed

    def _layout(self) -> LabelLayout:
        layout = LabelLayout(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        high = QFontMetricsF(self.theme.font("small")).height() + 6
        layout.reserve(QRectF(0, self.height() - high, self.width(), high))  # the names of the axes
        return layout

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setPen(QPen(self.theme.colour("border"), 1))
        zero = QPointF(
            self.width() / 2 - self._centre.x() * self._zoom, self.height() / 2 + self._centre.y() * self._zoom
        )
        painter.drawLine(QPointF(zero.x(), 0), QPointF(zero.x(), self.height()))
        painter.drawLine(QPointF(0, zero.y()), QPointF(self.width(), zero.y()))
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("muted"))
        metrics = QFontMetricsF(painter.font())
        across, up = f"{self._axes[0]} →", f"↑ {self._axes[1]}"
        room = self.width() - 16
        base = self.height() - 6.0
        if metrics.horizontalAdvance(across + up) + 24 > room:
            across, up = across.partition(" (")[0] + " →", up.partition(" (")[0]
        painter.drawText(QPointF(self.width() - 8 - metrics.horizontalAdvance(across), base), across)
        painter.drawText(QPointF(8, base), up)

    def _paint_marks(self, painter: QPainter) -> None:
        """Neighbours as rings with a line from the current word, the sentence's words as squares, the current as a
        disc: shapes beside colours."""
        text, accent = self.theme.colour("text"), self.theme.colour("accent")
        if self.current is not None:
            here = self.on_screen(self.current)
            line = QColor(text)
            line.setAlpha(110)
            painter.setPen(QPen(line, 1, Qt.PenStyle.DashLine))
            for row in self.near:
                painter.drawLine(here, self.on_screen(row))
        painter.setBrush(self.theme.colour("panel"))
        painter.setPen(QPen(text, 1.5))
        size = self.theme.scale
        for row in self.near:
            painter.drawEllipse(self.on_screen(row), 3.5 * size, 3.5 * size)
        painter.setBrush(text)
        for row in self.marked:
            at = self.on_screen(row)
            painter.drawRect(QRectF(at.x() - 3 * size, at.y() - 3 * size, 6 * size, 6 * size))
        if self.current is not None:
            painter.setBrush(accent)
            painter.setPen(QPen(self.theme.colour("panel"), 1.5))
            painter.drawEllipse(self.on_screen(self.current), 6 * size, 6 * size)

    def _paint_path(self, painter: QPainter, taken: list[QRectF]) -> None:
        """The way through the layers: a line with a dot at each stage, its end a diamond; names where there is room,
        the first and the last before the others."""
        if not len(self.path):
            return
        points = [self._to_screen(*point) for point in self.path]
        colour, size = self.theme.colour("text"), self.theme.scale
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.6))
        painter.drawPolyline(points)
        painter.setBrush(colour)
        painter.setPen(QPen(self.theme.colour("panel"), 1))
        for point in points[:-1]:
            painter.drawEllipse(point, 2.6 * size, 2.6 * size)
        end, reach = points[-1], 5 * size
        painter.drawPolygon([end + QPointF(0, -reach), end + QPointF(reach, 0), end + QPointF(0, reach),
                             end + QPointF(-reach, 0)])  # fmt: skip
        layout = self._layout()
        for rect in taken:
            layout.reserve(rect)
        font = self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        order = [0, len(points) - 1, *range(1, len(points) - 1)]
        for place in dict.fromkeys(order[: len(points)]):
            stop = self.stops[place] if place < len(self.stops) else ""
            name = layout.place(points[place], QSizeF(metrics.horizontalAdvance(stop) + 6, metrics.height()))
            if stop and name is not None:
                ground = self.theme.colour("panel")
                ground.setAlpha(200)
                painter.fillRect(name, ground)
                painter.setPen(self.theme.colour("muted"))
                painter.drawText(name, Qt.AlignmentFlag.AlignCenter, stop)

    def _paint_label(self, painter: QPainter, rect: QRectF, row: int) -> None:
        own = row == self.current
        ground = self.theme.colour("accent" if own else "panel")
        ground.setAlpha(255 if own else 215)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, 4, 4)
        painter.setPen(self.theme.colour("on_accent" if own else "text"))
        painter.setFont(self._label_font(row))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._word(row))

    def _label_font(self, row: int) -> QFont:
        return self.theme.font("normal" if row == self.current else "small", bold=row in self.marked)

    def _word(self, row: int) -> str:
        return self.words[row].strip() or "␣"

    # Mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.unsetCursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            moved = event.position() - self._drag
            self._drag = event.position()
            self.pan(moved.x(), moved.y())
            return
        row = self.at(event.position())
        if row == self.hovered:
            return
        self.hovered = row
        if row is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), f"{self.words[row]}  (row {row})", self, QRect())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(float(STEP ** (event.angleDelta().y() / 240)), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = 60.0
        moves = {Qt.Key.Key_Left: (step, 0.0), Qt.Key.Key_Right: (-step, 0.0),
                 Qt.Key.Key_Up: (0.0, step), Qt.Key.Key_Down: (0.0, -step)}  # fmt: skip
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif shifted and key in moves:
            self.pan(*moves[key])
        else:
            super().keyPressEvent(event)
