"""What the model has for the input that is shown and the trace lacks, for want of room: fetched when one goes there.

First comes all of the layer that one looks at, then an overview of the patterns of the others, a few layers at a time.
No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.session.messages import Overview, OverviewRequest, Request, Traced, TraceRequest
from embstudio.session.overview_queue import OverviewQueue
from embstudio.stepper.cursor import Place
from embstudio.trace.points import parse

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

LAYER_LANE, OVERVIEW_LANE = "layer", "overview"


class Lacking:
    """fetching: the layer that was asked for and is on its way. overview: of the patterns there is no room for.

    submit(request, lane), cancel(lane): as `Studio` has them.
    """

    def __init__(
        self, studio: Studio, submit: Callable[[Request, str], object], cancel: Callable[[str], object]
    ) -> None:
        self.fetching: int | None = None
        self.fetching_changed: Signal[[]] = Signal()
        self.overview = OverviewQueue()
        self.overview_changed: Signal[[]] = Signal()
        self._studio, self._submit, self._cancel = studio, submit, cancel
        self._refused: set[str] = set()  # points that do not fit into a trace even when their layer is asked for
        self._given_up: set[int] = set()  # layers that are fetched only when the person asks for them
        studio.cursor.changed.connect(self._on_place)

    def want_layer(self, layer: int) -> None:
        """Ask for what the model has in a layer and the trace lacks: a large trace holds attention of some layers only.

        It is joined to the trace when it comes; scores and patterns of other layers make room for it.
        """
        document, trace, ran = self._studio.document, self._studio.trace, self._studio.ran
        if document is None or trace is None or ran is None or self.fetching == layer:
            return
        missing = [
            name for name in document.opened.anatomy.point_names
            if _in_layer(name, layer) and name not in trace and name not in self._refused
        ]  # fmt: skip
        if missing:
            self._set_fetching(layer)
            self.pause()
            self._submit(replace(ran, points=tuple(missing), layer=layer), LAYER_LANE)

    def want_overview(self) -> None:
        """Ask for small pictures and measures of the patterns that the trace does not hold, a few layers at a time."""
        document, trace = self._studio.document, self._studio.trace
        if document is not None and trace is not None:
            names = document.opened.anatomy.point_names
            self.overview.want(name for name in names if name.endswith(".pattern") and name not in trace)
            self.go_on()

    def begin(self, reply: Traced) -> None:
        """Another input is shown from now on."""
        asked = reply.request
        self._refused = set()
        if asked is not None:
            self._refused = {name for name in reply.trace.omitted if _in_layer(name, asked.layer)}
        self._given_up.clear()
        self.overview.begin()

    def go_on(self) -> None:
        """Ask for what is still lacking of the current input: of the current layer first, then of the overview."""
        trace, ran = self._studio.trace, self._studio.ran
        if self._studio.busy or trace is None or ran is None:
            return
        layer = self._studio.cursor.layer
        lacking = (name for name in trace.omitted if name not in self._refused)
        if layer not in self._given_up and any(_in_layer(name, layer) for name in lacking):
            self.want_layer(layer)
        if self.fetching is None:
            request = self.overview.next(ran)
            if request is not None:
                self._submit(request, OVERVIEW_LANE)

    def pause(self) -> None:
        """Let something else go before the overview; what was underway is asked for again."""
        if self.overview.pause():
            self._cancel(OVERVIEW_LANE)

    def forget_layer(self) -> None:
        """Another input is on its way: nobody waits for a layer of this one."""
        if self.fetching is not None:
            self._cancel(LAYER_LANE)
            self._set_fetching(None)

    def stop(self) -> None:
        """Give up what is on its way; the layer comes only when the person asks for it."""
        if self.fetching is not None:
            self._given_up.add(self.fetching)
        self.forget_layer()
        self.pause()
        self._give_up_overview()

    # Replies -------------------------------------------------------------------------------------------------------

    def take_layer(self, reply: Traced, request: TraceRequest) -> None:
        """Take the layer that was asked for, unless another input is shown by now."""
        from embstudio.trace.joined import joined, same_input  # loads numpy, which the first paint must not wait for

        studio = self._studio
        if studio.document is None or studio.trace is None or self.fetching != request.layer:
            return
        self._set_fetching(None)
        if same_input(studio.trace, reply.trace):
            trace = joined(studio.trace, reply.trace, request.layer, request.budget_bytes)
            studio.cursor.confine(studio.document.bounds(trace))
            self._refused |= set(reply.trace.omitted)
            studio.trace = trace
            studio.trace_changed.emit()
        self.go_on()

    def take_overview(self, reply: Overview) -> None:
        """Take an answer to what was asked last."""
        if self.overview.take(reply):
            self.overview_changed.emit()
            self.go_on()

    def failed(self, asked: Request) -> bool:
        """Do without what failed; whether it was asked for here."""
        if isinstance(asked, TraceRequest) and asked.points:
            self._given_up.add(asked.layer)
            self._set_fetching(None)
            self.go_on()
            return True
        if isinstance(asked, OverviewRequest):
            self._give_up_overview()
            return True
        return False

    def _give_up_overview(self) -> None:
        self.overview.give_up()
        self.overview_changed.emit()

    def _on_place(self, place: Place, previous: Place) -> None:
        if place.layer != previous.layer:
            self.go_on()

    def _set_fetching(self, layer: int | None) -> None:
        if layer != self.fetching:
            self.fetching = layer
            self.fetching_changed.emit()


def _in_layer(point: str, layer: int) -> bool:
    return "blocks." in point and parse(point).layer == layer
