"""The Lanes panel: one sentence through several models side by side, one cursor, what each says and holds there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QStackedLayout, QWidget

from embstudio.base.errors import TokenizerError
from embstudio.gui.binding import bind
from embstudio.gui.panels.lanes.header import LanesHeader
from embstudio.gui.panels.lanes.invitation import Invitation
from embstudio.gui.panels.lanes.lane import Lane, alike
from embstudio.gui.panels.lanes.lane_row import LaneRow
from embstudio.gui.panels.lanes.rows_view import RowsView
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.token_label import token_label
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import TraceRequest
from embstudio.stepper.alignment import Alignment, Standing
from embstudio.stepper.disagreement import Voter, comparable, partings, short_names, telling
from embstudio.studio import Studio
from embstudio.studio.companion import Companion
from embstudio.trace.trace import Trace

PATIENCE_MS = 250  # so long the lanes of the sentence before stay, while the other models read the new one
GATHER_MS = 30  # answers that come together are drawn together
TOKENIZERS = "Tokenizers (*.json *.txt *.model *.spm);;All files (*)"


class LanesPanel(Panel):
    """Each lane a row; the tokens of all stand in common columns, by the characters that they cover."""

    title = "Lanes"
    shows_gates = True

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self._lanes: list[Lane] = []
        self._alignments: list[Alignment] = []  # from the open model's tokens to those of each lane
        self._voters: list[Voter] = []
        self._partings: tuple[int, ...] = ()
        self._relaid = False  # whether the columns fit the fonts
        self._waited_for: TraceRequest | None = None  # what is shown of the open model while the others still read
        self._sought: dict[Companion, tuple[Trace | None, int]] = {}
        self.invitation = Invitation(studio, theme, self)
        self.header = LanesHeader(studio, theme, self)
        self.header.parting_wanted.connect(self._go_to_parting)
        self.view = RowsView(self.header, theme, self)
        self.view.picked.connect(self._on_picked)
        self.view.wished.connect(self._on_wish)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(ScrollBody(self.invitation, "LanesInvitationScroll"))
        self._stack.addWidget(self.view)
        self._gather, self._patience = QTimer(self), QTimer(self)
        for timer, milliseconds in ((self._gather, GATHER_MS), (self._patience, PATIENCE_MS)):
            timer.setSingleShot(True)
            timer.setInterval(milliseconds)
            timer.timeout.connect(self._on_news)
        bind(self, studio.companions.changed, self._gather_news)
        bind(self, studio.prefixes.changed, self._gather_news)
        self.restyle()

    @property
    def rows(self) -> list[LaneRow]:
        """One for each lane, from top to bottom."""
        return self.view.rows

    def restyle(self) -> None:
        self.header.restyle()
        self.view.restyle()
        self._relaid = False

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
        if trace is None or self._stack.currentIndex() == 0 or not self._lanes or self._own.trace is not trace:
            return
        token = self.studio.cursor.token
        covers = [alignment.of(token) for alignment in self._alignments]
        self.view.set_places(covers)
        for lane, cover in zip(self._lanes, covers, strict=True):
            if cover.standing is Standing.OUTSIDE:
                self._seek(lane, token)
        self._tell(trace, token)

    def _seek(self, lane: Lane, token: int) -> None:
        """Let a model that cannot take the whole text read the part where the cursor is; once, since where a token
        stands among another model's tokens is estimated."""
        reading = self._own.reading
        span, member = reading.spans[token], lane.member
        if member is None or span is None or (lane.trace, token) == self._sought.get(member):
            return
        self._sought[member] = lane.trace, token
        member.read_around((span[0] + span[1]) / 2 / max(1, reading.length))

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
        changed = [id(lane) for lane in lanes] != [id(lane) for lane in self._lanes]
        self._lanes = lanes
        self._sought = {lane.member: self._sought[lane.member] for lane in lanes if lane.member in self._sought}
        if changed:
            self._alignments = [lane.alignment_from(self._own) for lane in lanes]
        names, sayings = short_names([lane.title for lane in lanes]), [lane.saying() for lane in lanes]
        self.view.set_lanes(lanes, names, sayings)
        if changed or not self._relaid:
            self._relaid = True
            self.view.lay_out()
        self._voters = comparable([
            Voter(f"the {name}" if len(name) < 16 else name, saying, alignment)
            for name, saying, alignment in zip(names, sayings, self._alignments, strict=True)
            if saying is not None
        ])  # fmt: skip
        self._partings = partings(self._voters)

    def _make_lanes(self) -> list[Lane]:
        """The lanes of this moment; one of which nothing has changed is the same as before."""
        lanes = []
        for member in self.studio.companions.lanes:
            lane = Lane.of_open(self.studio) if member is None else Lane.of(member, self.studio.companions)
            lanes.append(next((old for old in self._lanes if alike(old, lane)), lane))
        return lanes

    # What they say together ----------------------------------------------------------------------------------------

    def _tell(self, trace: Trace, token: int) -> None:
        later = self._next_parting(token)
        self.header.tell(
            telling(self._voters, token, token_label(trace.tokens[token])),
            token_label(trace.tokens[later]) if later is not None else "",
        )

    def _next_parting(self, token: int) -> int | None:
        """The next token at which they begin to part, from the beginning again behind the last; None for no other."""
        others = sorted((place for place in self._partings if place != token), key=lambda place: (place < token, place))
        return others[0] if others else None

    def _go_to_parting(self) -> None:
        later = self._next_parting(self.studio.cursor.token)
        if later is not None:
            self.studio.cursor.move(token=later)

    # What the person does ------------------------------------------------------------------------------------------

    def _on_picked(self, row: LaneRow, place: int) -> None:
        """Go to the open model's token where another lane's token stands: the last of several, when all is read."""
        if row.lane is None or self._own.trace is not self.studio.trace:
            return
        cover = self._own.alignment_from(row.lane).of(place)
        if cover.last is not None:
            self.studio.cursor.move(token=cover.last)
        elif cover.standing is Standing.NOTHING:
            self.studio.cursor.move(token=0)

    def _on_wish(self, row: LaneRow, wish: str) -> None:
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
