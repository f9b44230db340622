"""Stages of a calculation in the order they happen, as cards with arrows between them; rows of them where it is
narrow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.stage_card import StageCard
from embstudio.gui.style.theme import Theme
from embstudio.stepper.stage import Stage

ARROW = 14  # pixels between two cards
BELOW = 8


class StageChain(QWidget):
    """picked(place): a card was pressed. pointed(Probe), unpointed(): the mouse is over one. Tab goes on to the next.

    card: makes each of them. least_lines, least_width: that every card has room for; None: as cards usually have.
    """

    picked = Signal(int)
    pointed = Signal(object)
    unpointed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, card: type[StageCard] = StageCard,
        least_lines: int | None = None, least_width: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.theme = theme
        self._make, self._least_lines, self._least_width = card, least_lines, least_width
        self.cards: list[StageCard] = []
        self._lines = 0  # of the longest card; does not shrink, so that nothing jumps from step to step
        self._wide = 0  # the width of a card that these are for

    def set_stages(self, stages: Sequence[Stage], current: int) -> None:
        """Take the stages; `current` is the one that the inspector shows."""
        while len(self.cards) < len(stages):
            card = self._make(self.theme, self)
            if self._least_lines is not None:
                card.least_lines = self._least_lines
            if self._least_width is not None:
                card.least_width = self._least_width
            card.pointed.connect(self.pointed)
            card.unpointed.connect(self.unpointed)
            card.setObjectName(f"Stage{len(self.cards)}")
            card.clicked.connect(partial(self.picked.emit, len(self.cards)))
            self.cards.append(card)
        for place, card in enumerate(self.cards):
            card.setVisible(place < len(stages))
            if place < len(stages):
                card.set_stage(stages[place], current=place == current)
        self._arrange()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._lines = 0
        for card in self.cards:
            card.update()
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(4 * (self._card().width() + ARROW), self._rows() * (self._card().height() + BELOW))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._card().width() + ARROW, self._rows() * (self._card().height() + BELOW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("muted"))
        shown = [card for card in self.cards if not card.isHidden()]
        for card in shown[:-1]:
            tip = QPointF(card.geometry().right() + ARROW - 3, card.geometry().center().y())
            painter.drawPolygon(QPolygonF([tip, tip + QPointF(-7, -5), tip + QPointF(-7, 5)]))

    def _card(self) -> QSize:
        return self.cards[0].size_of(self._lines) if self.cards else QSize(160, 160)

    def _across(self) -> int:
        """Cards in a row: as many as fit, spread evenly over the rows."""
        most = max(1, self.width() // (self._card().width() + ARROW))
        count = max(1, sum(not card.isHidden() for card in self.cards))
        rows = -(-count // most)
        return -(-count // rows)

    def _rows(self) -> int:
        count = max(1, sum(not card.isHidden() for card in self.cards))
        return -(-count // self._across())

    def _arrange(self) -> None:
        shown = [card for card in self.cards if not card.isHidden()]
        across = self._across()
        wide = max(self._card().width(), self.width() // across - ARROW)
        if wide != self._wide:
            self._wide, self._lines = wide, 0
        self._lines = max([self._lines, *(card.lines(wide) for card in shown)])
        high = self._card().height()
        for place, each in enumerate(shown):
            row, column = divmod(place, across)
            each.setGeometry(QRect(column * (wide + ARROW), row * (high + BELOW), wide, high))
        self.setMinimumHeight(self._rows() * (high + BELOW))
        self.update()
