"""Vectors of a few texts by three models, each by itself: the upper rungs of the ladder in the Lab.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import Reply, Request
from embstudio.studio.paired_texts import PairedTexts, TextVectors

WORDS, SENTENCES, MODEL = "words", "sentences", "model"
RUNGS = (WORDS, SENTENCES, MODEL)
_Asked = tuple[ModelSource, tuple[str, ...]]


class LadderVectors:
    """rungs: WORDS, of a table of words, SENTENCES, of a model for sentences, and MODEL, of any. `want` has vectors
    made, `made` and `problem` are what came of it; `changed` tells of anything new.

    submit(request, lane), cancel(lane), provider(): as `PairedTexts` has them.
    """

    def __init__(
        self,
        submit: Callable[[Request, str], object],
        cancel: Callable[[str], object],
        provider: Callable[[], str],
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self._runs = {rung: PairedTexts(submit, cancel, provider, f"ladder: {rung}") for rung in RUNGS}
        self._wanted: dict[str, _Asked] = {}
        for run in self._runs.values():
            run.changed.connect(self.changed.emit)

    def want(self, rung: str, source: ModelSource, texts: tuple[str, ...]) -> None:
        """Have vectors made of some different texts, at least one, none blank; asks nothing twice."""
        if self._wanted.get(rung) != (source, texts):
            self._wanted[rung] = source, texts
            self._runs[rung].run_one(source, texts)

    def forget(self, rung: str) -> None:
        """Nobody waits for a rung's vectors any more, and what went wrong may be tried again."""
        self._wanted.pop(rung, None)
        self._runs[rung].stop()

    def busy(self, rung: str) -> bool:
        """Whether they are on their way."""
        return self._runs[rung].running

    def made(self, rung: str) -> TextVectors | None:
        """The vectors wanted last, once they are there."""
        run = self._runs[rung]
        return run.one if rung in self._wanted and not run.running else None

    def problem(self, rung: str) -> StudioError | None:
        """Why there are none."""
        run = self._runs[rung]
        return run.error if rung in self._wanted and not run.running else None

    def receive(self, reply: Reply) -> bool:
        """Take an answer of the worker; whether it was to something asked here."""
        return any(run.receive(reply) for run in self._runs.values())
