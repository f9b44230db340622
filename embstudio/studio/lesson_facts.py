"""What a lesson's claims need of models and the Lab, asked of the worker one thing after the other.

No numpy at the top: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from embstudio.base.errors import InputError, StudioError, WorkerError
from embstudio.base.events import Signal
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import (
    Embedded,
    EmbedRequest,
    Failed,
    GradientRequest,
    Gradients,
    ModelRef,
    Opened,
    OpenRequest,
    Prefixes,
    PrefixRequest,
    Reply,
    Request,
    Table,
    TableRequest,
    Traced,
    TraceRequest,
)
from embstudio.session.replacement import Replacement
from embstudio.session.replacement_grammar import parse_replacement
from embstudio.studio.document import Document

if TYPE_CHECKING:
    from embstudio.lessons.facts import Facts, Need
    from embstudio.lessons.lesson import Run
    from embstudio.trace.trace import Trace

LANE = "facts of a lesson"
_KEYS = count(-900_000)  # far from everybody else's
_T = TypeVar("_T")
_R = TypeVar("_R", Opened, Traced, Table, Embedded, Gradients, Prefixes)
_Asking = Generator[Request, Reply, _T]


class LessonFacts:
    """`want` some needs; `changed` tells of each that is there, or refused, in `facts`. Trainings are not among them:
    whoever has a bench puts those in.

    submit(request, lane), cancel(lane): as `Studio` has them. provider(): which one the person chose.
    """

    def __init__(
        self,
        submit: Callable[[Request, str], object],
        cancel: Callable[[str], object],
        provider: Callable[[], str],
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self._submit, self._cancel, self._provider = submit, cancel, provider
        self._facts: Facts | None = None
        self._opened: dict[str, Opened] = {}  # by the model's name
        self._waiting: list[Need] = []
        self._need: Need | None = None
        self._steps: _Asking[Any] | None = None
        self._asked: Request | None = None

    @property
    def facts(self) -> Facts:
        """What is known so far."""
        if self._facts is None:
            from embstudio.lessons.facts import Facts

            self._facts = Facts()
        return self._facts

    @property
    def busy(self) -> bool:
        """Whether something is still on its way."""
        return self._need is not None

    def want(self, needs: Iterable[Need]) -> None:
        """Ask for what is not known, refused or on its way already."""
        for need in needs:
            if need not in self._waiting and need != self._need and not self._has(need):
                self._waiting.append(need)
        if self._need is None:
            self._next()

    def stop(self) -> None:
        """Wait for nothing any more; what is known stays."""
        self._waiting.clear()
        if self._asked is not None:
            self._cancel(LANE)
        self._need = self._steps = self._asked = None

    def forget(self) -> None:
        """Start anew: what is known can be large."""
        self.stop()
        self._facts = None

    def receive(self, reply: Reply) -> bool:
        """Take an answer; whether it was to something asked here."""
        if self._steps is None or not self._is_answer(reply):
            return False
        self._asked = None
        self._go_on(reply)
        return True

    def _has(self, need: Need) -> bool:
        return need in self.facts.known or need in self.facts.refused

    def _next(self) -> None:
        self._need = self._steps = self._asked = None
        if self._waiting:
            self._need = self._waiting.pop(0)
            self._steps = self._fetch(self._need)
            self._go_on(None)

    def _go_on(self, reply: Reply | None) -> None:
        assert self._steps is not None
        assert self._need is not None
        need = self._need
        try:
            request = self._steps.send(reply) if reply is not None else next(self._steps)
        except StopIteration as end:
            self.facts.known[need] = end.value
        except StudioError as error:
            self.facts.refused[need] = str(error)
        else:
            self._asked = request
            self._submit(request, LANE)
            return
        self._next()
        self.changed.emit()

    def _is_answer(self, reply: Reply) -> bool:
        asked = self._asked
        match reply:
            case Failed():
                return reply.request == asked
            case Traced():
                return reply.request is not None and reply.request == asked
            case Table():
                return isinstance(asked, TableRequest) and reply.model == asked.model
            case Opened():
                return isinstance(asked, OpenRequest) and reply.key == asked.key
            case Embedded():
                return isinstance(asked, EmbedRequest) and reply.key == asked.key
            case Gradients():
                return isinstance(asked, GradientRequest) and reply.key == asked.key
            case Prefixes():
                return isinstance(asked, PrefixRequest) and (reply.key, reply.serial) == (asked.key, asked.serial)
            case _:
                return False

    # What each need takes ----------------------------------------------------------------------------------------

    def _fetch(self, need: Need) -> _Asking[Any]:
        from embstudio.lessons import facts

        match need:
            case facts.RunNeed():
                return (yield from self._run(need))
            case facts.GradientNeed():
                return (yield from self._gradient(need))
            case facts.WordsNeed():
                return (yield from self._words(need.model))
            case facts.TextNeed():
                return (yield from self._text(need.model, need.text))
            case facts.CardNeed():
                return self._card(need.model)
        raise InputError("A training is not run here.")

    def _run(self, need: Any) -> _Asking[Any]:
        from embstudio.lessons.facts import Ran
        from embstudio.stepper.watch.scope import Scope

        source, opened = yield from self._open(need.run.model)
        document = Document(source, opened)
        request, trace = yield from self._trace(need.run, opened)
        scores = None
        if need.everywhere and "logits" in trace and trace["logits"].axes in (("class",), ("vocab",)):
            scores = yield from self._prefixes(request, trace)
        names = opened.anatomy.point_names
        coming = len(trace) if scores is not None else 0
        return Ran(Scope(trace, document.labels, document.vocabulary, names, scores, coming))

    def _trace(self, run: Run, opened: Opened) -> _Asking[tuple[TraceRequest, Trace]]:
        """The run, after one without held values where those speak of words."""
        request = TraceRequest(opened.model, text=run.text, second=run.second or None, key=next(_KEYS))
        if not run.hold:
            return request, (yield from _answered(request, Traced)).trace
        plain = (yield from _answered(request, Traced)).trace
        held = replace(request, replacements=replacements_of(run.hold, plain), key=next(_KEYS))
        return held, (yield from _answered(held, Traced)).trace

    def _prefixes(self, request: TraceRequest, trace: Trace) -> _Asking[Any]:
        import numpy as np

        places, rows, key = tuple(range(len(trace))), list[np.ndarray](), next(_KEYS)
        while places:
            found = yield from _answered(
                PrefixRequest(request.model, request, places, key=key, serial=len(rows)), Prefixes
            )
            rows.append(found.scores)
            places = places[len(found.places) :]
        return np.concatenate(rows)

    def _gradient(self, need: Any) -> _Asking[Any]:
        from embstudio.lessons.facts import Gradient

        _, opened = yield from self._open(need.run.model)
        run = TraceRequest(opened.model, text=need.run.text, points=("logits",))
        found = yield from _answered(GradientRequest(opened.model, run, need.token, key=next(_KEYS)), Gradients)
        return Gradient(
            {each.state: each.norms for each in found.cells}, {each.state: each.largest for each in found.cells},
            {each.state: each.steps for each in found.cells}, found.reached, found.notes,
        )  # fmt: skip

    def _words(self, model: str) -> _Asking[Any]:
        from embstudio.space.lookup import Lookup

        _, opened = yield from self._open(model)
        return Lookup((yield from _answered(TableRequest(opened.model), Table)).table)

    def _text(self, model: str, text: str) -> _Asking[Any]:
        import numpy as np

        _, opened = yield from self._open(model)
        found = yield from _answered(EmbedRequest(opened.model, (text,), key=next(_KEYS)), Embedded)
        return np.asarray(found.vectors[0], np.float64)

    def _card(self, model: str) -> Any:
        from embstudio.lessons.facts import CardFacts

        card = catalogue.find(model).card
        if card is None:
            raise InputError("This model has no card.", where=model)
        return CardFacts({each.name: each.value for each in card.quality}, card.architecture)

    def _open(self, model: str) -> _Asking[tuple[ModelSource, Opened]]:
        source = catalogue.find(model)
        if model not in self._opened:
            ref = ModelRef(source.path, source.tokenizer, self._provider())
            self._opened[model] = yield from _answered(OpenRequest(ref, key=next(_KEYS)), Opened)
        return source, self._opened[model]


def _answered(request: Request, kind: type[_R]) -> _Asking[_R]:
    """Ask, and take the answer. Raises StudioError."""
    reply = yield request
    if isinstance(reply, Failed):
        raise reply.error
    if not isinstance(reply, kind):
        raise WorkerError("The process that runs models answered something else.")
    return reply


def replacements_of(hold: Iterable[str], trace: Trace) -> tuple[Replacement, ...]:
    """Held values of a lesson, with words for tokens, in a text: `lstm.0.forward.f@dog..:=0.99`. Raises InputError."""
    import re

    from embstudio.lessons.words_of_a_run import token_of

    def numbered(found: re.Match[str]) -> str:
        place = token_of(found[2], trace.text, trace.tokens)
        if place is None:
            raise InputError("There is no such token to hold something at.", where=found[2])
        return f"{found[1]}{place}"

    written = re.compile(r"(@|\.\.)([^\W\d_][\w'#-]*)")
    return tuple(parse_replacement(written.sub(numbered, text)) for text in hold)
