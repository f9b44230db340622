"""A model that reads the same text beside the open one: opened and run like it, in lanes of its own.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from embstudio.base.errors import InputError, StudioError, TokenizerError
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import Failed, ModelRef, Opened, OpenRequest, Request, Traced, TraceRequest
from embstudio.studio.document import Document
from embstudio.studio.prefixes import PrefixRuns
from embstudio.trace.points import parse

if TYPE_CHECKING:
    from embstudio.trace.trace import Trace

# What is read of a companion is a few points, and one layer's attention at most.
BUDGET_BYTES = 192 * 2**20


@dataclass(frozen=True)
class Text:
    """What all are to read. ids: where the open model takes token numbers. second: the other text of a pair, or what a
    decoder has written, and which of the two (`Opened.second`)."""

    text: str
    ids: tuple[int, ...] | None = None
    second: str = ""
    second_is: str = ""


class Companion:
    """One of the models beside the open one.

    key:     tells its answers from those of others.
    opened:  what the worker said of it; None until it is open.
    trace:   of the text that was wanted last, or of the one before while `busy`; None where it could not be run.
    ran:     the request that `trace` answers, for asking more of the same input.
    problem: why it could not be opened, or could not be run on the text; it never reaches the others. TokenizerError
             where it lacks a tokenizer.
    prefixes: what it says after each token, where it judges the whole text at once.
    """

    def __init__(
        self,
        source: ModelSource,
        key: int,
        submit: Callable[[Request, str], object],
        cancel: Callable[[str], object],
        changed: Callable[[], object],
    ) -> None:
        self.source = source
        self.key = key
        self.opened: Opened | None = None
        self.trace: Trace | None = None
        self.ran: TraceRequest | None = None
        self.problem: StudioError | None = None
        self.prefixes = PrefixRuns(submit, cancel, key)
        self._submit, self._cancel, self._changed = submit, cancel, changed
        self._wanted: Text | None = None  # newest
        self._answered: Text | None = None  # what `trace` or `problem` is about
        self._underway: Request | None = None
        self._reading: Text | None = None  # what is being run
        self._unopenable = False
        self.prefixes.changed.connect(changed)

    @property
    def title(self) -> str:
        try:
            return self.source.title
        except StudioError:  # the card beside it is damaged
            return self.source.name or self.source.path.stem

    @property
    def busy(self) -> bool:
        """Whether it is being opened or run."""
        return self._underway is not None

    @property
    def document(self) -> Document | None:
        """The model with the names of its classes and words, once it is open."""
        return self._document if self.opened is not None else None

    @cached_property
    def _document(self) -> Document:
        assert self.opened is not None
        return Document(self.source, self.opened)

    def reads(self, text: Text) -> bool:
        """Whether `trace` is that of a text."""
        return self.trace is not None and self._answered == text

    def want(self, text: Text, provider: str) -> None:
        """See to it that there is a trace of a text, or a problem with it. On another provider than before the model
        is opened again."""
        self._wanted = text
        if self.opened is not None and self.opened.model.provider != provider:
            self._begin_anew()
        if self._unopenable or text == (self._reading if self.busy else self._answered):
            return
        if self.opened is not None:
            self._run(text)
        elif not self.busy:
            self._ask(OpenRequest(ModelRef(self.source.path, self.source.tokenizer, provider), self.key))

    def read_around(self, share: float) -> None:
        """Read the part around a share of the text, from 0 to 1, where the text is longer than the model can take."""
        window = self.trace.window if self.trace is not None else None
        if window is None or self.ran is None or self.busy or self._answered is None:
            return
        start = max(0, min(round(share * window.total - window.size / 2), window.total - window.size))
        if start != window.start:
            self._reading = self._answered
            self._ask(replace(self.ran, start=start))

    def retry(self, source: ModelSource | None = None) -> None:
        """Forget what went wrong, so that the next `want` tries again. source: the same model, it may be with another
        tokenizer."""
        if source is not None and source != self.source:
            self._begin_anew()
            self.source = source
        self.problem, self._answered, self._unopenable = None, None, False

    def _begin_anew(self) -> None:
        self.leave()
        self.opened = self.trace = self.ran = None
        self.__dict__.pop("_document", None)
        self.problem, self._answered, self._unopenable = None, None, False

    def pause(self) -> bool:
        """Let something else go first; whether something was underway, which is to be wanted again."""
        if self._underway is None:
            return False
        self._cancel(self._lane(self._underway))
        self._underway = None
        return True

    def stop(self) -> None:
        """Give up what is running, and say so, until something else is to be read or it is tried again."""
        if self.pause():
            self.problem = StudioError("Stopped before it had read the text.", advice="Try again, or type on.")
            self.trace = self.ran = None
            self._answered = self._wanted
        self.prefixes.stop()

    def leave(self) -> None:
        """Nobody wants to hear of it any more."""
        self.pause()
        self.prefixes.leave()

    # Replies ---------------------------------------------------------------------------------------------------

    def take(self, reply: Opened | Traced | Failed) -> None:
        """Take an answer to what was asked last; others are passed over."""
        asked = self._underway
        match reply:
            case Opened() if isinstance(asked, OpenRequest):
                self._underway = None
                self.opened = reply
                if self._wanted is not None:
                    self._run(self._wanted)
            case Traced() if asked is not None and reply.request == asked:
                self._underway, self._answered = None, self._reading
                self.trace, self.ran, self.problem = reply.trace, reply.request, None
                self.prefixes.begin(reply.trace, reply.request, self.opened)
            case Failed() if asked is not None and reply.request == asked:
                self._underway = None
                self._unopenable = isinstance(asked, OpenRequest)
                self._answered = self._wanted
                self._fail(reply.error)
            case _:
                return
        self._changed()

    # Asking ----------------------------------------------------------------------------------------------------

    def _run(self, text: Text) -> None:
        assert self.opened is not None
        try:
            request = self._request(self.opened, text)
        except StudioError as error:
            self.pause()
            self._answered = text
            self._fail(error)
            self._changed()
            return
        self._reading = text
        self._ask(request)

    def _request(self, opened: Opened, text: Text) -> TraceRequest:
        """The text as this model takes it. Raises TokenizerError or InputError where it cannot."""
        if opened.tokenizer is None and text.ids is None:
            raise TokenizerError(
                "This model has no tokenizer beside it, so it cannot read the sentence.", where=str(self.source.path),
                advice="Choose the file that belongs to it: tokenizer.json, vocab.txt or a SentencePiece model.",
            )  # fmt: skip
        if opened.tokenizer is not None and text.ids is not None:
            raise InputError(
                "The open model reads token numbers, and this one reads words.", where=str(self.source.path),
                advice="Open a model with a tokenizer to compare them.",
            )  # fmt: skip
        second = text.second if text.second and opened.second == text.second_is and text.ids is None else None
        return TraceRequest(
            opened.model, text=text.text, ids=text.ids, second=second, points=_points(opened),
            budget_bytes=BUDGET_BYTES, layer=_last_layer(opened), key=self.key,
        )  # fmt: skip

    def _ask(self, request: Request) -> None:
        self.pause()
        self._underway = request
        if isinstance(request, OpenRequest):
            self._reading = None
        self._submit(request, self._lane(request))
        self._changed()

    def _fail(self, error: StudioError) -> None:
        self.problem, self.trace, self.ran = error, None, None
        self.prefixes.leave()

    def _lane(self, request: Request) -> str:
        return f"companion:{self.key}:{'open' if isinstance(request, OpenRequest) else 'trace'}"


def _last_layer(opened: Opened) -> int:
    return max((block.layer for block in opened.anatomy.blocks), default=0)


def _points(opened: Opened) -> tuple[str, ...]:
    """What a lane shows: the scores, the states of recurrent layers, where the last layer looks. Of a model that has
    none of these its first point, so that it is run at all."""
    names = opened.anatomy.point_names
    last: dict[str | None, int] = {}  # stack → its last layer with a pattern
    for name in names:
        if name.endswith(".attn.pattern"):
            point = parse(name)
            last[point.stack] = max(last.get(point.stack, 0), point.layer or 0)
    chosen = tuple(name for name in names if _shown(name, last))
    return chosen or names[:1]


def _shown(name: str, last: dict[str | None, int]) -> bool:
    if name in ("logits", "pooled"):
        return True
    if not name.endswith((".h", ".attn.pattern")):
        return False
    point = parse(name)
    return point.direction is not None or point.layer == last.get(point.stack)
