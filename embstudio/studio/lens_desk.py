"""What the vectors of one token stand for, layer by layer: asked for once, and kept while nothing else is asked.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.session.messages import Lens, LensRequest, Request

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

LANE = "lens"


class LensDesk:
    """`want` asks, `of` has the answer once it is there; `changed` is emitted when it came.

    submit(request, lane): as `Studio` has it.
    """

    def __init__(self, studio: Studio, submit: Callable[[Request, str], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio, self._submit = studio, submit
        self._answer: Lens | None = None
        self._asked: tuple[object, str, int] | None = None  # (trace, stack, place) of what was asked for last
        self._key = 0

    def want(self, stack: str, place: int) -> None:
        """Ask what the stream of one token stands for, layer by layer, unless that was asked already.

        stack: "", "encoder" or "decoder". place: of the token in that stack.
        """
        from embstudio.stepper.layers import looked_for  # loads numpy, which the first paint must not wait for

        document, trace = self._studio.document, self._studio.trace
        if document is None or trace is None or self._is_asked(stack, place):
            return
        look = looked_for(trace, stack, place, self._studio.writer.hidden)
        if look is None:
            return
        self._asked = (trace, stack, place)
        self._key += 1
        self._studio.lacking.pause()
        self._submit(LensRequest(document.opened.model, look.vectors, look.words, stack=stack, key=self._key), LANE)

    def of(self, stack: str, place: int) -> Lens | None:
        """The answer to `want`, once it is there."""
        there = self._answer is not None and self._answer.key == self._key
        return self._answer if there and self._is_asked(stack, place) else None

    def take(self, reply: Lens) -> None:
        """Take an answer, if it is to what was asked last."""
        if reply.key == self._key:
            self._answer = reply
            self.changed.emit()
            self._studio.lacking.go_on()

    def _is_asked(self, stack: str, place: int) -> bool:
        last = self._asked
        return last is not None and last[0] is self._studio.trace and last[1:] == (stack, place)
