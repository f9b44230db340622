"""What a step of a lesson sets in the studio: model, text, held values, cursor. Models take time to open: one thing
follows the other as it is ready, and whatever the person does meanwhile has the last word.

No numpy at the top: the window imports this file before its first paint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.replacement import Replacement
from embstudio.stepper.cursor import Place
from embstudio.stepper.probe import Probe
from embstudio.studio.holds import Hold

if TYPE_CHECKING:
    from embstudio.lessons.lesson import Show
    from embstudio.studio.studio import Studio
    from embstudio.studio.vector_walk import Comparison

YOURS = "You went on by yourself. “Show again” sets what this step speaks of."
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Before:
    """What one had before the lessons began."""

    source: ModelSource
    sentence: str
    second: str
    place: Place
    holds: tuple[Hold, ...]
    comparison: Comparison


class LessonStage:
    """`show` begins; `done` tells that all is set, `changed` that `waiting` (for what, in words) or `problem` is
    another."""

    def __init__(self, studio: Studio) -> None:
        self.changed: Signal[[]] = Signal()
        self.done: Signal[[]] = Signal()
        self.waiting = ""
        self.problem = ""
        self._studio = studio
        self._show: Show | None = None
        self._source: ModelSource | None = None
        self._text = ""
        self._held = False
        self._before: Before | None = None  # that is given back
        studio.busy_changed.connect(self._go_on)
        studio.trace_changed.connect(self._go_on)

    def show(self, show: Show) -> None:
        """Set what a step sets; what is set so already stays untouched."""
        self.stop()
        self.problem = ""
        run = show.run
        try:
            source = catalogue.find(run.model) if run is not None and run.model else None
        except StudioError as error:
            self._say(problem=str(error))
            return
        self._show = show
        self._begin(source, run.text if run is not None else "", run.second if run is not None else "")

    def take(self) -> Before | None:
        """What the person has now; None while no model is open."""
        studio = self._studio
        if studio.document is None:
            return None
        return Before(
            studio.document.source, studio.sentence, studio.second, studio.cursor.place, studio.holds.items,
            studio.vector_walk.comparison,
        )  # fmt: skip

    def give_back(self, before: Before) -> None:
        """Set what the person had."""
        self.stop()
        self.problem, self._before = "", before
        self._begin(before.source, before.sentence, before.second)

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._show = self._before = None
        self._say()

    # One after the other -----------------------------------------------------------------------------------------

    def _begin(self, source: ModelSource | None, text: str, second: str) -> None:
        studio = self._studio
        self._source, self._text, self._held = source, text or studio.sentence, False
        document = studio.document
        if source is not None and (document is None or document.source.path != source.path or studio.busy):
            self._say(waiting=f"Opening ‘{source.title}’…")
            studio.second = second
            studio.sentence = self._text
            studio.sentence_changed.emit()
            studio.open(source)
        elif studio.trace is None or studio.trace.text != self._text:
            self._say(waiting="The model reads the text…")
            studio.type(self._text)
        if second and studio.second != second:
            studio.type_second(second)
        self._go_on()

    def _go_on(self) -> None:
        """Whatever is ready: the next thing."""
        studio = self._studio
        if self._show is None and self._before is None:
            return
        if studio.sentence != self._text:
            self._show = self._before = None
            self._say(problem=YOURS)
            return
        if studio.busy:
            self._say(waiting=self.waiting or "The model reads the text…")
            return
        document, trace = studio.document, studio.trace
        there = document is not None and (self._source is None or document.source.path == self._source.path)
        if not there or trace is None or trace.text != self._text:
            self._show = self._before = None
            self._say(problem="This could not be set; the message in the corner says why.")
            return
        if not self._held:
            self._held = True
            if self._hold():
                self._say(waiting="The model runs with the held values…")
                return
        self._finish()

    def _hold(self) -> bool:
        """Hold what is to be held; whether it has to be run."""
        studio = self._studio
        if self._before is not None:
            wanted = self._before.holds
        elif self._show is not None and self._show.run is not None and studio.trace is not None:
            from embstudio.studio.lesson_facts import replacements_of

            try:
                whats: tuple[Replacement, ...] = replacements_of(self._show.run.hold, studio.trace)
            except StudioError as error:
                self.problem = str(error)
                return False
            wanted = tuple(map(Hold, whats))
        else:
            return False
        studio.holds.put(wanted)
        return studio.busy

    def _finish(self) -> None:
        studio, show, before = self._studio, self._show, self._before
        self._show = self._before = None
        if before is not None:
            place = before.place
            studio.cursor.move(token=place.token, layer=place.layer, head=place.head, unit=place.unit)
            studio.vector_walk.compare(**vars(before.comparison))
        elif show is not None:
            self._place(show)
        self._say(problem=self.problem)
        self.done.emit()

    def _place(self, show: Show) -> None:
        """The cursor, and the inspector's number."""
        from embstudio.lessons.words_of_a_run import token_of

        studio, trace = self._studio, self._studio.trace
        where = {name: value for name in ("layer", "head", "unit") if (value := getattr(show, name)) is not None}
        if show.at and trace is not None:
            place = token_of(show.at, trace.text, trace.tokens)
            if place is None:
                self.problem = f"There is no {show.at!r} in this text."
            else:
                where["token"] = place
        studio.cursor.move(**where)
        if show.probe and trace is not None:
            name, _, index = show.probe.partition("[")
            numbers = iter(map(int, _NUMBERS.findall(index)))
            if name in trace:
                axes = trace[name].axes
                at = tuple(studio.cursor.token if axis in ("pos", "query") else next(numbers, 0) for axis in axes)
                probe = Probe(name, at)
                studio.point_at(probe if probe.fits(trace) else None)

    def _say(self, *, waiting: str = "", problem: str = "") -> None:
        if (waiting, problem) != (self.waiting, self.problem):
            self.waiting, self.problem = waiting, problem
            self.changed.emit()
