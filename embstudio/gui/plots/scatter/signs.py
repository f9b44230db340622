"""Names of regions of the plot: of clusters, each where its points lie, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from embstudio.gui.plots.scatter.colouring import Categories, Colouring
from embstudio.gui.plots.scatter.picture import category_looks
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.plots.scatter.symbols import draw_symbol
from embstudio.gui.style.theme import Theme

WIDEST = 210.0  # pixels of a name at text scale 1; longer ones are cut
_EDGE = 4.0
_COVERED, _CROWDED = 0.18, 0.4  # of the plot, and of the rectangle around its points, that names cover at most
_STEPS = (0, -1, 1, -2, 2, -3, 3)  # heights by which a name gives way to others, up or down


@dataclass(frozen=True)
class Signs:
    """places [m, dimensions] of the plot, their texts, the more important first, and the category that each is of.

    caption: what is said of all of them in the plot's corner."""

    places: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    texts: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()
    caption: str = ""


@dataclass(frozen=True)
class Placed:
    """A name and the rectangle that it fills."""

    rect: QRectF
    text: str
    code: int


def place_signs(
    signs: Signs, points: PointSet, view: PlaneView, theme: Theme, kept_free: Sequence[QRectF]
) -> list[Placed]:
    """Those that are in sight and find room, where their region is or a little above or below."""
    if not signs.texts:
        return []
    metrics = QFontMetricsF(theme.font("small", bold=True))
    room = QRectF(2, 2, view.width - 4, view.height - 4)
    taken = [rect for rect in kept_free if not rect.isEmpty()]
    placed: list[Placed] = []
    (left, bottom), (right, top) = points.grid.low, points.grid.high
    crowd = (right - left) * (top - bottom) * view.zoom**2
    left_over = min(_COVERED * view.width * view.height, _CROWDED * crowd)
    for (x, y), text, code in zip(view.places(points.flat_of(signs.places)).tolist(), signs.texts, signs.codes,
                                  strict=True):  # fmt: skip
        if not (np.isfinite([x, y]).all() and room.contains(QPointF(x, y))):
            continue
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, WIDEST * theme.scale)
        size = QSizeF(metrics.horizontalAdvance(cut) + metrics.height() + 2 * _EDGE, metrics.height() + 2)
        left = min(max(x - size.width() / 2, room.left()), room.right() - size.width())
        for step in _STEPS:
            rect = QRectF(QPointF(left, y + (step - 0.5) * size.height()), size)
            if (
                left_over >= size.width() * size.height()
                and room.contains(rect)
                and not any(rect.intersects(other) for other in taken)
            ):
                taken.append(rect)
                left_over -= size.width() * size.height()
                placed.append(Placed(rect, cut, code))
                break
    return placed


def paint_signs(painter: QPainter, theme: Theme, placed: Sequence[Placed], colouring: Colouring | None) -> None:
    """Each on a plate, with the symbol of its points beside it."""
    looks = category_looks(colouring, theme.colours) if isinstance(colouring, Categories) else []
    ground = theme.colour("panel")
    ground.setAlpha(225)
    painter.setFont(theme.font("small", bold=True))
    for sign in placed:
        rect = sign.rect
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, 4, 4)
        if sign.code < len(looks):
            shape, colour = looks[sign.code]
            at = QPointF(rect.left() + _EDGE + 0.4 * rect.height(), rect.center().y())
            draw_symbol(painter, at, (shape, colour, 4.2 * theme.scale, 1.0), theme.colours.panel)
        painter.setPen(theme.colour("text"))
        inner = rect.adjusted(_EDGE + 0.9 * rect.height(), 0, 0, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, sign.text)
