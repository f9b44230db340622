"""One word in several sentences: what the open model makes of it in each, asked for a slice at a time.

What is known of a sentence is kept while the model is open, so that a further sentence costs one run. No numpy here:
the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.session.messages import (
    Contexts,
    ContextsRequest,
    Failed,
    Lens,
    LensRequest,
    Reply,
    Request,
    SentenceContexts,
)

if TYPE_CHECKING:
    import numpy as np

    from embstudio.studio.studio import Studio
    from embstudio.trace.word_stages import WordStage

LANE, NEAR_LANE = "contexts", "contexts near"
NEAREST = 8  # words told of each layer
_Known = tuple[str, str]  # word, sentence


class WordContexts:
    """`ask` for a word and sentences; `changed` is emitted with each slice that comes, and when asking ends.

    word, sentences: as asked last. stages: what the vectors are read from; empty before the first answer.
    recurrent: whether they are states of recurrent layers. problem: why nothing can be had. stopped: by the person.
    looks_ahead: whether what stands after a word changes its vectors; None as long as it is not known.
    near_problem: why the nearest words wanted last cannot be had.
    """

    def __init__(
        self, studio: Studio, submit: Callable[[Request, str], object], cancel: Callable[[str], object]
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self.nearest_changed: Signal[[]] = Signal()
        self.word = ""
        self.sentences: tuple[str, ...] = ()
        self.stages: tuple[WordStage, ...] = ()
        self.recurrent = False
        self.looks_ahead: bool | None = None
        self.problem: StudioError | None = None
        self.stopped = False
        self.near_problem: StudioError | None = None
        self._studio, self._submit, self._cancel = studio, submit, cancel
        self._known: dict[_Known, SentenceContexts] = {}
        self._serial = 0
        self._underway = False
        self._near_key = 0  # below 0: the studio's own requests of the same sort count upwards
        self._near: Lens | None = None
        studio.document_changed.connect(self._forget)
        studio.busy_changed.connect(self._on_busy)

    # Asking --------------------------------------------------------------------------------------------------------

    def ask(self, word: str, sentences: Iterable[str]) -> None:
        """Look at a word in some sentences; what is known of them is there at once."""
        self.word, self.sentences = " ".join(word.split()), tuple(dict.fromkeys(sentences))
        self.stopped = False
        self.problem = None
        self._next()
        self.changed.emit()

    def found(self, sentence: str) -> SentenceContexts | None:
        """What is known of a sentence; None as long as it is not there."""
        return self._known.get((self.word, sentence))

    @property
    def lacking(self) -> tuple[str, ...]:
        """The sentences that are not read yet."""
        return tuple(each for each in self.sentences if (self.word, each) not in self._known) if self.word else ()

    @property
    def running(self) -> bool:
        """Whether more is on its way."""
        return bool(self.lacking) and not self.stopped and self.problem is None and self._studio.document is not None

    def stop(self) -> None:
        """Give up what is lacking; what is there stays."""
        if self.running:
            self.stopped = True
            self._pause()
            self.changed.emit()

    def go_on(self) -> None:
        """Read what is lacking after all."""
        self.stopped = False
        self._next()
        self.changed.emit()

    def _next(self) -> None:
        document = self._studio.document
        if self._underway:
            self._pause()  # it was asked for another word or other sentences
        if document is None or not self.running or self._studio.busy:
            return
        self._underway = True
        self._serial += 1
        order = self.looks_ahead is None
        self._submit(ContextsRequest(document.opened.model, self.word, self.lacking, order, self._serial), LANE)

    def _pause(self) -> None:
        if self._underway:
            self._underway = False
            self._cancel(LANE)

    def _on_busy(self) -> None:
        """Let the sentence that is typed go first."""
        if self._studio.busy:
            self._pause()
        elif not self._underway:
            self._next()

    # The nearest words ---------------------------------------------------------------------------------------------

    def want_nearest(self, vectors: np.ndarray) -> None:
        """Ask for the words whose rows of the table are nearest to vectors [n, width]."""
        document = self._studio.document
        if document is not None:
            self._near_key -= 1
            self._near = self.near_problem = None
            self._submit(LensRequest(document.opened.model, vectors, (), NEAREST, key=self._near_key), NEAR_LANE)

    def nearest(self, place: int) -> Sequence[tuple[int, float]]:
        """Ids and cosines of the words nearest to the vector at a place of those wanted last, nearest first; empty
        where they are not there (yet)."""
        if self._near is None or place >= len(self._near.rows):
            return ()
        rows, cosines = self._near.rows[place].tolist(), self._near.cosines[place].tolist()
        return tuple(zip(rows, cosines, strict=True))

    @property
    def has_nearest(self) -> bool:
        """Whether the answer to what was wanted last is there."""
        return self._near is not None

    # Replies -------------------------------------------------------------------------------------------------------

    def receive(self, reply: Reply) -> bool:
        """Take an answer; whether it was one of these."""
        match reply:
            case Contexts():
                self._take(reply)
            case Failed(request=ContextsRequest() as asked):
                if self._underway and asked.serial == self._serial:
                    self._underway = False
                    self.problem = reply.error
                    self.changed.emit()
            case Lens() if reply.key < 0:
                if reply.key == self._near_key:
                    self._near = reply
                    self.nearest_changed.emit()
            case Failed(request=LensRequest() as wanted) if wanted.key < 0:
                if wanted.key == self._near_key:  # the vectors are shown all the same
                    self.near_problem = reply.error
                    self.nearest_changed.emit()
            case _:
                return False
        return True

    def _take(self, reply: Contexts) -> None:
        if not self._underway or reply.serial != self._serial:
            return
        self._underway = False
        if reply.stages:
            self.stages, self.recurrent = reply.stages, reply.recurrent
        if reply.looks_ahead is not None:
            self.looks_ahead = reply.looks_ahead
        self._known.update({(self.word, each.text): each for each in reply.sentences})
        self._next()
        self.changed.emit()

    def _forget(self) -> None:
        """Another model is open, or the same file anew."""
        self._pause()
        self._known.clear()
        self.stages, self.problem, self._near, self.near_problem, self.looks_ahead = (), None, None, None, None
        self.stopped = False
        self._next()
        self.changed.emit()
