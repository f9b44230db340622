"""What is known of the patterns that a trace has no room for, and what is still to be asked for, a request at a time.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from embstudio.session.messages import Overview, OverviewRequest, TraceRequest

if TYPE_CHECKING:
    from embstudio.trace.pattern_overview import PatternOverview


class OverviewQueue:
    """The overviews of one input. patterns: those that are there, by the pattern's name."""

    def __init__(self) -> None:
        self.patterns: dict[str, PatternOverview] = {}
        self._waiting: list[str] = []
        self._done: set[str] = set()
        self._key = 0
        self._underway = False

    @property
    def unfinished(self) -> bool:
        """Whether more is on its way, or will be asked for."""
        return bool(self._waiting)

    def begin(self) -> None:
        """Another input: forget everything."""
        self.patterns, self._done = {}, set()
        self.give_up()

    def want(self, names: Iterable[str]) -> None:
        """Put patterns at the end, unless they are there or waited for."""
        self._waiting += [name for name in names if name not in self._done and name not in self._waiting]

    def next(self, shown: TraceRequest) -> OverviewRequest | None:
        """What to ask now; None where nothing is wanted, or an answer is to come first. shown: the input."""
        if self._underway or not self._waiting:
            return None
        self._underway = True
        self._key += 1
        return OverviewRequest(shown.model, shown, tuple(self._waiting), key=self._key)

    def pause(self) -> bool:
        """Whether a request is underway; it is not waited for any more, and is to be asked again."""
        underway, self._underway = self._underway, False
        return underway

    def give_up(self) -> None:
        """Ask for nothing more until it is wanted again."""
        self._waiting, self._underway = [], False

    def take(self, reply: Overview) -> bool:
        """Keep an answer, if it is the one that is waited for."""
        if not self._underway or reply.key != self._key:
            return False
        self._underway = False
        self.patterns |= reply.patterns
        self._done.update(reply.done)
        self._waiting = [name for name in self._waiting if name not in self._done]
        return True
