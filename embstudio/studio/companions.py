"""Other models that read the same text beside the open one, side by side.

They belong to no panel and to no document: they stay while the open model changes, and the one that is open is never
there twice. The open model goes first: while it is being run, what they have underway is given up and asked for again.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import Failed, Opened, OpenRequest, Prefixes, PrefixRequest, Reply, Request, Traced
from embstudio.session.messages import TraceRequest as _TraceRequest
from embstudio.studio.companion import Companion, Text
from embstudio.studio.document import Notice, Severity

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

MOST = 8  # beside the open one: as many as the worker keeps open, and more than a window can show


class Companions:
    """`members` are the models beside the open one, in the order in which they came; `changed` tells of anything new:
    one more or less, one that was opened, run or failed, and answers to what it says after each token.

    Nothing is opened or run before somebody calls `want`: views do, while they can be seen.
    submit(request, lane), cancel(lane): as `Studio` has them.
    """

    def __init__(
        self, studio: Studio, submit: Callable[[Request, str], object], cancel: Callable[[str], object]
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio = studio
        self._submit, self._cancel = submit, cancel
        self._all: list[Companion] = []
        self._keys = count(1)
        self._paused: set[int] = set()
        studio.busy_changed.connect(self._on_busy)
        studio.document_changed.connect(self._on_document)

    # Which ------------------------------------------------------------------------------------------------------

    @property
    def members(self) -> tuple[Companion, ...]:
        """Those beside the open model."""
        return tuple(each for each in self._all if not self._is_open(each.source))

    @property
    def lanes(self) -> tuple[Companion | None, ...]:
        """All models side by side, the open one (None) among them: in its own place where it was chosen as one of them
        before, so that none moves when another is opened; else first."""
        lanes = [None if self._is_open(each.source) else each for each in self._all]
        return tuple(lanes) if None in lanes else (None, *lanes)

    @property
    def names(self) -> list[str]:
        """What `restore` takes: the name or path of each."""
        return [each.source.name or str(each.source.path.absolute()) for each in self._all]

    def add(self, model: str | ModelSource) -> Companion | None:
        """Put a model beside the open one: a bundled name, a path or a source. None, with a notice, where there is no
        such model, it is open, or there are too many. One that is there already and failed is tried again."""
        try:
            source = catalogue.find(model) if isinstance(model, str) else model
        except StudioError as error:
            self._studio.noticed.emit(Notice.of(error))
            return None
        there = self._find(source)
        if there is None and len(self._all) >= MOST:
            self._say(f"There are {MOST} models side by side already.", "Remove one of them first.")
            return None
        if self._is_open(source):
            self._say(f"{source.title} is the open model.", "It has its own lane already.")
            return None
        if there is None:
            there = Companion(source, next(self._keys), self._submit, self._cancel, self.changed.emit)
            self._all.append(there)
        else:
            there.retry(source)
        self.changed.emit()
        return there

    def remove(self, member: Companion) -> None:
        """Take a model away."""
        if member in self._all:
            member.leave()
            self._all.remove(member)
            self._paused.discard(member.key)
            self.changed.emit()

    def clear(self) -> None:
        """Take all of them away."""
        for member in self._all:
            member.leave()
        self._all.clear()
        self._paused.clear()
        self.changed.emit()

    def lead(self, member: Companion) -> None:
        """Make it the open model, which every panel shows; the one that was open goes on beside it."""
        document = self._studio.document
        if document is not None and self._find(document.source) is None:
            first = Companion(document.source, next(self._keys), self._submit, self._cancel, self.changed.emit)
            self._all.insert(0, first)
        self._studio.open(member.source)

    def restore(self, names: Iterable[str]) -> None:
        """Put models back that were there at another time; of those that are gone one is told, and they are left."""
        for name in names:
            try:
                source = catalogue.find(name)
            except StudioError as error:
                self._say(f"A model that stood beside the open one is not there any more: {error.where or name}.")
                continue
            if self._find(source) is None and len(self._all) < MOST:
                companion = Companion(source, next(self._keys), self._submit, self._cancel, self.changed.emit)
                self._all.append(companion)
        self.changed.emit()

    # Running ------------------------------------------------------------------------------------------------------

    def want(self) -> None:
        """See to it that each has read the text that is shown, or says why not. Asks nothing twice."""
        text = self.text
        if text is not None:
            for member in self.members:
                member.want(text, self._studio.provider)

    def want_prefixes(self) -> None:
        """See to it that each says something after each token, where it judges the whole text at once."""
        for member in self.members:
            if member.trace is not None:
                member.prefixes.want()

    def stop(self) -> None:
        """Give up what is running, in all of them."""
        busy = [member for member in self._all if member.busy]
        for member in self._all:
            member.stop()
        self._paused.clear()
        if busy:
            self.changed.emit()

    @property
    def text(self) -> Text | None:
        """What is shown, as the others are to read it; None where nothing is, or the open model was fed by hand."""
        trace, ran, document = self._studio.trace, self._studio.ran, self._studio.document
        if trace is None or ran is None or document is None or ran.feeds is not None or not trace.text.strip():
            return None
        numbers = ran.ids if document.opened.tokenizer is None else None
        return Text(trace.text, numbers, ran.second or "", document.opened.second)

    def current(self, member: Companion) -> bool:
        """Whether its trace is of the text that is shown."""
        text = self.text
        return text is not None and member.reads(text) and not member.busy

    def receive(self, reply: Reply) -> bool:
        """Take an answer that is for one of them; whether it was, or was for one that is gone."""
        key = _key_of(reply)
        if not key:
            return False
        member = next((each for each in self._all if each.key == key), None)
        if member is not None:
            if isinstance(reply, Prefixes) or (isinstance(reply, Failed) and isinstance(reply.request, PrefixRequest)):
                member.prefixes.take(reply)
            elif isinstance(reply, Opened | Traced | Failed):
                member.take(reply)
        return True

    def _on_busy(self) -> None:
        if self._studio.busy:
            self._paused |= {member.key for member in self._all if member.pause()}
            for member in self._all:
                member.prefixes.pause()
            return
        paused, self._paused = self._paused, set()
        text = self.text
        for member in self.members:
            if text is not None and member.key in paused and not member.busy:
                member.want(text, self._studio.provider)
            member.prefixes.resume()

    def _on_document(self) -> None:
        for member in self._all:
            if self._is_open(member.source):
                member.pause()
        self.changed.emit()

    def _find(self, source: ModelSource) -> Companion | None:
        return next((each for each in self._all if _same(each.source, source)), None)

    def _is_open(self, source: ModelSource) -> bool:
        document = self._studio.document
        return document is not None and _same(document.source, source)

    def _say(self, text: str, advice: str = "") -> None:
        self._studio.noticed.emit(Notice(Severity.INFO, text, advice))


def _key_of(reply: Reply) -> int:
    """Whom a reply is for: 0 for the open model."""
    match reply:
        case Opened() | Prefixes():
            return reply.key
        case Traced():
            return reply.request.key if reply.request is not None else 0
        case Failed() if isinstance(reply.request, OpenRequest | _TraceRequest | PrefixRequest):
            return reply.request.key
        case _:
            return 0


def _same(one: ModelSource, other: ModelSource) -> bool:
    return one.path == other.path or one.path.absolute() == other.path.absolute()
