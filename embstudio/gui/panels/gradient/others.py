"""The models beside the open one on a plot of gradients: asked at the place where T stands in their own tokens."""

from __future__ import annotations

from embstudio.gui.panels.gradient.scene import Strand
from embstudio.stepper.alignment import Alignment
from embstudio.stepper.gradient_curves import places_of, reach_of
from embstudio.stepper.reading import Reading
from embstudio.studio import Studio
from embstudio.studio.companion import Companion
from embstudio.trace.trace import Trace


class Others:
    """Asks for, and has, the gradients of `studio.companions` at token T of the open model's text."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def want(self, last: int) -> None:
        """See to it that each has read the text, and is asked."""
        self._studio.companions.want()
        for member in self._current():
            token = self._token(member, last)
            if token is not None and member.opened is not None and member.ran is not None:
                self._studio.gradients.want_of(_lane(member), member.opened.model, member.ran, token)

    def waiting(self) -> bool:
        """Whether any is still to be run or asked."""
        companions = self._studio.companions
        return any(member.busy or self._studio.gradients.waiting(_lane(member)) for member in companions.members)

    def strands(self, last: int) -> tuple[Strand, ...]:
        """What has come of them."""
        ours = self._studio.trace
        found = []
        for member in self._current():
            token = self._token(member, last)
            if token is None or member.trace is None or member.document is None or ours is None:
                continue
            answer = self._studio.gradients.answer_of(_lane(member), member.ran, token)
            if answer is not None:
                theirs, own = _reading(member.trace), _reading(ours)
                places, reach = places_of(theirs, own), reach_of(theirs, own)
                found.append(Strand(member.document, member.trace.tokens, answer, places, reach))
        return tuple(found)

    def missing(self, last: int) -> list[str]:
        """Sentences on those that cannot be drawn."""
        said = []
        for member in self._studio.companions.members:
            if member.problem is not None:
                said.append(f"{member.title} is not drawn: {member.problem.what}")
            elif self._studio.companions.current(member) and self._token(member, last) is None:
                said.append(f"{member.title} has no token where T stands.")
        return said

    def _current(self) -> list[Companion]:
        companions = self._studio.companions
        return [member for member in companions.members if companions.current(member) and member.trace is not None]

    def _token(self, member: Companion, last: int) -> int | None:
        """T among the tokens of another model."""
        ours = self._studio.trace
        if ours is None or member.trace is None or not 0 <= last < len(ours):
            return None
        return Alignment(_reading(ours), _reading(member.trace)).of(last).last


def _lane(member: Companion) -> str:
    return f"gradient:{member.key}"


def _reading(trace: Trace) -> Reading:
    return Reading.of(trace.tokens, trace.text, cut=trace.window is not None)
