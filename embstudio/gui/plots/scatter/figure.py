"""All that a scatter shows, painted for a view: on the screen, into a picture file, or as shapes that can be edited."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter

from embstudio.gui.plots.label_layout import LabelLayout
from embstudio.gui.plots.scatter.axes import names_rect, paint_axes, paint_box, paint_names
from embstudio.gui.plots.scatter.colouring import Colouring
from embstudio.gui.plots.scatter.emphasis import MOST_LINES, Emphasis, Lines, paint_emphasis, paint_lines
from embstudio.gui.plots.scatter.guest import Guest, guest_rect, paint_guest
from embstudio.gui.plots.scatter.label_field import Label, label_field
from embstudio.gui.plots.scatter.label_ink import WIDEST, LabelInk
from embstudio.gui.plots.scatter.legend import Legend
from embstudio.gui.plots.scatter.notes import Notes
from embstudio.gui.plots.scatter.picture import Drawn, Layer, Picture, layers_of
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import TURNING, PointSet
from embstudio.gui.plots.scatter.signs import Placed, Signs, paint_signs, place_signs
from embstudio.gui.plots.scatter.stops_path import StopsPath, paint_path
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.theme import Theme

SHAPES_AT_MOST = 20_000  # points that are shapes of their own in a figure that can be edited
NAMED_MARKS = 60  # marked points that get a label where there is room
_NONE = np.zeros(0, dtype=np.intp)


class Figure:
    """What is shown; whoever changes it says so (`forget_picture`, `forget_points`). The picture of the points is kept
    for as long as it is the same."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.points = PointSet(np.zeros((0, 2), np.float32))
        self.names: Sequence[str] = ()
        self.axes: tuple[str, ...] = ()
        self.colouring: Colouring | None = None
        self.emphasis = Emphasis()
        self.lines = Lines()
        self.path = StopsPath()
        self.signs = Signs()
        self.guest: Guest | None = None
        self.selected: np.ndarray = _NONE
        self.labels: list[Label] = []  # as they were painted last
        self.marks: list[tuple[QRectF, int]] = []
        self.placed_signs: list[Placed] = []
        self.drawn = Drawn(0, symbols=True)
        self.noted = QRectF()  # where what must be said was painted last
        self._lines_in_sight = 0
        self.captions: tuple[str, ...] = ()  # what must be said of where the points are
        self._layers: list[Layer] | None = None
        self._coloured: Colouring | None = None  # by what the layers are
        self._image: QImage | None = None
        self._image_of: object = None
        self._ink = LabelInk(theme, self.name_of)
        self._legend: Legend | None = None

    def forget_points(self) -> None:
        """The points, where they lie, their colours or the selection changed."""
        self._layers = None
        self._legend = Legend(self.colouring, self.theme) if self.colouring is not None else None
        self.forget_picture()

    def take(self, layers: list[Layer], colouring: Colouring | None) -> None:
        """Draw what was made of the points elsewhere from now on."""
        self.forget_points()
        self._layers, self._coloured = layers, colouring

    def forget_picture(self) -> None:
        """Only what the picture of the points looks like changed."""
        self._image = None

    @property
    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The least and the greatest place of the points and of the guest, as they are seen."""
        low, high = self.points.bounds
        if self.guest is None or not len(self.points):
            return low, high
        x, y = self.points.flat_of(self.guest.place[None])[0].tolist()
        return (min(low[0], x), min(low[1], y)), (max(high[0], x), max(high[1], y))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.forget_names()
        self.forget_points()

    def forget_names(self) -> None:
        """The names changed."""
        self._ink = LabelInk(self.theme, self.name_of)

    def place_legend(self, view: PlaneView) -> None:
        """Put the legend where it covers the fewest points of a view."""
        if self._legend is not None:
            self._legend.settle(self.points.grid, view)

    def name_of(self, row: int) -> str:
        """What a point is called."""
        return visible_text(self.names[row]) if row < len(self.names) else f"#{row + 1}"

    def _is_named(self, row: int) -> bool:
        """Whether a point gets a label where there is room: one whose name is empty does not."""
        return row >= len(self.names) or bool(self.names[row])

    def notes(self, *, roomy: bool = True) -> list[str]:
        """What must be said of the picture as it was painted last; in a roomy plot also how to read it."""
        points, drawn, said = self.points, self.drawn, [*self.captions]
        said += [each.caption for each in (self.signs, self.guest) if each is not None and each.caption]
        if points.partial:
            some = f"{TURNING:,} of {len(points):,} points, chosen at random"
            said.append(f"turning: {some}" if points.turning else f"{some}, until all are drawn")
        elif not drawn.symbols and roomy:
            counted = f": up to {drawn.top:,} or more a pixel" if drawn.top > 1 else ""
            said.append(f"{len(points.grid):,} points, stronger where they lie denser{counted}")
        if points.grid.left_out and not points.partial:
            said.append(f"without a place and left out: {points.grid.left_out:,}")
        if self._lines_in_sight > MOST_LINES:
            said.append(f"{MOST_LINES:,} of {self._lines_in_sight:,} lines")
        if len(self.selected):
            said.append(f"{len(self.selected):,} selected")
        return said

    # Painting ----------------------------------------------------------------------------------------------------

    @property
    def names_owed(self) -> bool:
        """Whether names were painted in a hurry, and would be finer."""
        return self._ink.owed

    def paint(
        self, painter: QPainter, view: PlaneView, ratio: float, *, vector: bool = False, hurried: bool = False
    ) -> None:
        """Paint everything but what follows the mouse. ratio: pixels to one unit of the painter. vector: text as text,
        and up to 20,000 points as shapes of their own. hurried: the view is moving."""
        self._ink.begin(hurried=hurried)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if not len(self.points):
            return
        if self.points.is_cloud:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_box(painter, self.theme, self.axes, self.points, view)
        else:
            paint_axes(painter, self.theme, view)
        self._paint_points(painter, view, ratio, vector=vector)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._lines_in_sight = paint_lines(painter, self.theme, self.lines, self.points, view)
        corner = self._legend.rect(view) if self._legend is not None else QRectF()
        metrics = QFontMetricsF(self.theme.font("small"))
        notes = Notes(self.notes(roomy=view.height > 12 * metrics.height()), self.theme, view, corner)
        kept_free = [names_rect(self.theme, view.width, view.height), corner, notes.rect]
        # The current point's name first, then those of regions, of other marks, of points.
        own, others = self.emphasis.rows[:1], self.emphasis.rows[1:]
        guest = self._guest_rect(view, kept_free)
        kept_free.append(guest)
        self.marks = self._place_marks(view, kept_free, own)
        kept_free += [rect for rect, _row in self.marks]
        self.placed_signs = place_signs(self.signs, self.points, view, self.theme, kept_free)
        kept_free += [sign.rect for sign in self.placed_signs]
        self.marks += self._place_marks(view, kept_free, others)
        self.labels = self._place_labels(view, kept_free)
        for label in self.labels:
            self._ink.paint(painter, label, ratio, vector=vector)
        paint_emphasis(painter, self.theme, self.emphasis, self.points, view)
        layout = self._layout(view, kept_free)
        paint_path(painter, self.theme, self.path, view, layout, [rect for rect, _row in self.marks])
        paint_signs(painter, self.theme, self.placed_signs, self.colouring)
        for rect, row in self.marks:
            self._paint_mark(painter, rect, row)
        if self.guest is not None:
            paint_guest(painter, self.theme, self.guest, self.points, view, guest)
        if not self.points.is_cloud:
            paint_names(painter, self.theme, self.axes, view)
        if self._legend is not None:
            self._legend.paint(painter, view)
        notes.paint(painter)
        self.noted = notes.rect

    def _guest_rect(self, view: PlaneView, kept_free: Sequence[QRectF]) -> QRectF:
        if self.guest is None:
            return QRectF()
        return guest_rect(self.theme, self.guest, self.points, view, kept_free)

    def _paint_points(self, painter: QPainter, view: PlaneView, ratio: float, *, vector: bool) -> None:
        if self._layers is None:
            self._layers = layers_of(self.points.grid, self.colouring, self.selected)
            self._coloured = self.colouring
        picture = Picture(self.points, self._coloured, self.theme.colours, self.theme.scale)
        if vector and picture.in_sight(self._layers, view) <= SHAPES_AT_MOST:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            picture.draw_symbols(painter, self._layers, view)
            return
        wanted = (view.x, view.y, view.zoom, view.width, view.height, ratio)
        if self._image is None or self._image_of != wanted:
            self._image, self.drawn = picture.draw(self._layers, view, ratio)
            self._image_of = wanted
        painter.drawImage(QPointF(0, 0), self._image)

    def _place_labels(self, view: PlaneView, kept_free: Sequence[QRectF]) -> list[Label]:
        """Names of points in sight where no mark's label, legend or name of an axis stands."""
        if self._layers is None or not len(self.names) or self.points.turning or self.points.partial:
            return []
        shown = self._layers[-1].grid if len(self.selected) else self.points.grid
        if not self.names[-1]:  # points without a name would take the place of others that have one
            shown = shown.part(np.flatnonzero([bool(name) for name in self.names]))
        high = QFontMetricsF(self.theme.font("small")).height()
        cell = (WIDEST * self.theme.scale, 3.4 * high)
        if len(shown) <= NAMED_MARKS:  # each of a few is looked for room for
            cell = (0.25 * cell[0], 0.25 * cell[1])
        stood_out = set(self.emphasis.rows)
        rects = [*kept_free, *(rect for rect, _row in self.marks)]
        taken = [(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in rects if not rect.isEmpty()]
        return [
            label
            for label in label_field(shown, view, cell, self._ink.size)
            if label.row not in stood_out
            and self._is_named(label.row)
            and not any(label.overlaps(*rect) for rect in taken)
        ]

    def _place_marks(
        self, view: PlaneView, kept_free: Sequence[QRectF], rows: Sequence[int]
    ) -> list[tuple[QRectF, int]]:
        """Labels of points that stand out, the more important first."""
        rows = [row for row in rows if 0 <= row < len(self.points) and self._is_named(row)][:NAMED_MARKS]
        if not rows:
            return []
        layout, placed = self._layout(view, kept_free), []
        for row, (x, y) in zip(rows, view.places(self.points.flat(np.array(rows))).tolist(), strict=True):
            if 0 <= x <= view.width and 0 <= y <= view.height:
                metrics = QFontMetricsF(self._mark_font(row))
                size = QSizeF(metrics.horizontalAdvance(self._mark_text(row)) + 8, metrics.height())
                rect = layout.place(QPointF(x, y), size, must=row == self.emphasis.current)
                if rect is not None:
                    placed.append((rect, row))
        return placed

    def _layout(self, view: PlaneView, kept_free: Sequence[QRectF]) -> LabelLayout:
        layout = LabelLayout(QRectF(2, 2, view.width - 4, view.height - 4))
        for rect in kept_free:
            if not rect.isEmpty():
                layout.reserve(rect)
        return layout

    def _paint_mark(self, painter: QPainter, rect: QRectF, row: int) -> None:
        own = row == self.emphasis.current
        ground = self.theme.colour("accent" if own else "panel")
        ground.setAlpha(255 if own else 215)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, 4, 4)
        painter.setPen(self.theme.colour("on_accent" if own else "text"))
        painter.setFont(self._mark_font(row))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._mark_text(row))

    def _mark_font(self, row: int) -> QFont:
        return self.theme.font("normal" if row == self.emphasis.current else "small", bold=row in self.emphasis.marked)

    def _mark_text(self, row: int) -> str:
        metrics = QFontMetricsF(self._mark_font(row))
        return metrics.elidedText(self.name_of(row), Qt.TextElideMode.ElideMiddle, 1.6 * WIDEST * self.theme.scale)
