"""First, back, play, forward, last, on to the next breakpoint: the keys that walk the cursor through the sentence."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QToolButton, QWidget

from embstudio.gui.action_button import ActionButton
from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.style.icons import transport_icon
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Severity, Studio

SLOWEST, FASTEST = 0.5, 30.0  # tokens a second
ICON_SIDE = 18  # pixels, at normal text size


class Transport(QWidget):
    """Owns the stepping actions (the menu shows the same ones) and the timer that plays."""

    def __init__(
        self, studio: Studio, theme: Theme, speed: float, loop: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("Transport")
        self._studio = studio
        self._theme = theme
        cursor = studio.cursor
        self.first = self._action("First token", "Home", "first", lambda: cursor.move(token=0))
        self.back = self._action("One token back", "Left", "back", lambda: cursor.step(-1))
        self.play = self._action("Play", "Space", "play", self._toggle_play)
        self.forward = self._action("One token forward", "Right", "forward", lambda: cursor.step(1))
        self.last = self._action("Last token", "End", "last", lambda: cursor.move(token=cursor.bounds.token - 1))
        self.run = self._action("Run to the next breakpoint", "F5", "run", lambda: self._run(1))
        self.run_back = self._action("Run back to a breakpoint", "Shift+F5", "runBack", lambda: self._run(-1))
        self.break_here = self._action("Break at this token, or no more", "F9", "breakHere", self._break_here)
        self.loop = self._action("Play in a loop", "Ctrl+R", "loop", lambda: None)
        self.loop.setCheckable(True)
        self.loop.setChecked(loop)
        self.actions_in_order = (self.first, self.back, self.play, self.forward, self.last)
        self.watch = self._action("Watch the inspector's value", "F8", "watch", studio.watches.watch_pointed)
        self.stop_actions = (self.run, self.run_back, self.break_here, self.watch, self.loop)

        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for action in (*self.actions_in_order, self.run):
            row.addWidget(ActionButton(action, self))
        self._speed = QDoubleSpinBox(self)
        self._speed.setObjectName("speed")
        self._speed.setAccessibleName("Speed of playing, tokens a second")
        self._speed.setRange(SLOWEST, FASTEST)
        self._speed.setSingleStep(0.5)
        self._speed.setDecimals(1)
        self._speed.setSuffix(" /s")
        self._speed.setToolTip("Speed of playing, in tokens a second")
        self._speed.setValue(speed)
        row.addSpacing(6)
        row.addWidget(self._speed)
        self._where = ElidedLabel("", self)
        self._where.setObjectName("whereAmI")
        row.addSpacing(6)
        row.addWidget(self._where)

        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._speed.valueChanged.connect(self._set_interval)
        self._set_interval()
        bind(self, studio.trace_changed, self._show)
        bind(self, cursor.changed, lambda place, previous: self._show() if place.token != previous.token else None)
        bind(self, studio.watches.changed, self._show)
        bind(self, theme.changed, self._restyle)
        self._restyle()

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """Tokens a second."""
        return self._speed.value()

    def change_speed(self, factor: float) -> None:
        """Play faster or slower by a factor."""
        self._speed.setValue(self._speed.value() * factor)

    def stop(self) -> None:
        """Stop playing, if it plays."""
        if self.playing:
            self._timer.stop()
            self._show()

    def _action(self, text: str, key: str, name: str, do: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        action.setShortcut(QKeySequence(key))
        action.setToolTip(f"{text} ({key})")
        action.triggered.connect(lambda _checked=False: do())
        return action

    def _toggle_play(self) -> None:
        if self.playing:
            self._timer.stop()
        else:
            self._timer.start()
            if self._at_end():
                self._arrive(0)
        self._show()

    def tick(self) -> None:
        """Play one token on, as the clock does."""
        self._arrive(0 if self._at_end() else self._studio.cursor.token + 1)

    def _arrive(self, token: int) -> None:
        """Play one token on. It stops where a breakpoint holds, and at the end unless it plays in a loop."""
        self._studio.cursor.move(token=token)
        ends = self._at_end() and not (self.loop.isChecked() and self._studio.cursor.bounds.token > 1)
        if self._studio.watches.stop_here() or ends:
            self._timer.stop()
            self._show()

    def _run(self, direction: int) -> None:
        """Go to the nearest token after or before this one at which a breakpoint holds."""
        self.stop()
        watches = self._studio.watches
        place = watches.next_stop(self._studio.cursor.token, direction)
        if place is not None:
            self._studio.cursor.move(token=place)
            watches.stop_here()
            return
        where = "after" if direction > 0 else "before"
        advice = "Their places are marked below the tokens." if watches.marks else (
            "F9 breaks at this token; conditions are written in the Watches panel (Ctrl+B)."
        )  # fmt: skip
        self._studio.noticed.emit(Notice(Severity.INFO, f"No breakpoint holds {where} this token.", advice))

    def _break_here(self) -> None:
        self._studio.watches.toggle_at(self._studio.cursor.token)

    def _at_end(self) -> bool:
        return self._studio.cursor.token >= self._studio.cursor.bounds.token - 1

    def _set_interval(self) -> None:
        self._timer.setInterval(round(1000 / self.speed))

    def _restyle(self) -> None:
        side = round(ICON_SIDE * self._theme.scale)
        for button in self.findChildren(QToolButton):
            button.setIconSize(QSize(side, side))
        for action in self.actions_in_order:
            if action is not self.play:
                action.setIcon(self._icon(action.objectName()))
        self.run.setIcon(self._icon("run"))
        self._icons = {playing: self._icon("pause" if playing else "play") for playing in (False, True)}
        self._shown: bool | None = None
        self._show()

    def _icon(self, name: str) -> QIcon:
        return transport_icon(name, self._theme.colour("text"), self._theme.colour("border"))

    def _show(self) -> None:
        cursor = self._studio.cursor
        count = cursor.bounds.token
        self._where.setText(f"token {cursor.token + 1} of {count}" if count else "no tokens yet")
        # Wide enough for the longest text of this sentence, so that nothing moves while stepping, and the window is not
        # laid out anew at each step.
        longest = f"token {count} of {count} " if count else "no tokens yet "
        wide = self._where.fontMetrics().horizontalAdvance(longest)
        if wide != self._where.width():
            self._where.setFixedWidth(wide)
            self.updateGeometry()
        self._show_playing()
        for action in (self.first, self.back):
            action.setEnabled(cursor.token > 0)
        for action in (self.forward, self.last):
            action.setEnabled(cursor.token < count - 1)
        self.play.setEnabled(count > 1)
        self.break_here.setEnabled(count > 0)
        self.run.setEnabled(bool(self._studio.watches.breakpoints) and count > 0)
        self.run_back.setEnabled(self.run.isEnabled())

    def _show_playing(self) -> None:
        """Only where it is otherwise than before: an icon that is set anew at each step is kept by Qt each time."""
        if self.playing != self._shown:
            self._shown = self.playing
            self.play.setIcon(self._icons[self.playing])
            self.play.setText("Pause" if self.playing else "Play")
            self.play.setToolTip(f"{self.play.text()} (Space)")
