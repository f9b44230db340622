"""The rows of the Lanes panel: their tokens in common columns, which scroll together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from embstudio.gui.panels.lanes.lane import Lane
from embstudio.gui.panels.lanes.lane_row import HEAD, LaneRow
from embstudio.gui.style.theme import Theme
from embstudio.stepper.alignment import Cover
from embstudio.stepper.common_columns import common_columns
from embstudio.stepper.saying import Saying

NARROW = 560  # pixels below which names stand over the tokens
FLAT = 220  # pixels below which the head scrolls away with the rows
ROOMY = 720  # pixels from which all is told at the cursor
MARGIN = 80  # pixels that stay in sight beside the current token
CAPTION = (
    "Tint and number: how sure of the class, in per cent, or how likely the word was that follows. Bars under tokens: "
    "how much the current one looks at each, the tallest the most. A click on a token goes there in all lanes."
)


class RowsView(QWidget):
    """picked(row, place): a click on a token. wished(row, wish): "remove", "lead" or "retry" for a row's model.

    header: stands above the rows, or scrolls away with them where there is little room.
    """

    picked = Signal(object, int)
    wished = Signal(object, str)

    def __init__(self, header: QWidget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.header = header
        self.rows: list[LaneRow] = []
        self._width = 0.0  # of all columns
        self._flat = False
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.caption = QLabel(CAPTION)
        self.caption.setObjectName("LanesCaption")
        self.caption.setWordWrap(True)
        self.caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.caption.setContentsMargins(8, 6, 8, 4)
        self._column.addWidget(self.caption)
        self._column.addStretch(1)
        self.across = QScrollBar(Qt.Orientation.Horizontal)
        self.across.setObjectName("LanesAcross")
        self.across.setAccessibleName("Along the sentence")
        self.across.valueChanged.connect(self._scroll_to)
        self._around = QVBoxLayout(self)
        self._around.setContentsMargins(0, 6, 0, 0)
        self._around.setSpacing(4)
        self._around.addWidget(header)
        self._around.addWidget(self._scrolling(), 1)
        self._around.addWidget(self.across)

    def _scrolling(self) -> QScrollArea:
        inside = QWidget()
        inside.setBackgroundRole(QPalette.ColorRole.Base)
        inside.setLayout(self._column)
        area = QScrollArea()
        area.setObjectName("LanesScroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        return area

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.caption.setFont(self.theme.font("small"))
        for row in self.rows:
            row.restyle()

    def set_lanes(self, lanes: Sequence[Lane], names: Sequence[str], sayings: Sequence[Saying | None]) -> None:
        """Show these lanes, one a row. names: as they are called beside each other."""
        while len(self.rows) > len(lanes):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(lanes):
            self._add_row()
        for row, lane, name, saying in zip(self.rows, lanes, names, sayings, strict=True):
            row.set_lane(lane, name, saying)

    def lay_out(self) -> None:
        """Put the tokens of all into common columns."""
        shown = [(row, row.lane) for row in self.rows if row.lane is not None and row.lane.trace is not None]
        sides = common_columns(
            [lane.reading for _, lane in shown], [row.strip.widths(lane.reading.tokens) for row, lane in shown]
        )
        self._width = max((own[-1][1] for own in sides if own), default=0.0)
        for (row, _), own in zip(shown, sides, strict=True):
            row.set_sides(own)
        self.fit()

    def set_places(self, covers: Sequence[Cover]) -> None:
        """Mark in each row the tokens where the cursor stands; of the open model's row, bring them into sight."""
        for row, cover in zip(self.rows, covers, strict=True):
            row.set_place(cover)
            if row.lane is not None and row.lane.member is None and cover.last is not None:
                self._bring_into_sight(row, cover.last)

    def _add_row(self) -> None:
        row = LaneRow(self.theme)
        row.picked.connect(lambda place: self.picked.emit(row, place))
        row.remove.connect(lambda: self.wished.emit(row, "remove"))
        row.lead.connect(lambda: self.wished.emit(row, "lead"))
        row.retry.connect(lambda: self.wished.emit(row, "retry"))
        self._column.insertWidget(self._column.indexOf(self.caption), row)
        self.rows.append(row)

    # Sideways ------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Names beside or over the tokens, and as far to scroll as there are tokens out of sight."""
        narrow = self.width() < NARROW * self.theme.scale
        flat = self.height() < FLAT * self.theme.scale
        if flat != self._flat:
            self._flat = flat
            (self._column if flat else self._around).insertWidget(0, self.header)
        for row in self.rows:
            row.set_narrow(narrow, roomy=self.width() > ROOMY * self.theme.scale)
        room = self.width() - (8 if narrow else round(HEAD * self.theme.scale)) - 12
        self.across.setPageStep(max(1, room))
        self.across.setSingleStep(40)
        self.across.setRange(0, max(0, round(self._width - room)))
        self.across.setVisible(self.across.maximum() > 0)
        self._scroll_to(self.across.value())

    def _scroll_to(self, offset: int) -> None:
        for row in self.rows:
            row.strip.set_offset(offset)

    def _bring_into_sight(self, row: LaneRow, place: int) -> None:
        rect = row.strip.rect_of(place)
        left, right = rect.left() + self.across.value(), rect.right() + self.across.value()
        if left - MARGIN < self.across.value():
            self.across.setValue(round(left - MARGIN))
        elif right + MARGIN > self.across.value() + self.across.pageStep():
            self.across.setValue(round(right + MARGIN - self.across.pageStep()))
