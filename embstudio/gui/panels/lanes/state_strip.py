"""The state of a recurrent layer at one token: a column for each unit, and a bar for how much it changed."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embstudio.gui.style.colour_maps import paint, signed_map
from embstudio.gui.style.theme import Theme
from embstudio.stepper.knowledge import States

HIGH = 16
WIDEST = 512  # pixels
CHANGE = 4  # of the height, for the bar under the units


class StateStrip(QWidget):
    """Units from left to right, signed colours around 0; below, ‖Δh‖ as a part of the largest change of the text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._states: States | None = None
        self._place = 0
        self._picture: QImage | None = None
        self._most = 1.0
        self.setObjectName("StateStrip")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(WIDEST)
        self.setAccessibleName("State of all units")

    def set_states(self, states: States | None) -> None:
        """Take the states of a text; None hides it."""
        self._states, self._picture = states, None
        self._most = float(states.changes.max(initial=0.0)) or 1.0 if states is not None else 1.0
        self.setVisible(states is not None)
        self.update()

    def set_place(self, place: int | None) -> None:
        """Show the state at a token; None: at none."""
        self._place, self._picture = -1 if place is None else place, None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(128 * self.theme.scale), round((HIGH + CHANGE) * self.theme.scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(64 * self.theme.scale), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if self._states is None or not 0 <= self._place < len(self._states.values):
            return
        if self._picture is None:
            row = self._states.values[self._place : self._place + 1].astype(np.float32)
            limit = self._states.limit or 1.0
            pixels = np.ascontiguousarray(paint(row, -limit, limit, signed_map(self.theme.colours)))
            self._picture = QImage(pixels.data, row.shape[1], 1, QImage.Format.Format_RGBA8888).copy()
        bar = CHANGE * self.theme.scale
        units = QRectF(0.5, 0.5, self.width() - 1, self.height() - bar - 2)
        painter.drawImage(units, self._picture)
        painter.setPen(QPen(self.theme.colour("border"), 1))
        painter.drawRect(units)
        share = float(self._states.changes[self._place]) / self._most
        painter.fillRect(QRectF(0, self.height() - bar, share * self.width(), bar), self.theme.colour("hidden"))
