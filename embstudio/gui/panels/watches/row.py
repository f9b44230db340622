"""One line of a list: an expression, what it comes to at the cursor, and over all tokens."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.gui.style.numbers import four
from embstudio.stepper.watch.flaws import Flaw
from embstudio.stepper.watch.series import Series
from embstudio.stepper.watch.telling import value_at
from embstudio.studio.outcomes import Outcome
from embstudio.studio.watches import Breakpoint

# Names beyond these are words: their numbers are in no order that a line could show.
MOST_CLASSES = 20


@dataclass(frozen=True)
class Row:
    """text: as it was typed. value: at the cursor, or why there is none. problem: why there are no values at all.

    places:  where a condition holds. now: whether it holds at the cursor. enabled: None for a watch.
    unknown: there is no value at this token, and `value` says why.
    """

    text: str
    value: str = ""
    problem: str = ""
    fault: str = ""  # the problem at length, with its place in the text
    series: Series | None = None
    places: tuple[int, ...] = ()
    now: bool = False
    enabled: bool | None = None
    unknown: bool = False

    @property
    def is_condition(self) -> bool:
        return self.series is not None and self.series.values.dtype == bool

    @property
    def line(self) -> Series | None:
        """The values as a line over the tokens, where they are numbers in an order."""
        series = self.series
        if series is None or series.values.dtype != float:
            return None
        if series.names is not None and len(series.names) > MOST_CLASSES:
            return None
        return series

    @property
    def spoken(self) -> str:
        """The row as a screen reader says it."""
        if self.problem:
            return f"{self.text}: {self.problem}"
        if self.enabled is None:
            return f"{self.text}: {self.value}"
        state = "enabled" if self.enabled else "disabled"
        here = ", holds here" if self.now else ""
        return f"{self.text}: {state}, {self.value}{here}"


def watch_row(outcome: Outcome, token: int) -> Row:
    """The row of a watch."""
    if outcome.series is None:
        return _without_values(outcome)
    series = outcome.series
    if not 0 <= token < len(series):
        return Row(outcome.text, "", series=series)
    flaw = series.flaw(token)
    places = tuple(series.holds.nonzero()[0].tolist()) if series.values.dtype == bool else ()
    value = value_at(series, token, four)
    return Row(outcome.text, value, series=series, places=places, unknown=flaw is not Flaw.NONE)


def breakpoint_row(each: Breakpoint, outcome: Outcome, places: tuple[int, ...], token: int) -> Row:
    """The row of a breakpoint; its value is at how many of the tokens it holds."""
    if outcome.series is None:
        return _without_values(outcome, each.enabled)
    count = len(places)
    value = "nowhere" if not count else f"{count} of {len(outcome.series)}"
    now = token in places
    return Row(each.text, value, series=outcome.series, places=places, now=now, enabled=each.enabled)


def _without_values(outcome: Outcome, enabled: bool | None = None) -> Row:
    error = outcome.error
    if error is None:
        return Row(outcome.text, "", problem="no model has read a text yet", enabled=enabled)
    return Row(outcome.text, "", problem=error.what, fault=f"{error.caret}\n{error.what} {error.advice}".rstrip(),
               enabled=enabled)  # fmt: skip
