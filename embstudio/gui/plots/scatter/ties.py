"""Lines from the point under the mouse to others, kept ones and torn ones, and what they come to in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from embstudio.gui.plots.label_layout import LabelLayout
from embstudio.gui.plots.scatter.axes import names_rect
from embstudio.gui.plots.scatter.figure import Figure
from embstudio.gui.plots.scatter.label_ink import WIDEST
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.style.point_colours import category_colours
from embstudio.gui.style.theme import Theme

_KEPT, _TORN = 0, 1  # of the category colours: blue and orange, which all eyes tell apart
_ROOMY = 16  # lines of text that a plot is high in which the caption has more than one
_SAMPLE = 26.0  # pixels of the line beside what it stands for


@dataclass(frozen=True)
class Ties:
    """kept: rows that solid lines go to, with a disc at their end; torn: dashed ones, with a cross. said: the caption.
    kept_means, torn_means: what stands beside a sample of each line."""

    row: int
    kept: tuple[int, ...] = ()
    torn: tuple[int, ...] = ()
    said: str = ""
    kept_means: str = ""
    torn_means: str = ""


def paint_ties(painter: QPainter, theme: Theme, ties: Ties, figure: Figure, view: PlaneView) -> None:
    """Draw the lines, name their ends where there is room, and say what they come to."""
    rows = [ties.row, *ties.kept, *ties.torn]
    here, *ends = (QPointF(x, y) for x, y in view.places(figure.points.flat(np.array(rows))).tolist())
    kept, torn = ends[: len(ties.kept)], ends[len(ties.kept) :]
    size, ground = theme.scale, theme.colour("panel")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # First a rim in the ground's colour: lines must be seen in the densest crowd too.
    painter.setPen(QPen(ground, 3.5 * size))
    painter.drawLines([QLineF(here, end) for end in ends])
    for some, pen in ((torn, _pen(theme, torn=True)), (kept, _pen(theme, torn=False))):
        painter.setPen(pen)
        painter.drawLines([QLineF(here, end) for end in some])
    for end in kept:
        painter.setPen(QPen(ground, 1.5))
        painter.setBrush(_colour(theme, torn=False))
        painter.drawEllipse(end, 3.8 * size, 3.8 * size)
    for end in torn:
        _cross(painter, end, 3.0 * size, QPen(ground, 4.0 * size))
        _cross(painter, end, 3.0 * size, QPen(_colour(theme, torn=True), 1.8 * size))
    plate = _plate(theme, ties, view, [here, *ends], figure.noted)
    _name_ends(painter, theme, view, plate, dict(zip(rows[1:], ends, strict=True)), figure.name_of)
    _paint_plate(painter, theme, _lines(theme, ties, view), plate)


def _colour(theme: Theme, *, torn: bool) -> QColor:
    return QColor(category_colours(theme.colours)[_TORN if torn else _KEPT])


def _pen(theme: Theme, *, torn: bool) -> QPen:
    pen = QPen(_colour(theme, torn=torn), (1.5 if torn else 2.0) * theme.scale)
    if torn:
        pen.setDashPattern([4.0, 3.0])
    return pen


def _cross(painter: QPainter, at: QPointF, reach: float, pen: QPen) -> None:
    painter.setPen(pen)
    painter.drawLine(at + QPointF(-reach, -reach), at + QPointF(reach, reach))
    painter.drawLine(at + QPointF(-reach, reach), at + QPointF(reach, -reach))


def _name_ends(
    painter: QPainter, theme: Theme, view: PlaneView, plate: QRectF, ends: dict[int, QPointF],
    name_of: Callable[[int], str],
) -> None:  # fmt: skip
    layout = LabelLayout(QRectF(2, 2, view.width - 4, view.height - 4))
    layout.reserve(plate)
    painter.setFont(theme.font("small"))
    metrics, ground = QFontMetricsF(painter.font()), theme.colour("panel")
    ground.setAlpha(225)
    for row, end in ends.items():
        if not (0 <= end.x() <= view.width and 0 <= end.y() <= view.height):
            continue
        text = metrics.elidedText(name_of(row), Qt.TextElideMode.ElideMiddle, 1.6 * WIDEST * theme.scale)
        rect = layout.place(end, QSizeF(metrics.horizontalAdvance(text) + 8, metrics.height()))
        if rect is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(rect, 3, 3)
            painter.setPen(theme.colour("text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def _lines(theme: Theme, ties: Ties, view: PlaneView) -> list[tuple[str, bool | None]]:
    """The caption's lines; in a roomy plot two more, each with a sample of a line, torn or not."""
    said: list[tuple[str, bool | None]] = [(ties.said, None)]
    if view.height > _ROOMY * QFontMetricsF(theme.font("small")).height():
        said += [(ties.kept_means, False)] * bool(ties.kept_means) + [(ties.torn_means, True)] * bool(ties.torn_means)
    return said


def _plate(theme: Theme, ties: Ties, view: PlaneView, places: Sequence[QPointF], noted: QRectF) -> QRectF:
    """Where the caption stands: in the corner in which it covers the fewest of some places. noted: what has the upper
    left one."""
    bold, small = QFontMetricsF(theme.font("small", bold=True)), QFontMetricsF(theme.font("small"))
    lines = _lines(theme, ties, view)
    sample = _SAMPLE * theme.scale + 8
    wide = max(
        bold.horizontalAdvance(text) if torn is None else sample + small.horizontalAdvance(text) for text, torn in lines
    )
    size = QSizeF(min(wide + 16, view.width - 12), len(lines) * small.height() + 8)
    floor = names_rect(theme, view.width, view.height).top() - size.height() - 2
    ceiling = max(noted.bottom(), 0.0) + 6
    corners = [QRectF(QPointF(x, y), size) for y in (floor, ceiling) for x in (6.0, view.width - 6 - size.width())]
    return min(corners, key=lambda corner: sum(corner.adjusted(-4, -4, 4, 4).contains(place) for place in places))


def _paint_plate(painter: QPainter, theme: Theme, lines: Sequence[tuple[str, bool | None]], plate: QRectF) -> None:
    ground = theme.colour("panel")
    ground.setAlpha(235)
    painter.setPen(QPen(theme.colour("border"), 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(plate, 4, 4)
    high, sample = QFontMetricsF(theme.font("small")).height(), _SAMPLE * theme.scale
    for place, (text, torn) in enumerate(lines):
        line = QRectF(plate.left() + 8, plate.top() + 4 + place * high, plate.width() - 16, high)
        if torn is not None:
            painter.setPen(_pen(theme, torn=torn))
            painter.drawLine(QLineF(line.left(), line.center().y(), line.left() + sample, line.center().y()))
            line.setLeft(line.left() + sample + 8)
        painter.setFont(theme.font("small", bold=torn is None))
        painter.setPen(theme.colour("text"))
        shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
