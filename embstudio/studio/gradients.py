"""Asking for gradients, and keeping the answers: of the open model, and of others that read the same text.

Each asker has a lane of its own, in which the newest question wins. Answers are kept for as long as the text is the
same, so that stepping back and forth asks once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.session.messages import Failed, GradientRequest, Gradients, ModelRef, Request, TraceRequest

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

OWN = "gradient"  # the open model's lane; those of others go on behind a colon
KEPT_BYTES = 64 * 2**20  # of answers in each lane

Question = tuple[int, int | None]  # (token, output)


@dataclass
class _Lane:
    """What is known in one lane of one input."""

    model: ModelRef
    input: TraceRequest
    answers: OrderedDict[Question, Gradients] = field(default_factory=OrderedDict)
    refusals: dict[Question, StudioError] = field(default_factory=dict)
    asked: GradientRequest | None = None  # what is on its way


class GradientDesk:
    """`want` asks, `answer` has what came of it; `changed` is emitted when something came.

    submit(request, lane), cancel(lane): as `Studio` has them.
    """

    def __init__(
        self, studio: Studio, submit: Callable[[Request, str], object], cancel: Callable[[str], object]
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio = studio
        self._submit, self._cancel = submit, cancel
        self._lanes: dict[str, _Lane] = {}
        self._key = 0

    def want(self, token: int, output: int | None = None) -> None:
        """Ask for the gradients of the open model at a token, unless they are there or on their way."""
        document, ran = self._studio.document, self._studio.ran
        if document is not None and ran is not None:
            self.want_of(OWN, document.opened.model, ran, token, output)

    def want_of(self, lane: str, model: ModelRef, ran: TraceRequest, token: int, output: int | None = None) -> None:
        """The same for any model and the run of it that is shown."""
        there = self._lanes.get(lane)
        if there is None or there.input is not ran or there.model != model:
            there = self._lanes[lane] = _Lane(model, ran)
        question = (token, output)
        if question in there.answers:
            there.answers.move_to_end(question)
            self._give_up(lane, there)
            return
        if question in there.refusals:
            self._give_up(lane, there)
            return
        if there.asked is not None and (there.asked.token, there.asked.output) == question:
            return
        self._key += 1
        there.asked = GradientRequest(model, ran, token, output, self._key)
        self._submit(there.asked, lane)

    def answer(self, token: int, output: int | None = None) -> Gradients | None:
        """The answer to a question about the text that is shown, once it is there."""
        return self.answer_of(OWN, self._studio.ran, token, output)

    def answer_of(self, lane: str, ran: TraceRequest | None, token: int, output: int | None = None) -> Gradients | None:
        """The answer to a question about a run, once it is there."""
        there = self._lanes.get(lane)
        return there.answers.get((token, output)) if there is not None and there.input is ran else None

    def refusal(self, token: int, output: int | None = None) -> StudioError | None:
        """Why a question about the text that is shown cannot be answered."""
        there = self._lanes.get(OWN)
        return there.refusals.get((token, output)) if there is not None and there.input is self._studio.ran else None

    def waiting(self, lane: str = OWN) -> bool:
        """Whether something is on its way."""
        there = self._lanes.get(lane)
        return there is not None and there.asked is not None

    def stop(self) -> None:
        """Give up what is on its way, and say so. It is asked for again when somebody wants it."""
        if any(there.asked is not None for there in self._lanes.values()):
            self.pause()
            self.changed.emit()

    def pause(self) -> None:
        """Let something else go first: give up what is on its way, which is to be wanted again."""
        for lane, there in self._lanes.items():
            self._give_up(lane, there)

    def forget(self, lane: str) -> None:
        """Another model is gone, and what is known of it."""
        there = self._lanes.pop(lane, None)
        if there is not None:
            self._give_up(lane, there)

    def take(self, reply: Gradients | Failed) -> None:
        """Keep an answer, if it is still wanted."""
        key = reply.key if isinstance(reply, Gradients) else _key_of(reply)
        for there in self._lanes.values():
            if there.asked is None or there.asked.key != key:
                continue
            question = there.asked.token, there.asked.output
            there.asked = None
            if isinstance(reply, Failed):
                there.refusals[question] = reply.error
            else:
                there.answers[question] = reply
                while len(there.answers) > 1 and sum(map(_size, there.answers.values())) > KEPT_BYTES:
                    there.answers.popitem(last=False)
            self.changed.emit()

    def _give_up(self, lane: str, there: _Lane) -> None:
        if there.asked is not None:
            there.asked = None
            self._cancel(lane)


def _key_of(reply: Failed) -> int:
    return reply.request.key if isinstance(reply.request, GradientRequest) else -1


def _size(answer: Gradients) -> int:
    """Bytes that an answer keeps, near enough: what grows with the text and the width."""
    return answer.saliency.nbytes if answer.saliency is not None else 0
