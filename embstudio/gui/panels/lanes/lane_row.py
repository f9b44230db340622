"""One row of the Lanes panel: which model, its tokens, and at the cursor what it says and holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from embstudio.base.errors import TokenizerError
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lanes import words
from embstudio.gui.panels.lanes.lane import Lane
from embstudio.gui.panels.lanes.lane_strip import LaneStrip
from embstudio.gui.panels.lanes.state_strip import StateStrip
from embstudio.gui.panels.lanes.verdict_label import VerdictLabel
from embstudio.gui.style.theme import Theme
from embstudio.stepper.alignment import Cover, Standing
from embstudio.stepper.saying import CLASSES, Saying

HEAD = 168  # pixels of the column with the names, at the normal size of text


class LaneRow(QFrame):
    """picked(place): a click on one of its tokens. remove, lead, retry: the person's wish for this model."""

    picked = Signal(int)
    remove = Signal()
    lead = Signal()
    retry = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.lane: Lane | None = None
        self.saying: Saying | None = None
        self._roomy = True
        self.setObjectName("LaneRow")
        self.title, self.kind = QLabel(self), ElidedLabel("", self)
        self.title.setWordWrap(True)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.kind.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.shown = self._button("LaneShow", "Open", "Make this the open model: all panels show it", self.lead)
        self.closed = self._button("LaneRemove", "✕", "Take this lane away", self.remove)
        self.strip = LaneStrip(theme, self)
        self.strip.picked.connect(self.picked)
        self.verdict, self.follows, self.holds = VerdictLabel("", self), ElidedLabel("", self), ElidedLabel("", self)
        self.verdict.setObjectName("LaneVerdict")
        self.holds.setObjectName("LaneHolds")
        for label in (self.follows, self.holds):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.state = StateStrip(theme, self)
        self.message = QLabel(self)
        self.message.setObjectName("LaneMessage")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.again = QPushButton("Try again", self)
        self.again.setObjectName("LaneRetry")
        self.again.clicked.connect(self.retry)
        self._arrange()
        self.restyle()

    def _arrange(self) -> None:
        self._head = QWidget(self)
        self._names = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._names.setSpacing(0)
        self._names.addWidget(self.title)
        self._names.addWidget(self.kind)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.shown)
        buttons.addWidget(self.closed)
        buttons.addStretch(1)
        buttons.setContentsMargins(0, 0, 0, 0)
        head = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._head)
        head.setContentsMargins(8, 6, 4, 2)
        head.setSpacing(2)
        head.addLayout(self._names)
        head.addLayout(buttons)
        head.addStretch(1)
        self._head_layout = head
        knows = QHBoxLayout()
        knows.setContentsMargins(0, 0, 8, 0)
        knows.setSpacing(10)
        knows.addWidget(self.verdict, 4)
        knows.addWidget(self.follows, 3)
        knows.addWidget(self.state, 2)
        knows.addWidget(self.holds, 5)
        self._knows = QWidget(self)
        self._knows.setLayout(knows)
        told = QHBoxLayout()
        told.setContentsMargins(0, 6, 8, 6)
        told.addWidget(self.message, 1)
        told.addWidget(self.again)
        self._told = QWidget(self)
        self._told.setLayout(told)
        body = QVBoxLayout()
        body.setContentsMargins(0, 3, 0, 5)
        body.setSpacing(2)
        body.addWidget(self.strip)
        body.addWidget(self._knows)
        body.addWidget(self._told)
        body.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._head)
        self._row.addLayout(body, 1)

    def _button(self, name: str, text: str, tip: str, signal: SignalInstance) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.clicked.connect(signal)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self.theme.colour("border"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.title.setFont(self.theme.font(bold=True))
        self.verdict.setFont(self.theme.font(bold=True))
        for label in (self.kind, self.follows, self.holds):
            label.setFont(self.theme.font("small"))
        for widget in (self.strip, self.state):
            widget.updateGeometry()
            widget.update()

    def set_narrow(self, narrow: bool, *, roomy: bool) -> None:
        """Put the name over the tokens instead of beside them. roomy: there is room for all that is to be said."""
        self._roomy = roomy
        self.follows.setVisible(roomy and bool(self.follows.text()))
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(down if narrow else across)
        self._head_layout.setDirection(across if narrow else down)
        self._head_layout.setStretch(0, 1 if narrow else 0)
        self._names.setDirection(across if narrow else down)
        self._names.setStretch(1, 1 if narrow else 0)
        self._names.setSpacing(8 if narrow else 0)
        if narrow:
            self._head.setMinimumWidth(0)
            self._head.setMaximumWidth(16777215)
        else:
            self._head.setFixedWidth(round(HEAD * self.theme.scale))
        self._row.setContentsMargins(8 if narrow else 0, 0, 0, 0)

    # What it shows ---------------------------------------------------------------------------------------------

    def set_lane(self, lane: Lane, name: str, saying: Saying | None) -> None:
        """Take a lane. name: as it is called beside the others."""
        self.lane, self.saying = lane, saying
        own = lane.member is None
        self.setAccessibleName(f"Lane of {lane.title}")
        self.strip.setAccessibleName(f"Tokens of {lane.title}")
        self.title.setText(name)
        self.title.setToolTip(lane.title)
        self.kind.setText(" · ".join(filter(None, [lane.kind, "open" if own else ""])))
        for button, verb in ((self.shown, "Open"), (self.closed, "Take away")):
            button.setVisible(not own)
            button.setAccessibleName(f"{verb} {lane.title}")
        there = saying is not None
        self.strip.setVisible(there)
        self._knows.setVisible(there)
        self._told.setVisible(not there)
        self.again.setVisible(lane.problem is not None)
        lacking = isinstance(lane.problem, TokenizerError)
        self.again.setText("Choose its tokenizer…" if lacking else "Try again")
        if not there:
            self._tell(lane)
        self.strip.set_saying(saying)
        self.state.set_states(lane.states if there else None)

    def _tell(self, lane: Lane) -> None:
        if lane.problem is not None:
            problem = lane.problem
            self.message.setText(f"{problem.what} {problem.advice}".strip())
            self.message.setToolTip("\n".join(filter(None, [problem.where, problem.detail])))
        else:
            self.message.setText("Reading the text …" if lane.document is not None else "Opening …")
            self.message.setToolTip("")

    def set_sides(self, sides: Sequence[tuple[float, float]]) -> None:
        """Where its tokens stand in the common columns."""
        if self.lane is not None and self.lane.trace is not None:
            self.strip.set_chips(self.lane.trace.tokens, sides, bars=self.lane.looks is not None)

    def set_place(self, cover: Cover) -> None:
        """Show what the model says and holds at the tokens where the cursor stands."""
        lane, saying, place = self.lane, self.saying, cover.last
        if lane is None or saying is None:
            return
        weights = lane.looks.row(place) if lane.looks is not None and place is not None else None
        self.strip.set_place(cover.places if cover.standing is not Standing.NOTHING else (), weights)
        self.state.set_place(place)
        if place is None:
            self._say(words.standing(lane, cover), "", "")
            return
        self._say(words.verdict(lane, saying, place), words.follows(lane, saying, place), words.holds(lane, place))
        self.verdict.setToolTip(words.about_saying(lane, saying, place))
        about = words.about_holding(lane, place)
        self.holds.setToolTip(f"{self.holds.text()}\n{about}".strip())
        self.state.setToolTip(about)
        self.state.setAccessibleDescription(about)

    def _say(self, verdict: str, follows: str, holds: str) -> None:
        self.verdict.setText(verdict)
        self.follows.setText(follows)
        self.follows.setVisible(self._roomy and bool(follows))
        self.holds.setText(holds)
        self.holds.setVisible(bool(holds))
        role = {"▲": "positive", "▼": "negative"}.get(verdict[:1])
        classes = self.saying is not None and self.saying.kind == CLASSES
        self.verdict.colour = self.theme.colour(role) if role is not None and classes else None
        # A class is never cut; a list of words may be.
        whole = self.verdict.fontMetrics().horizontalAdvance(verdict) + 4 if classes else 0
        self.verdict.setMinimumWidth(whole)
        self.verdict.update()
