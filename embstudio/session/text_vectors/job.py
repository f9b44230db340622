"""Vectors of many texts, asked of the worker piece by piece; each piece is kept as it comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from embstudio import __version__
from embstudio.base.errors import WorkerError
from embstudio.session.messages import Embedded, EmbedRequest, Failed, ModelRef, Pooling, Reply
from embstudio.session.text_vectors.part_file import PartFile

if TYPE_CHECKING:
    from embstudio.session.worker_client import WorkerClient

LANE = "embed"
TOGETHER = 256  # texts in a piece, whatever the batch: what is gone on with must be cut as it was
_CHARACTERS = 1 << 16  # in a piece; one of long texts is smaller, so that little is lost
_WHOLE, _CUT, _NOTHING = 0, 1, 2
_HEARTBEAT = 0.5  # seconds; on Windows a wait without an end would not hear Ctrl-C


@dataclass(frozen=True)
class Progress:
    """done, total: texts. resumed: those of them that were there at the start."""

    done: int
    total: int
    resumed: int


@dataclass(frozen=True)
class TextVectors:
    """vectors: [texts, width] float32. cut: [texts], whether it was too long and was cut. found: [texts], False where
    the tokenizer finds nothing in a text, so that it has no vector (NaN).

    plan: an answer without texts, which says how they were made. resumed: how many were there already. part: where
    they are kept until somebody removes them.
    """

    vectors: np.ndarray
    cut: np.ndarray
    found: np.ndarray
    plan: Embedded
    resumed: int
    part: PartFile


class EmbedJob:
    """`run()` makes the vectors of some texts, or as many as were missing.

    client: started. part: where they are kept on the way. batch: texts that are run at once. on_progress: called before
    the first and after each piece. check: called now and then; what it raises ends the job.
    """

    def __init__(
        self,
        client: WorkerClient,
        model: ModelRef,
        texts: Sequence[str],
        part: Path,
        *,
        batch: int = 32,
        pooling: Pooling | None = None,
        on_progress: Callable[[Progress], object] = lambda _: None,
        check: Callable[[], object] = lambda: None,
    ) -> None:
        self._client, self._replies = client, SimpleQueue[Reply]()
        client.on_reply = self._replies.put
        self._model, self._texts, self._part = model, tuple(texts), part
        self._batch, self._pooling, self._on_progress, self._check = batch, pooling, on_progress, check

    def run(self) -> TextVectors:
        """Raises StudioError: what `Embedded` is refused for, a worker that dies again and again, a part of something
        else, a full disk. What was made stays in the part."""
        plan = self._ask((), digest=True)
        texts = self._texts
        part = PartFile(self._part, self._identity(plan), plan.vectors.shape[1])
        resumed = done = part.done
        self._on_progress(Progress(done, len(texts), resumed))
        for piece in _pieces(texts):
            if piece.stop <= resumed:
                continue
            answer = self._ask(texts[piece])
            limit = answer.limit if answer.limit is not None else np.iinfo(np.int32).max
            states = np.where(answer.tokens == 0, _NOTHING, np.where(answer.tokens > limit, _CUT, _WHOLE))
            part.add(answer.vectors, states.astype(np.uint8))
            done += len(answer.vectors)
            self._on_progress(Progress(done, len(texts), resumed))
        states = part.states
        return TextVectors(part.vectors, states == _CUT, states != _NOTHING, plan, resumed, part)

    def _ask(self, texts: tuple[str, ...], *, digest: bool = False) -> Embedded:
        self._client.submit(EmbedRequest(self._model, texts, self._batch, self._pooling, digest), LANE)
        while True:
            self._check()
            try:
                reply = self._replies.get(timeout=_HEARTBEAT)
            except Empty:
                continue
            if isinstance(reply, Failed):
                raise reply.error
            if isinstance(reply, Embedded):
                return reply
            raise WorkerError("The process that runs models answered something else.", detail=type(reply).__name__)

    def _identity(self, plan: Embedded) -> dict[str, object]:
        """What must be the same for the rest to be like what is there, by the word it is told with."""
        found = hashlib.sha256()
        for text in self._texts:
            encoded = text.encode("utf-8", "surrogatepass")
            found.update(b"%d " % len(encoded) + encoded)
        return {
            "model": plan.digest, "input": found.hexdigest(), "way of pooling": list(plan.steps),
            "provider": plan.provider, "version of embstudio": __version__,
        }  # fmt: skip


def _pieces(texts: Sequence[str]) -> Iterator[slice]:
    start, size = 0, 0
    for place, text in enumerate(texts):
        if place > start and (place - start >= TOGETHER or size + len(text) > _CHARACTERS):
            yield slice(start, place)
            start, size = place, 0
        size += len(text)
    if start < len(texts):
        yield slice(start, len(texts))
