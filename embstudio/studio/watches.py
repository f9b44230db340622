"""What a person watches at each step, and the conditions at which playing stops.

Both are kept as text, across runs and models. One that does not fit the open model stays, and says why. Everything is
worked out once for all tokens of a trace, when it is first asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.stepper.watch.check import check_condition, check_watch
from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.stepper.watch.kinds import Kind
from embstudio.stepper.watch.of_probe import break_of, watch_of
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.tree import Expression
from embstudio.studio.document import Notice, Severity
from embstudio.studio.outcomes import Outcome, Outcomes

if TYPE_CHECKING:  # these load numpy, which the first paint must not wait for
    from embstudio.stepper.probe import Probe
    from embstudio.studio.studio import Studio

MOST = 100  # of each: a list that nobody reads any more


@dataclass(frozen=True)
class Breakpoint:
    """A condition at which playing stops while it is enabled."""

    text: str
    enabled: bool = True


class Watches:
    """changed: a list is another, or what was worked out is to be asked for anew. stopped: why playing stopped; ""
    once that is over."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.watches: tuple[str, ...] = ()
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self.changed: Signal[[]] = Signal()
        self.stopped: Signal[str] = Signal()
        self.reason = ""
        self.outcomes = Outcomes(studio)
        self.outcomes.changed.connect(self._renew)
        self._marks: tuple[int, ...] | None = None
        studio.trace_changed.connect(self._forget)
        studio.cursor.changed.connect(lambda _place, _previous: self._tell(""))  # it goes on from where it stopped

    # The lists ---------------------------------------------------------------------------------------------------

    def load(self, watches: Sequence[str], breakpoints: Sequence[str], disabled: Sequence[str]) -> None:
        """Take what was remembered. Nothing is refused: what cannot be read is listed with its fault."""
        self.watches = tuple(dict.fromkeys(watches))[:MOST]
        self.breakpoints = tuple(Breakpoint(text, text not in disabled) for text in dict.fromkeys(breakpoints))[:MOST]
        self._renew()

    def read(self, text: str) -> tuple[Expression, Kind]:
        """An expression and its kind, tried on the open model. Raises ExpressionError."""
        expression = parse(text, self.outcomes.points)
        kind = check_watch(expression).kind
        outcome = self.outcome(text)
        if outcome.error is not None and not self.outcomes.is_on_its_way(outcome.error):
            raise outcome.error
        return expression, kind

    def add(self, text: str) -> str:
        """Add a condition as breakpoint and anything else as watch; returns which. Raises ExpressionError."""
        text = text.strip()
        if self.read(text)[1] is Kind.TRUTH:
            self.add_breakpoint(text)
            return "breakpoint"
        self.add_watch(text)
        return "watch"

    def add_watch(self, text: str) -> None:
        """Watch a value, unless it is watched already. Raises ExpressionError."""
        text = text.strip()
        self.read(text)
        if text not in self.watches:
            self._room(text, len(self.watches))
            self.watches = (*self.watches, text)
            self._renew()

    def add_breakpoint(self, text: str) -> None:
        """Stop where a condition holds; one that is there already is enabled. Raises ExpressionError."""
        text = text.strip()
        self.read(text)
        check_condition(parse(text))
        if any(each.text == text for each in self.breakpoints):
            self._put(tuple(replace(each, enabled=each.enabled or each.text == text) for each in self.breakpoints))
        else:
            self._room(text, len(self.breakpoints))
            self._put((*self.breakpoints, Breakpoint(text)))

    def edit_watch(self, at: int, text: str) -> None:
        """Put another expression in the place of a watch. Raises ExpressionError and leaves it as it was."""
        text = text.strip()
        self.read(text)
        self.watches = tuple(dict.fromkeys((*self.watches[:at], text, *self.watches[at + 1 :])))
        self._renew()

    def edit_breakpoint(self, at: int, text: str) -> None:
        """Put another condition in the place of a breakpoint. Raises ExpressionError and leaves it as it was."""
        text = text.strip()
        self.read(text)
        check_condition(parse(text))
        kept = [each for number, each in enumerate(self.breakpoints) if number == at or each.text != text]
        self._put(tuple(replace(each, text=text) if each is self.breakpoints[at] else each for each in kept))

    def remove_watch(self, at: int) -> None:
        self.watches = (*self.watches[:at], *self.watches[at + 1 :])
        self._renew()

    def remove_breakpoint(self, at: int) -> None:
        self._put((*self.breakpoints[:at], *self.breakpoints[at + 1 :]))

    def enable(self, at: int, enabled: bool) -> None:
        """Let a breakpoint stop, or not."""
        self._put((*self.breakpoints[:at], replace(self.breakpoints[at], enabled=enabled), *self.breakpoints[at + 1 :]))

    def toggle_at(self, token: int) -> bool:
        """Stop at a token whatever it is, or no more; whether there is such a breakpoint now."""
        text = f"position == {token}"
        places = [at for at, each in enumerate(self.breakpoints) if each.text == text]
        if places:
            self.remove_breakpoint(places[0])
        elif self._studio.trace is not None and 0 <= token < len(self._studio.trace):
            self.add_breakpoint(text)
        return not places

    @property
    def pointed_at(self) -> Probe | None:
        """The value that the inspector explains: the one a person points at, or the most telling at the cursor."""
        from embstudio.stepper.telling import telling_probe  # loads numpy, which the first paint must not wait for

        trace, probe = self._studio.trace, self._studio.probe
        if trace is None or (probe is not None and probe.fits(trace)):
            return probe if trace is not None else None
        return telling_probe(trace, self._studio.cursor.place)

    def watch_pointed(self) -> None:
        """Watch the value that the inspector explains."""
        probe = self.pointed_at
        if probe is not None:
            self._told(lambda: self.add_watch(watch_of(probe)), f"{watch_of(probe)} is watched.")

    def break_pointed(self) -> None:
        """Stop where the value that the inspector explains changes its sign, or crosses the middle of 0 and 1."""
        probe = self.pointed_at
        if probe is not None:
            self._told(lambda: self.add_breakpoint(break_of(probe)), f"Playing stops where {break_of(probe)}.")

    def _told(self, do: Callable[[], None], done: str) -> None:
        """Do something from outside the panel: what comes of it, or why nothing, is said in a notice."""
        try:
            do()
        except ExpressionError as error:
            self._studio.noticed.emit(Notice(Severity.WARNING, error.what, error.advice, error.caret))
        else:
            self._studio.noticed.emit(Notice(Severity.INFO, done, "The Watches panel lists it (Ctrl+B)."))

    # What they come to -------------------------------------------------------------------------------------------

    def outcome(self, text: str) -> Outcome:
        """What an expression comes to in the trace that is shown; worked out once."""
        return self.outcomes.of(text)

    @property
    def marks(self) -> tuple[int, ...]:
        """The tokens at which an enabled breakpoint holds, in order."""
        if self._marks is None:
            held: set[int] = set()
            for each in self.breakpoints:
                if each.enabled:
                    held.update(self.places(each.text))
            self._marks = tuple(sorted(held))
        return self._marks

    def places(self, text: str) -> tuple[int, ...]:
        """The tokens at which a condition holds; none where it is no condition, or not one of this model."""
        series = self.outcome(text).series
        if series is None or series.values.dtype != bool:
            return ()
        return tuple(series.holds.nonzero()[0].tolist())

    def holding(self, token: int) -> tuple[int, ...]:
        """Which breakpoints hold at a token, by their place in the list."""
        if token not in self.marks:
            return ()
        return tuple(
            at for at, each in enumerate(self.breakpoints) if each.enabled and token in self.places(each.text)
        )  # fmt: skip

    def next_stop(self, token: int, direction: int) -> int | None:
        """The nearest marked token after (1) or before (−1) a token."""
        return nearest(self.marks, token, direction)

    def why(self, token: int) -> str:
        """What holds at a token, with its numbers; "" where no enabled breakpoint does."""
        from embstudio.stepper.watch.telling import why

        held = [self.outcome(self.breakpoints[at].text).expression for at in self.holding(token)]
        scope = self.outcomes.scope
        if scope is None or not held:
            return ""
        return "; ".join(dict.fromkeys(why(expression, scope, token) for expression in held if expression))

    def stop_here(self) -> bool:
        """Whether a breakpoint holds at the cursor; if so, say which."""
        token = self._studio.cursor.token
        reason = self.why(token)
        if not reason or self._studio.trace is None:
            return False
        self._tell(f"Stopped at ‘{self._studio.trace.tokens[token].text.strip()}’: {reason}")
        return True

    def _room(self, text: str, count: int) -> None:
        if count >= MOST:
            raise ExpressionError(f"There are {MOST} already.", text, 0, len(text), advice="Remove some first.")

    def _put(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        self.breakpoints = breakpoints
        self._renew()

    def _renew(self) -> None:
        self._marks = None
        self.outcomes.keep({*self.watches, *(each.text for each in self.breakpoints)})
        self.changed.emit()

    def _forget(self) -> None:
        self.outcomes.forget()
        self._marks = None
        self._tell("")

    def _tell(self, reason: str) -> None:
        if reason != self.reason:
            self.reason = reason
            self.stopped.emit(reason)


def nearest(places: Sequence[int], token: int, direction: int) -> int | None:
    """The nearest of some places, in order, after (1) or before (−1) a token; None where there is none."""
    at = bisect_right(places, token) if direction > 0 else bisect_left(places, token) - 1
    return places[at] if 0 <= at < len(places) else None
