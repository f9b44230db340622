"""What a person watches at each step, and the conditions at which playing stops.

Both are kept as text, across runs and models. One that does not fit the open model stays, and says why. Everything is
worked out once for all tokens of a trace, when it is first asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.stepper.watch.check import check_condition, check_watch
from embstudio.stepper.watch.expression_error import ExpressionError, UnfittingError
from embstudio.stepper.watch.kinds import Kind
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.tree import Call, Expression, Variable

if TYPE_CHECKING:  # these load numpy, which the first paint must not wait for
    from embstudio.stepper.watch.scope import Scope
    from embstudio.stepper.watch.series import Series
    from embstudio.studio.studio import Studio

MOST = 100  # of each: a list that nobody reads any more


@dataclass(frozen=True)
class Breakpoint:
    """A condition at which playing stops while it is enabled."""

    text: str
    enabled: bool = True


@dataclass(frozen=True)
class Outcome:
    """What became of an expression in this trace: values at every token, or why there are none."""

    text: str
    expression: Expression | None = None
    series: Series | None = None
    error: ExpressionError | None = None

    @property
    def fits(self) -> bool:
        """Whether it makes sense at all: an expression that does not can only be edited or removed."""
        return self.error is None or isinstance(self.error, UnfittingError)


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
        self._outcomes: dict[str, Outcome] = {}
        self._scope: Scope | None = None
        self._marks: tuple[int, ...] | None = None
        self._asked: tuple[object, set[int]] = (None, set())
        studio.trace_changed.connect(self._forget)
        studio.prefixes.changed.connect(self._more_predictions)
        studio.cursor.changed.connect(lambda _place, _previous: self._tell(""))  # it goes on from where it stopped

    # The lists ---------------------------------------------------------------------------------------------------

    def load(self, watches: Sequence[str], breakpoints: Sequence[str], disabled: Sequence[str]) -> None:
        """Take what was remembered. Nothing is refused: what cannot be read is listed with its fault."""
        self.watches = tuple(dict.fromkeys(watches))[:MOST]
        self.breakpoints = tuple(Breakpoint(text, text not in disabled) for text in dict.fromkeys(breakpoints))[:MOST]
        self._renew()

    def read(self, text: str) -> tuple[Expression, Kind]:
        """An expression and its kind, tried on the open model. Raises ExpressionError."""
        expression = parse(text, self._points())
        kind = check_watch(expression).kind
        outcome = self.outcome(text)
        if outcome.error is not None and not self._is_on_its_way(outcome.error):
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

    # What they come to -------------------------------------------------------------------------------------------

    def outcome(self, text: str) -> Outcome:
        """What an expression comes to in the trace that is shown; worked out once."""
        found = self._outcomes.get(text)
        if found is None:
            found = self._outcomes[text] = self._worked_out(text)
        return found

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
        scope = self.scope
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

    @property
    def scope(self) -> Scope | None:
        """What expressions speak of; None while there is no trace."""
        studio = self._studio
        if studio.trace is None or studio.document is None:
            return None
        if self._scope is None:
            from embstudio.stepper.watch.scope import Scope

            known = studio.prefixes
            self._scope = Scope(
                studio.trace, studio.document.labels, studio.document.vocabulary, self._points(), known.scores,
                known.total if known.problem is None else known.done,
            )  # fmt: skip
        return self._scope

    def _worked_out(self, text: str) -> Outcome:
        scope = self.scope
        try:
            expression = parse(text, self._points())
            check_watch(expression)
        except ExpressionError as error:
            return Outcome(text, error=error)
        if scope is None:
            return Outcome(text, expression)
        from embstudio.stepper.watch.evaluate import evaluate

        if self._studio.prefixes.needed and _asks_for_prediction(expression):
            self._studio.prefixes.want()
        try:
            return Outcome(text, expression, evaluate(expression, scope))
        except ExpressionError as error:
            if isinstance(error, UnfittingError) and error.layer is not None:
                self._fetch(error.layer)
            return Outcome(text, expression, error=error)

    def _fetch(self, layer: int) -> None:
        """Ask for a layer that the trace had no room for: once for each input, since another may make room for it."""
        ran, layers = self._asked
        if ran is not self._studio.ran:
            layers = set()
        if layer not in layers and self._studio.fetching is None and not self._studio.busy:
            layers.add(layer)
            self._asked = (self._studio.ran, layers)
            self._studio.want_layer(layer)

    def _is_on_its_way(self, error: ExpressionError) -> bool:
        return isinstance(error, UnfittingError) and error.layer is not None and error.layer == self._studio.fetching

    def _points(self) -> tuple[str, ...]:
        document, trace = self._studio.document, self._studio.trace
        if document is None:
            return ()
        names = document.opened.anatomy.point_names
        return tuple(dict.fromkeys((*names, *(trace.arrays if trace is not None else ()))))

    def _room(self, text: str, count: int) -> None:
        if count >= MOST:
            raise ExpressionError(f"There are {MOST} already.", text, 0, len(text), advice="Remove some first.")

    def _put(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        self.breakpoints = breakpoints
        self._renew()

    def _renew(self) -> None:
        self._marks = None
        kept = {*self.watches, *(each.text for each in self.breakpoints)}
        self._outcomes = {text: found for text, found in self._outcomes.items() if text in kept}
        self.changed.emit()

    def _forget(self) -> None:
        """Another trace: everything is to be worked out anew."""
        self._outcomes.clear()
        self._scope = self._marks = None
        self._tell("")

    def _more_predictions(self) -> None:
        """More beginnings of the text were run: what speaks of predictions is to be worked out anew."""
        said = [
            text
            for text, found in self._outcomes.items()
            if found.expression and _asks_for_prediction(found.expression)
        ]
        for text in said:
            del self._outcomes[text]
        self._scope = self._marks = None
        if said:
            self.changed.emit()

    def _tell(self, reason: str) -> None:
        if reason != self.reason:
            self.reason = reason
            self.stopped.emit(reason)


def _asks_for_prediction(expression: Expression) -> bool:
    return any(
        (isinstance(node, Variable) and node.name in ("class", "entropy"))
        or (isinstance(node, Call) and node.function == "p")
        for node in expression.root.walk()
    )


def nearest(places: Sequence[int], token: int, direction: int) -> int | None:
    """The nearest of some places, in order, after (1) or before (−1) a token; None where there is none."""
    at = bisect_right(places, token) if direction > 0 else bisect_left(places, token) - 1
    return places[at] if 0 <= at < len(places) else None
