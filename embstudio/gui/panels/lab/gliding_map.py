"""The vectors as points that glide from where they were to where they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.gliding import Plane

FRAME_MS = 16
_USUAL = (
    "king queen prince princess man woman boy girl father mother dog cat puppy kitten horse cow sheep wolf fox bear "
    "bread cheese cake tea coffee milk apple pear plum carrots beans red blue green piano violin flute bus train"
)
GLIDE_MS = 120.0  # from one picture to the next, at least: about as long as one takes to come
_LONGEST_MS = 1_500.0  # pictures of large tables come more rarely


class GlidingMap(QWidget):
    """`show_plane` gives where points go to. Names stay with their points. changed(): other words shall be shown."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scatter = Scatter(theme, self)
        self.scatter.setObjectName("labMap")
        self.scatter.setAccessibleName("Word vectors as points")
        self.caption = ElidedLabel("", self)
        self.caption.setObjectName("labMapCaption")
        self.frames = 0  # painted since it was made
        self.wanted = QLineEdit(_USUAL, self)
        self.wanted.setObjectName("labMapWords")
        self.wanted.setCursorPosition(0)
        self.wanted.setAccessibleName("Words on the map; empty for all")
        self.wanted.setPlaceholderText("Words on the map; empty: the 400 most frequent")
        self.wanted.setToolTip(
            "The words whose vectors are drawn, and that the plane is found for; empty: the 400 most frequent"
        )
        self.wanted.setClearButtonEnabled(True)
        self.wanted.editingFinished.connect(self.changed)
        self._names: tuple[str, ...] = ()
        self._from = self._to = np.zeros((0, 2), np.float32)
        self._clock = QElapsedTimer()
        self._glide_ms = GLIDE_MS
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._glide)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.wanted)
        column.addWidget(self.scatter, 1)
        column.addWidget(self.caption)
        column.setContentsMargins(8, 0, 0, 0)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that shall be drawn, in lower case; none: the most frequent."""
        return tuple(dict.fromkeys(self.wanted.text().lower().replace(",", " ").split()))

    def show_plane(self, plane: Plane, names: Sequence[str]) -> None:
        """Take the next picture; points of other names appear at once."""
        axes = tuple(f"axis {number} · {percent(share)}" for number, share in enumerate(plane.explained, 1))
        held = percent(float(plane.explained.sum()))
        self.caption.setText(f"PCA, input vectors of {len(names):,} words: {held} of their variance, turned to glide")
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._from = self._to = plane.points
            self.scatter.set_points(plane.points, names, axes)
            return
        self.scatter.figure.axes = axes
        self._from, self._to = self._now(), plane.points
        passed = self._clock.restart() if self._clock.isValid() else 0
        if not self._clock.isValid():
            self._clock.start()
        # As long as the next will take, if it takes as long as this one; after a pause nobody knows.
        self._glide_ms = float(passed) if GLIDE_MS < passed <= _LONGEST_MS else GLIDE_MS
        if self.isVisible():
            self._timer.start()
        else:
            self._place(self._to)

    def set_emphasis(self, emphasis: Emphasis) -> None:
        """Take the points that stand out."""
        if emphasis != self.scatter.figure.emphasis:
            self.scatter.set_emphasis(emphasis)

    def forget(self) -> None:
        """Show nothing."""
        self._timer.stop()
        self._names = ()
        self.scatter.set_points(np.zeros((0, 2), np.float32))
        self.caption.setText("")

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.scatter.restyle()

    def _now(self) -> np.ndarray:
        if not self._clock.isValid():
            return self._to
        way = min(1.0, self._clock.elapsed() / self._glide_ms)
        return np.asarray(self._from + np.float32(way) * (self._to - self._from))

    def _glide(self) -> None:
        if self._clock.elapsed() >= self._glide_ms:
            self._timer.stop()
        self._place(self._now())

    def _place(self, points: np.ndarray) -> None:
        """Put the points there; what stands out, what is selected and the view stay."""
        self.scatter.figure.points = PointSet(points)
        self.scatter.figure.forget_points()
        self.frames += 1
        if self.scatter.view.fitted:
            self.scatter.fit()
        else:
            self.scatter.redraw()
