"""The Lanes panel: one sentence through several models side by side, one cursor, what each says and holds there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QScrollArea, QScrollBar, QStackedLayout, QVBoxLayout, QWidget

from embstudio.base.errors import TokenizerError
from embstudio.gui.binding import bind
from embstudio.gui.panels.lanes.header import LanesHeader
from embstudio.gui.panels.lanes.invitation import Invitation
from embstudio.gui.panels.lanes.lane import Lane
from embstudio.gui.panels.lanes.lane_row import HEAD, LaneRow
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.token_label import token_label
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import TraceRequest
from embstudio.stepper.alignment import Alignment, Cover, Standing
from embstudio.stepper.common_columns import common_columns
from embstudio.stepper.disagreement import Voter, comparable, partings, short_names, telling
from embstudio.studio import Studio
from embstudio.studio.companion import Companion
from embstudio.trace.trace import Trace

PATIENCE_MS = 250  # so long the lanes of the sentence before stay, while the other models read the new one
GATHER_MS = 30  # answers that come together are drawn together
NARROW = 560  # pixels below which names stand over the tokens
FLAT = 220  # pixels below which the head scrolls away with the rows
ROOMY = 720  # pixels from which all is told at the cursor
MARGIN = 80  # pixels that stay in sight beside the current token
TOKENIZERS = "Tokenizers (*.json *.txt *.model *.spm);;All files (*)"
CAPTION = (
    "Tint and number: how sure of the class, in per cent, or how likely the word was that follows. Bars under tokens: "
    "how much the current one looks at each, the tallest the most. A click on a token goes there in all lanes."
)


class LanesPanel(Panel):
    """Each lane a row; the tokens of all stand in common columns, by the characters that they cover."""

    title = "Lanes"
    shows_gates = True

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.rows: list[LaneRow] = []
        self._lanes: list[Lane] = []
        self._alignments: list[Alignment] = []
        self._voters: list[Voter] = []
        self._partings: tuple[int, ...] = ()
        self._flat = False
        self._width = 0.0  # of all columns
        self._waited_for: TraceRequest | None = None  # what is shown of the open model while the others still read
        self._sought: dict[LaneRow, tuple[Trace | None, int]] = {}
        self.invitation = Invitation(studio, theme, self)
        self.header = LanesHeader(studio, theme, self)
        self.header.parting_wanted.connect(self._go_to_parting)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(ScrollBody(self.invitation, "LanesInvitationScroll"))
        self._stack.addWidget(self._build())
        self._gather, self._patience = QTimer(self), QTimer(self)
        for timer, milliseconds in ((self._gather, GATHER_MS), (self._patience, PATIENCE_MS)):
            timer.setSingleShot(True)
            timer.setInterval(milliseconds)
            timer.timeout.connect(self._on_news)
        bind(self, studio.companions.changed, self._gather_news)
        bind(self, studio.prefixes.changed, self._gather_news)
        self.restyle()

    def _build(self) -> QWidget:
        body = QWidget()
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        inside = QWidget()
        inside.setBackgroundRole(QPalette.ColorRole.Base)
        inside.setLayout(self._column)
        self._column.addWidget(self._make_caption())
        self._column.addStretch(1)
        self.rows_area = QScrollArea()
        self.rows_area.setObjectName("LanesScroll")
        self.rows_area.setFrameShape(QFrame.Shape.NoFrame)
        self.rows_area.setWidgetResizable(True)
        self.rows_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows_area.setWidget(inside)
        self.rows_area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.across = QScrollBar(Qt.Orientation.Horizontal)
        self.across.setObjectName("LanesAcross")
        self.across.setAccessibleName("Along the sentence")
        self.across.valueChanged.connect(self._scroll_to)
        self._around = QVBoxLayout(body)
        self._around.setContentsMargins(0, 6, 0, 0)
        self._around.setSpacing(4)
        for widget, stretch in ((self.header, 0), (self.rows_area, 1), (self.across, 0)):
            self._around.addWidget(widget, stretch)
        return body

    def _make_caption(self) -> QLabel:
        self.caption = QLabel(CAPTION)
        self.caption.setObjectName("LanesCaption")
        self.caption.setWordWrap(True)
        self.caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.caption.setContentsMargins(8, 6, 8, 4)
        return self.caption

    def restyle(self) -> None:
        self.caption.setFont(self.theme.font("small"))
        self.header.restyle()
        for row in self.rows:
            row.restyle()

    # Following the studio ----------------------------------------------------------------------------------------

    def show_document(self) -> None:
        self.restyle()  # a style sheet takes labels' fonts away from them when the panel is put into its dock

    def show_trace(self) -> None:
        companions = self.studio.companions
        if self.studio.trace is None or self.studio.document is None or not companions.members:
            self.invitation.refresh()
            self._stack.setCurrentIndex(0)
            return
        companions.want()
        companions.want_prefixes()
        self.studio.prefixes.want()
        fresh = all(companions.current(member) or member.problem is not None for member in companions.members)
        if not fresh and self._lanes and self._same_models() and not self._patience_over():
            return  # typing: the lanes of before stay until all are there, or it takes too long
        self._patience.stop()
        self._show_lanes()
        self._stack.setCurrentIndex(1)

    def show_place(self) -> None:
        trace = self.studio.trace
        if trace is None or self._stack.currentIndex() == 0 or not self._lanes or not self._is_current():
            return
        token = self.studio.cursor.token
        for row, alignment in zip(self.rows, self._alignments, strict=True):
            cover = alignment.of(token)
            row.set_place(cover)
            if cover.standing is Standing.OUTSIDE:
                self._seek(row, token)
        self._tell(token)
        self._bring_into_sight()

    def _seek(self, row: LaneRow, token: int) -> None:
        """Let a model that cannot take the whole text read the part where the cursor is; once, since where a token
        stands among another model's tokens is estimated."""
        lane, reading = row.lane, self._own.reading
        span = reading.spans[token]
        if lane is None or lane.member is None or span is None or (lane.trace, token) == self._sought.get(row):
            return
        self._sought[row] = lane.trace, token
        lane.member.read_around((span[0] + span[1]) / 2 / max(1, reading.length))

    def _is_current(self) -> bool:
        """Whether the lanes that are shown are of the trace that is shown."""
        return self._own.trace is self.studio.trace

    @property
    def _own(self) -> Lane:
        return next(lane for lane in self._lanes if lane.member is None)

    def _gather_news(self) -> None:
        self._stale_trace = self._stale_place = True
        if not self._gather.isActive():
            self._gather.start()

    def _on_news(self) -> None:
        self._stale_trace = self._stale_place = True
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._gather.stop()
        self._patience.stop()

    def _same_models(self) -> bool:
        return [lane.member for lane in self._lanes] == list(self.studio.companions.lanes)

    def _patience_over(self) -> bool:
        """Whether the lanes of before were left for long enough; the first question starts the clock."""
        if self._waited_for is not self.studio.ran:
            self._waited_for = self.studio.ran
            self._patience.start()
            return False
        return not self._patience.isActive()

    # Lanes -------------------------------------------------------------------------------------------------------

    def _show_lanes(self) -> None:
        lanes = self._make_lanes()
        while len(self.rows) > len(lanes):
            row = self.rows.pop()
            self._sought.pop(row, None)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(lanes):
            self._add_row()
        relaid = [id(lane) for lane in lanes] != [id(lane) for lane in self._lanes]
        self._lanes = lanes
        names = short_names([lane.title for lane in lanes])
        own = self._own
        sayings = [lane.saying() for lane in lanes]
        if relaid:
            self._alignments = [lane.alignment_from(own) for lane in lanes]
        for row, lane, name, saying in zip(self.rows, lanes, names, sayings, strict=True):
            row.set_lane(lane, name, saying)
        if relaid:
            self._lay_out()
        voters = [
            Voter(f"the {name}" if len(name) < 16 else name, saying, alignment)
            for name, saying, alignment in zip(names, sayings, self._alignments, strict=True)
            if saying is not None
        ]
        self._voters = comparable(voters)
        self._partings = partings(self._voters)
        self._fit()

    def _make_lanes(self) -> list[Lane]:
        """The lanes of this moment; one of which nothing has changed is the same as before."""
        studio, document = self.studio, self.studio.document
        assert document is not None
        lanes = []
        for member in studio.companions.lanes:
            if member is None:
                second = studio.ran.second or "" if studio.ran is not None else ""
                lane = Lane(None, document.source.title, document, studio.trace, second, studio.prefixes)
            else:
                current = studio.companions.current(member)
                second = member.ran.second or "" if member.ran is not None else ""
                lane = Lane(
                    member, member.title, member.document, member.trace if current else None, second, member.prefixes,
                    member.problem,
                )  # fmt: skip
            lanes.append(next((old for old in self._lanes if _alike(old, lane)), lane))
        return lanes

    def _add_row(self) -> None:
        row = LaneRow(self.theme)
        row.picked.connect(lambda place: self._on_picked(row, place))
        row.remove.connect(lambda: self._on_member(row, "remove"))
        row.lead.connect(lambda: self._on_member(row, "lead"))
        row.retry.connect(lambda: self._on_member(row, "retry"))
        self._column.insertWidget(self._column.indexOf(self.caption), row)
        self.rows.append(row)

    def _lay_out(self) -> None:
        """Put all tokens into common columns."""
        shown = [(row, lane) for row, lane in zip(self.rows, self._lanes, strict=True) if lane.trace is not None]
        sides = common_columns(
            [lane.reading for _, lane in shown], [row.strip.widths(lane.reading.tokens) for row, lane in shown]
        )
        self._width = max((own[-1][1] for own in sides if own), default=0.0)
        for (row, _), own in zip(shown, sides, strict=True):
            row.set_sides(own)

    # Sideways ------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Names beside or over the tokens, and as far to scroll as there are tokens out of sight."""
        narrow = self.width() < NARROW * self.theme.scale
        flat = self.height() < FLAT * self.theme.scale
        if flat != self._flat:  # the head goes out of sight with the rows, where there is little room for either
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

    def _bring_into_sight(self) -> None:
        token = self.studio.cursor.token
        at = next(place for place, lane in enumerate(self._lanes) if lane.member is None)
        rect = self.rows[at].strip.rect_of(token)
        left, right = rect.left() + self.across.value(), rect.right() + self.across.value()
        if left - MARGIN < self.across.value():
            self.across.setValue(round(left - MARGIN))
        elif right + MARGIN > self.across.value() + self.across.pageStep():
            self.across.setValue(round(right + MARGIN - self.across.pageStep()))

    # What they say together ----------------------------------------------------------------------------------------

    def _tell(self, token: int) -> None:
        trace = self.studio.trace
        if trace is None:
            return
        later = [place for place in self._partings if place > token] or list(self._partings)
        there = bool(later) and later[0] != token
        self.header.tell(
            telling(self._voters, token, token_label(trace.tokens[token])),
            token_label(trace.tokens[later[0]]) if there else "",
        )

    def _go_to_parting(self) -> None:
        token = self.studio.cursor.token
        later = [place for place in self._partings if place > token] or list(self._partings)
        if later:
            self.studio.cursor.move(token=later[0])

    # What the person does ------------------------------------------------------------------------------------------

    def _on_picked(self, row: LaneRow, place: int) -> None:
        """Go to the open model's token where another lane's token stands: the last of several, when all is read."""
        if row.lane is None or not self._is_current():
            return
        cover: Cover = self._own.alignment_from(row.lane).of(place)
        if cover.standing is not Standing.NOTHING and cover.last is not None:
            self.studio.cursor.move(token=cover.last)
        elif cover.standing is Standing.NOTHING:
            self.studio.cursor.move(token=0)

    def _on_member(self, row: LaneRow, wish: str) -> None:
        member = row.lane.member if row.lane is not None else None
        if member is None:
            return
        if wish == "retry" and isinstance(member.problem, TokenizerError):
            self._choose_tokenizer(member)
        elif wish == "retry":
            self.studio.companions.add(member.source)
        elif wish == "lead":
            self.studio.companions.lead(member)
        else:
            self.studio.companions.remove(member)

    def _choose_tokenizer(self, member: Companion) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose the tokenizer", str(member.source.path.parent), TOKENIZERS)
        if path:
            self.studio.companions.add(replace(member.source, tokenizer=Path(path)))


def _alike(old: Lane, new: Lane) -> bool:
    return (
        old.member is new.member and old.trace is new.trace and old.document is new.document
        and old.problem is new.problem and old.title == new.title
    )  # fmt: skip
