"""Gates and states that a person holds at a value while the model runs, and the run without them to compare with.

What is held is part of every run of the open model until it is switched off. A value that is held from a certain token
on belongs to that text: with another text it is switched off, and stays in the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.session.messages import Failed, Reply, Request, Traced, TraceRequest
from embstudio.session.replacement import Replacement

if TYPE_CHECKING:  # these load numpy, which the first paint must not wait for
    from embstudio.studio.studio import Studio
    from embstudio.trace.trace import Trace

BASELINE_KEY = -1  # whom the run without anything held is for
_LANE = "baseline"


@dataclass(frozen=True)
class Hold:
    """A value that is held while it is on."""

    what: Replacement
    on: bool = True

    @property
    def everywhere(self) -> bool:
        """Whether it holds at every token, of whatever text."""
        return self.what.start == 0 and self.what.end is None


class Holds:
    """items: in the order in which they are applied. changed: they are others, or the baseline is there.

    baseline: the trace of the same input with nothing held; None while nothing is held, or until it is there.
    """

    def __init__(self, studio: Studio, submit: Callable[[Request, str], object]) -> None:
        self.items: tuple[Hold, ...] = ()
        self.baseline: Trace | None = None
        self.changed: Signal[[]] = Signal()
        self._studio = studio
        self._submit = submit
        self._plain: tuple[TraceRequest, Trace] | None = None  # the last run with nothing held
        studio.document_changed.connect(self._forget)
        studio.trace_changed.connect(self._on_trace)

    @property
    def active(self) -> tuple[Replacement, ...]:
        """What is held now."""
        return tuple(hold.what for hold in self.items if hold.on)

    def add(self, what: Replacement) -> None:
        """Hold something; what is held of the same values already is replaced."""
        kept = tuple(hold for hold in self.items if _place(hold.what) != _place(what))
        self._set((*kept, Hold(what)))

    def switch(self, place: int, on: bool) -> None:
        """Hold one of them again, or let it go for a while."""
        self._set(tuple(replace(hold, on=on) if at == place else hold for at, hold in enumerate(self.items)))

    def remove(self, place: int) -> None:
        """Let one of them go for good."""
        self._set(tuple(hold for at, hold in enumerate(self.items) if at != place))

    def put(self, items: tuple[Hold, ...]) -> None:
        """Hold these, and nothing else."""
        self._set(items)

    def clear(self) -> None:
        """Let all of them go."""
        self._set(())

    # For the studio ----------------------------------------------------------------------------------------------

    def prepare(self, request: TraceRequest) -> TraceRequest:
        """The request with what is held; values that belong to another text are switched off first."""
        ran, document = self._studio.ran, self._studio.document
        if document is None or request.model != document.opened.model:
            return replace(request, replacements=())
        if ran is not None and not _same_input(request, ran):
            self.items = tuple(replace(hold, on=hold.on and hold.everywhere) for hold in self.items)
        return replace(request, replacements=self.active)

    def receive(self, reply: Reply) -> bool:
        """Take the baseline; whether the reply was that."""
        if isinstance(reply, Traced) and reply.request is not None and reply.request.key == BASELINE_KEY:
            if self._studio.ran is not None and _same_input(reply.request, self._studio.ran):
                self._plain = reply.request, reply.trace
                self._compare()
            return True
        return isinstance(reply, Failed) and isinstance(reply.request, TraceRequest) and (
            reply.request.key == BASELINE_KEY
        )  # fmt: skip

    def failed(self, asked: object) -> None:
        """A run failed: if anything was held in it, nothing is from now on, so that the next one may work."""
        if isinstance(asked, TraceRequest) and asked.replacements:
            self.items = tuple(replace(hold, on=False) for hold in self.items)
            self.changed.emit()

    # What follows ------------------------------------------------------------------------------------------------

    def _set(self, items: tuple[Hold, ...]) -> None:
        if items == self.items:
            return
        before, self.items = self.active, items
        self.changed.emit()
        if before != self.active:
            self._studio.run_again()

    def _forget(self) -> None:
        self.items, self.baseline, self._plain = (), None, None
        self.changed.emit()

    def _on_trace(self) -> None:
        ran, trace = self._studio.ran, self._studio.trace
        if ran is None or trace is None:
            return
        if not ran.replacements:
            self._plain = replace(ran, key=BASELINE_KEY), trace
        elif self._plain is None or not _same_input(self._plain[0], ran):
            self._submit(replace(ran, replacements=(), key=BASELINE_KEY), _LANE)
        self._compare()

    def _compare(self) -> None:
        """Find the baseline of what is shown."""
        ran = self._studio.ran
        there = self._plain is not None and ran is not None and ran.replacements and _same_input(self._plain[0], ran)
        baseline = self._plain[1] if there and self._plain is not None else None
        if baseline is not self.baseline or not self.items:
            self.baseline = baseline
        self.changed.emit()


def _place(what: Replacement) -> tuple[object, ...]:
    return what.point, what.units, what.start, what.end


def _same_input(one: TraceRequest, other: TraceRequest) -> bool:
    """Whether two requests run the same text in the same window."""
    return (one.model, one.text, one.ids, one.second, one.second_ids, one.start, one.cached, one.pooling) == (
        other.model, other.text, other.ids, other.second, other.second_ids, other.start, other.cached, other.pooling
    ) and one.feeds is other.feeds  # fmt: skip
