"""The scatter: points of two or three dimensions to move about in, to point at and to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.gui.plots.cached_picture import CachedPicture
from embstudio.gui.plots.scatter.colouring import Colouring
from embstudio.gui.plots.scatter.emphasis import Emphasis, Lines
from embstudio.gui.plots.scatter.figure import Figure
from embstudio.gui.plots.scatter.guest import Guest, on_screen
from embstudio.gui.plots.scatter.hand import Hand, How, Tool
from embstudio.gui.plots.scatter.keys import press_key, wants_key
from embstudio.gui.plots.scatter.layer_work import LayerWork, Made, Wanted
from embstudio.gui.plots.scatter.legend import legend_text
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.plots.scatter.signs import Signs
from embstudio.gui.plots.scatter.stops_path import StopsPath
from embstudio.gui.plots.scatter.ties import Ties, paint_ties
from embstudio.gui.style.theme import Theme
from embstudio.space.point_grid import PointGrid

STEP = 1.5  # how much one key press or click zooms
PICK = 10.0  # pixels within which a point answers the mouse
STILL_MS = 80  # without moving the view, after which names are painted as fine as they can be
REST_MS = 200  # without a turn, after which all points of a cloud are drawn


class Scatter(QWidget):
    """hovered(row or None): the mouse or the keys came to another point. clicked(row). selected(rows): another choice.

    Rows are places in the points that were given. Points without a finite place are left out and counted.
    """

    hovered = Signal(object)
    clicked = Signal(int)
    selected = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.figure = Figure(theme)
        self.view = PlaneView()
        self.hand = Hand(self)
        self.hovered_row: int | None = None
        self.ties: Ties | None = None  # of the point under the mouse
        self.describe: Callable[[int], str] = lambda row: f"{self.figure.name_of(row)}  (row {row:,})"
        self._base = CachedPicture()
        self._moving = QTimer(self)  # runs while the view is moved
        self._moving.setSingleShot(True)
        self._moving.setInterval(STILL_MS)
        self._moving.timeout.connect(lambda: self.redraw() if self.figure.names_owed else None)
        self._work = LayerWork(self)
        self._work.made.connect(self._take)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        self._resting.timeout.connect(self.rest)
        self.setObjectName("scatter")
        self.setAccessibleName("Scatter plot")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # What is shown -----------------------------------------------------------------------------------------------

    def set_points(
        self,
        points: np.ndarray,
        names: Sequence[str] = (),
        axes: tuple[str, ...] = (),
        order: np.ndarray | None = None,
    ) -> None:
        """Take all points [n, 2 or 3], their names, what the axes are, and rows from the most to the least important
        (as they come, if not given): the important are named first. Forgets what stood out and what was selected."""
        figure, had = self.figure, len(self.figure.selected)
        figure.points, figure.names, figure.axes = PointSet(points, order, aside=True), names, axes
        figure.colouring, figure.emphasis, figure.lines, figure.path = None, Emphasis(), Lines(), StopsPath()
        figure.signs, figure.guest, figure.selected = Signs(), None, np.zeros(0, dtype=np.intp)
        self.hovered_row = self.ties = None
        figure.forget_names()
        figure.forget_points()
        self._draw_anew()
        self.fit()
        self._describe()
        if had:
            self.selected.emit(figure.selected)

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Colour the points by a column; None: all alike."""
        self.figure.colouring = colouring
        self._draw_anew()
        self.figure.place_legend(self.view)
        self._describe()
        self.redraw()

    def set_emphasis(self, emphasis: Emphasis) -> None:
        """Take the points that stand out."""
        self.figure.emphasis = emphasis
        self._describe()
        self.redraw()

    def set_lines(self, lines: Lines) -> None:
        """Take the lines between points: true neighbours, or where points moved."""
        self.figure.lines = lines
        self.redraw()

    def set_signs(self, signs: Signs) -> None:
        """Take names of regions."""
        self.figure.signs = signs
        self.redraw()

    def set_guest(self, guest: Guest | None) -> None:
        """Take a vector that is not of the set, or none. Where all was in sight, it is from then on too."""
        self.figure.guest = guest
        self._describe()
        if guest is not None and self.view.fitted and not self.rect().contains(self.where(guest.place).toPoint()):
            self.fit()
        self.redraw()

    def set_ties(self, ties: Ties | None) -> None:
        """Take lines from the point under the mouse; they go when it moves on. The rest is not painted again."""
        if ties is not self.ties and (ties is None or ties.row == self.hovered_row):
            self.ties = ties
            self.update()

    def set_path(self, path: StopsPath) -> None:
        """Take a way through the plane. Where all was in sight, it is from then on too."""
        came_or_went = bool(len(path)) != bool(len(self.figure.path))
        self.figure.path = path
        if self.view.fitted and (came_or_went or not self._holds(path)):
            self.fit()
        self.redraw()

    def set_perspective(self, perspective: bool) -> None:
        """See a cloud with the near larger than the far, or without."""
        points = self.figure.points
        points.turn_to(replace(points.turn, perspective=perspective), turning=False)
        self.figure.forget_points()
        self._draw_anew()
        self.fit()

    def select(self, rows: np.ndarray) -> None:
        """Select these points and no others."""
        self.choose(rows, How.REPLACE)

    def choose(self, rows: np.ndarray, how: How) -> None:
        """Select points, add them to what is selected, or take them out."""
        rows, before = np.asarray(rows, dtype=np.intp), self.figure.selected
        if how is How.ADD:
            rows = np.union1d(before, rows)
        elif how is How.REMOVE:
            rows = np.setdiff1d(before, rows)
        else:
            rows = np.unique(rows)
        if not np.array_equal(rows, before):
            self.figure.selected = rows
            self._draw_anew()
            self._describe()
            self.selected.emit(rows)
        self.redraw()

    def set_tool(self, tool: Tool) -> None:
        """What the left button does from now on."""
        self.hand.give_up()
        self.hand.tool = tool
        self.setCursor(self.hand.rest_cursor())
        self.update()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.figure.restyle()
        self.redraw()

    @property
    def grid(self) -> PointGrid:
        """The points as they lie in the plane now."""
        return self.figure.points.grid

    @property
    def is_cloud(self) -> bool:
        """Whether the points have three dimensions."""
        return self.figure.points.is_cloud

    # The view ----------------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Bring all points into sight, or, where there is a path, that and what lies around it."""
        self.view.width, self.view.height = max(1, self.width()), max(1, self.height())
        low, high = self.figure.bounds
        self.view.fit_whole(low, high)
        if len(self.figure.path):
            first, last = self.figure.path.around(low, high)
            self.view.fit((float(first[0]), float(first[1])), (float(last[0]), float(last[1])))
        self.figure.place_legend(self.view)
        self.redraw()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in, or with a factor below 1 out, about a place of the widget (its middle if none is given)."""
        about = about if about is not None else QPointF(self.width() / 2, self.height() / 2)
        self.view.zoom_by(factor, about.x(), about.y())
        self._moving.start()
        self.redraw()

    def pan(self, right: float, down: float) -> None:
        """Move what is seen by pixels."""
        self.view.pan(right, down)
        self._moving.start()
        self.redraw()

    def turn_by(self, azimuth: float, elevation: float) -> None:
        """Look at a cloud from further round; radians. Of many points some are drawn until it stands still."""
        points = self.figure.points
        points.turn_to(points.turn.by(azimuth, elevation), turning=True)
        self._work.forget()
        self.figure.forget_points()
        self._resting.start()
        self.redraw()

    def rest(self) -> None:
        """The cloud stands still: draw all of it."""
        self._resting.stop()
        points = self.figure.points
        if points.turning and not self.hand.busy:
            points.turn_to(points.turn, turning=False)
            self.figure.forget_points()
            self._draw_anew()
            self.redraw()

    @property
    def settled(self) -> bool:
        """Whether all points are drawn as they are to be: of very many some are drawn first."""
        return not self._work.busy

    def draw_all(self) -> None:
        """Draw all points as they are to be, now and however long it takes: for a figure that is kept."""
        if not self.settled or self.figure.points.turning:
            points = self.figure.points
            points.turn_to(points.turn, turning=False)
            points.take(points.whole, points.turn)
            self._work.forget()
            self.figure.forget_points()
            self.redraw()

    def on_screen(self, row: int) -> QPointF:
        """Where a point is in the widget."""
        x, y = self.view.places(self.figure.points.flat(np.array([row])))[0].tolist()
        return QPointF(x, y)

    def where(self, place: np.ndarray) -> QPointF:
        """Where a place [dimensions] of the plot is in the widget; far away where it is nowhere."""
        found = on_screen(place[None], self.figure.points, self.view)
        return found[0] if found else QPointF(-1e9, -1e9)

    def at(self, place: QPointF) -> int | None:
        """The point nearest to a place of the widget, if one is near enough to be meant."""
        x, y = self.view.plane(place.x(), place.y())
        return self.grid.nearest(x, y, PICK / self.view.zoom)

    def redraw(self) -> None:
        """Paint all of it again."""
        self._base.forget()
        self.update()

    def point_at(self, row: int | None) -> None:
        """The mouse or the keys came to a point, or to none."""
        if row != self.hovered_row:
            self.hovered_row, self.ties = row, None
            self.hovered.emit(row)
            self.update()

    def click(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """A click: with Shift or Ctrl it selects or deselects the point, else it chooses it."""
        row = self.at(place)
        if row is None:
            return
        if modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            self.toggle(row)
        else:
            self.clicked.emit(row)

    def toggle(self, row: int) -> None:
        """Select a point, or take it out of the selection."""
        held = bool(np.isin(row, self.figure.selected))
        self.choose(np.array([row]), How.REMOVE if held else How.ADD)

    def _draw_anew(self) -> None:
        """Points, colours or the selection are others: draw them so at once, or, if they are very many, as soon as that
        is made ready beside the window; until then the picture stays as it is."""
        figure, points = self.figure, self.figure.points
        if points.aside and not points.turning:
            self._work.want(Wanted(points, points.turn, points.known_whole, figure.colouring, figure.selected))
        else:
            self._work.forget()
            figure.forget_points()

    def _take(self, made: Made) -> None:
        wanted = made.wanted
        if wanted.points is not self.figure.points or not wanted.points.take(made.grid, wanted.turn):
            return
        self.figure.take(made.layers, wanted.colouring)
        if self.view.fitted:
            self.fit()
        self.figure.place_legend(self.view)
        self.redraw()

    def _holds(self, path: StopsPath) -> bool:
        places = self.view.places(path.points)
        return bool(((places >= 0) & (places <= [self.width(), self.height()])).all())

    def _describe(self) -> None:
        """Say the picture in words, for who does not see it."""
        figure, emphasis = self.figure, self.figure.emphasis
        said = [f"{len(figure.points):,} points", *([legend_text(figure.colouring)] if figure.colouring else [])]
        if emphasis.current is not None:
            said.append(f"current: {figure.name_of(emphasis.current)}")
        if emphasis.near:
            said.append(f"nearest: {', '.join(map(figure.name_of, emphasis.near))}")
        if figure.guest is not None:
            said.append(f"{figure.guest.name}: {figure.guest.caption}")
        if len(figure.selected):
            said.append(f"{len(figure.selected):,} selected")
        self.setAccessibleDescription("; ".join(said))

    # Events ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(480, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.width, self.view.height = max(1, self.width()), max(1, self.height())
        if self.view.fitted:
            self.fit()
        else:
            self.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        base = self._base.of(
            self,
            self.theme.colour("panel"),
            lambda inner: self.figure.paint(
                inner, self.view, self.devicePixelRatioF(), hurried=self._moving.isActive()
            ),
        )
        painter = QPainter(self)
        painter.drawPixmap(0, 0, base)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.ties is not None:
            paint_ties(painter, self.theme, self.ties, self.figure, self.view)
        if self.hovered_row is not None:
            painter.setPen(QPen(self.theme.colour("text"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.on_screen(self.hovered_row), 6 * self.theme.scale, 6 * self.theme.scale)
        if self.hand.outline is not None:
            self.hand.outline.paint(painter, self.theme)
        if self.hasFocus():
            painter.setPen(QPen(self.theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hand.press(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hand.release(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.hand.busy:
            self.hand.move(event)
            return
        if self.figure.points.turning:
            return
        row = self.at(event.position())
        if row == self.hovered_row:
            return
        self.point_at(row)
        if row is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.describe(row), self, QRect())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(float(STEP ** (event.angleDelta().y() / 240)), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and wants_key(self, event):
            event.accept()  # Qt then sends the key here, and not to a shortcut of the window
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_key(self, event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
