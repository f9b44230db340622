"""The same texts through one model, or through two, one after the other: sets of vectors that can be compared.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from embstudio.base.errors import InputError, StudioError, UnsupportedModelError, WorkerError
from embstudio.base.events import Signal
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import (
    Embedded,
    EmbedRequest,
    Failed,
    ModelRef,
    Opened,
    OpenRequest,
    Pooling,
    Reply,
    Request,
    Traced,
    TraceRequest,
)
from embstudio.trace.points import parse

if TYPE_CHECKING:
    import numpy as np

    from embstudio.space.vector_set import VectorSet

LANE = "texts of two models"
_TOGETHER = 64  # texts a request: progress is told, and can be stopped, that often
FIRST_KEY = -1_000_000
_KEYS = count(FIRST_KEY, -1)  # far below 0, so that they are nobody else's
_T = TypeVar("_T")
_A = TypeVar("_A", Opened, Embedded, Traced)
_Asked = OpenRequest | EmbedRequest | TraceRequest
_Steps = Generator[_Asked, None, _T]
_Rows = tuple["list[np.ndarray]", float, int]  # vectors, how long they took, how many texts were cut


@dataclass(frozen=True)
class TextVectors:
    """A model's vectors of the texts. set: named by the texts, NaN where the tokenizer finds nothing in one.

    rate: texts a second, measured as they were made; the opening of the model does not count. cut: how many were too
    long. steps: how one vector is made, in words. notes: what a person must know.
    """

    source: ModelSource
    set: VectorSet
    rate: float
    cut: int
    steps: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Of the model."""
        return self.source.title


class PairedTexts:
    """`run` makes the vectors; `changed` tells of each piece and of the end: then `result` or `error` is there.
    `run_one` makes those of one model: then `one` or `error` is there.

    A model whose files do not say how the vectors of its tokens become one is asked for their mean, one that ends in
    something else than vectors for the mean of its last states; `steps` say so.
    submit(request, lane), cancel(lane): as `Studio` has them. provider(): which one the person chose. lane: its own.
    """

    def __init__(
        self,
        submit: Callable[[Request, str], object],
        cancel: Callable[[str], object],
        provider: Callable[[], str],
        lane: str = LANE,
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self.one: TextVectors | None = None
        self.result: tuple[TextVectors, TextVectors] | None = None
        self.error: StudioError | None = None
        self.at = ""  # the model that is at it
        self.done = self.total = 0  # texts, of both models together
        self._submit, self._cancel, self._provider = submit, cancel, provider
        self._lane = lane
        self._key = 0
        self._asked_for: set[int] = set()  # keys whose answers have not come
        self._steps: _Steps[None] | None = None
        self._texts: tuple[str, ...] = ()
        self._answer: Reply | None = None  # to what was asked last
        self._seconds = 0.0  # until it came
        self._asked = 0.0

    @property
    def running(self) -> bool:
        return self._steps is not None

    def run(self, first: ModelSource, second: ModelSource, texts: tuple[str, ...]) -> None:
        """Begin; what was underway is given up. texts: at least one, none of them blank."""
        self._begin(texts, 2, self._both(first, second))

    def run_one(self, source: ModelSource, texts: tuple[str, ...]) -> None:
        """The same for one model."""
        self._begin(texts, 1, self._alone(source))

    def _begin(self, texts: tuple[str, ...], models: int, steps: _Steps[None]) -> None:
        self.stop()
        self.one = self.result = self.error = None
        self._texts, self.done, self.total = texts, 0, models * len(texts)
        self._steps = steps
        self._go_on()

    def stop(self) -> None:
        """Give up what is underway."""
        if self._steps is not None:
            self._cancel(self._lane)
            self._steps, self._key = None, 0
            self.changed.emit()

    def receive(self, reply: Reply) -> bool:
        """Take an answer of the worker; whether it was to something asked here, now or before."""
        key = _key_of(reply)
        if key not in self._asked_for:
            return False
        self._asked_for.discard(key)
        if key == self._key and self._steps is not None:
            self._answer, self._seconds = reply, time.perf_counter() - self._asked
            self._go_on()
        return True

    def _go_on(self) -> None:
        """Ask for the next piece, or come to an end."""
        assert self._steps is not None
        try:
            request = next(self._steps)
        except StopIteration:
            self._steps = None
        except StudioError as error:
            self._steps, self.error = None, error
        else:
            self._key, self._asked = request.key, time.perf_counter()
            self._asked_for.add(request.key)
            self._submit(request, self._lane)
        self.changed.emit()

    def _both(self, first: ModelSource, second: ModelSource) -> _Steps[None]:
        one = yield from self._of(first)
        other = yield from self._of(second)
        self.result = one, other

    def _alone(self, source: ModelSource) -> _Steps[None]:
        self.one = yield from self._of(source)

    def _of(self, source: ModelSource) -> _Steps[TextVectors]:
        """The requests to one model; each is answered when the next is asked for. Raises StudioError."""
        import numpy as np

        from embstudio.space.vector_set import VectorSet

        self.at = source.title
        model = ModelRef(source.path, source.tokenizer, self._provider())
        yield OpenRequest(model, key=next(_KEYS))
        opened = self._taken(Opened)
        pooling = None if "pooled" in opened.anatomy.point_names else Pooling("mean")
        yield EmbedRequest(model, (), pooling=pooling, key=next(_KEYS))  # says how vectors are made
        points = () if isinstance(self._answer, Embedded) else last_states(opened.anatomy.point_names)
        steps: tuple[str, ...]
        if points:
            rows, seconds, cut = yield from self._states(model, points)
            steps, notes = (f"mean over the tokens of {' and '.join(points)}",), opened.notes
        else:
            plan = self._taken(Embedded)
            rows, seconds, cut = yield from self._pooled(model, pooling)
            steps, notes = plan.steps, plan.notes
        table = VectorSet(self._texts, np.concatenate(rows), source=f"texts by {source.title}")
        return TextVectors(source, table, len(self._texts) / max(seconds, 1e-9), cut, steps, notes)

    def _pooled(self, model: ModelRef, pooling: Pooling | None) -> _Steps[_Rows]:
        """One vector a text, as the model or its files say."""
        rows, seconds, cut = list["np.ndarray"](), 0.0, 0
        for start in range(0, len(self._texts), _TOGETHER):
            part = self._texts[start : start + _TOGETHER]
            yield EmbedRequest(model, part, pooling=pooling, key=next(_KEYS))
            made = self._taken(Embedded)
            rows.append(made.vectors)
            seconds += self._seconds
            cut += 0 if made.limit is None else int((made.tokens > made.limit).sum())
            self.done += len(part)
        return rows, seconds, cut

    def _states(self, model: ModelRef, points: tuple[str, ...]) -> _Steps[_Rows]:
        """Of a model that makes no vector of a text: the mean of its last states over the tokens, text by text."""
        import numpy as np

        rows, seconds, cut = list[np.ndarray](), 0.0, 0
        for text in self._texts:
            yield TraceRequest(model, text=text, points=points, key=next(_KEYS))
            if isinstance(self._answer, Failed) and isinstance(self._answer.error, InputError) and rows:
                rows.append(np.full_like(rows[0], np.nan))  # nothing in it that the tokenizer knows
            else:
                trace = self._taken(Traced).trace
                states = [trace[point].values for point in points if point in trace]
                if not states:
                    raise UnsupportedModelError(
                        "What this model knows at its end is not one vector a token.", where=str(model.path),
                        advice="Choose a model that makes a vector of a text.",
                    )  # fmt: skip
                rows.append(np.concatenate(states, axis=-1).mean(axis=0, dtype=np.float64)[None].astype(np.float32))
                cut += trace.window is not None
            seconds += self._seconds
            self.done += 1
        return rows, seconds, cut

    def _taken(self, kind: type[_A]) -> _A:
        """The answer to what was asked last. Raises StudioError."""
        if isinstance(self._answer, Failed):
            raise self._answer.error
        if not isinstance(self._answer, kind):
            raise WorkerError("The process that runs models answered something else.")
        return self._answer


def last_states(names: Sequence[str]) -> tuple[str, ...]:
    """What a model knows at its end, token by token: the last norm, or the residual stream after the last block, of
    the encoder where there are two stacks; else the states of the last recurrent layer, in both directions."""
    for ending in ("final_norm", ".resid_post"):
        found = [name for name in names if name.endswith(ending) and not name.startswith("decoder.")]
        if found:
            return (max(found, key=lambda name: parse(name).layer or 0),)
    states = [name for name in names if name.endswith(".h")]
    last = max((parse(name).layer or 0 for name in states), default=0)
    return tuple(name for name in states if (parse(name).layer or 0) == last)


def _key_of(reply: Reply) -> int:
    match reply:
        case Opened() | Embedded():
            return reply.key
        case Traced() if reply.request is not None:
            return reply.request.key
        case Failed() if isinstance(reply.request, OpenRequest | EmbedRequest | TraceRequest):
            return reply.request.key
        case _:
            return 0
