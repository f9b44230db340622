"""Vectors of texts that somebody types, by the open model: where they would lie among those of a file.

The answer is that of `embstudio embed`, a text that is too long cut in the same way; the point `pooled` of the trace is
the same for the sentence that is shown. No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.base.errors import InputError, StudioError
from embstudio.base.events import Signal
from embstudio.session.messages import Embedded, EmbedRequest, Failed, ModelRef, Pooling, Request

if TYPE_CHECKING:
    import numpy as np

    from embstudio.studio.studio import Studio

LANE = "embed"
_POOLED = "pooled"
_POOLS = "vectors per token"  # what a model ends in whose tokens' vectors can become one in a way of one's choice
KEPT = 256  # texts whose vectors are remembered

_Asked = tuple[ModelRef, Pooling | None, str]


@dataclass(frozen=True, eq=False)
class Made:
    """vector: [width] float32. tokens: of the text. limit: where longer ones are cut; None: nowhere. steps: how the
    vector is made, in words, in order."""

    vector: np.ndarray
    tokens: int
    limit: int | None
    steps: tuple[str, ...]

    @property
    def cut(self) -> bool:
        """Whether the model read the beginning of the text only."""
        return self.limit is not None and self.tokens > self.limit


class Embedding:
    """`want` asks for the vectors of some texts, `made` has each once it is there; `changed` is emitted when one came,
    when one was refused, and when all are forgotten since another model is open.

    submit(request, lane): as `Studio` has it.
    """

    def __init__(self, studio: Studio, submit: Callable[[Request, str], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio, self._submit = studio, submit
        self._made: OrderedDict[_Asked, Made] = OrderedDict()
        self._refusals: dict[_Asked, StudioError] = {}
        self._wishes: dict[str, tuple[str, ...]] = {}
        self._underway: _Asked | None = None
        self._key = 0
        studio.document_changed.connect(self._forget)

    @property
    def available(self) -> bool:
        """Whether the open model makes one vector of a text, by itself or as the person chose to pool."""
        document = self._studio.document
        if document is None or document.opened.tokenizer is None:
            return False
        return self._studio.pooling is not None or _POOLED in document.opened.anatomy.point_names

    @property
    def can_pool(self) -> bool:
        """Whether the open model ends in vectors of tokens, so that a choice of pooling makes it available."""
        document = self._studio.document
        if document is None or document.opened.tokenizer is None:
            return False
        head = document.opened.anatomy.head
        return head is not None and head.kind == _POOLS

    def want(self, *texts: str, asker: str = "") -> None:
        """Ask for texts' vectors, one after the other, except those that are there or that there can be none of.

        asker: for whom; of each the newest wish counts.
        """
        self._wishes[asker] = texts
        self._go_on()

    def made(self, text: str) -> Made | None:
        """A text's vector by the open model, and what is known of it; None as long as it is not there."""
        asked = self._asked(text)
        if asked is None or asked not in self._made:
            return None
        self._made.move_to_end(asked)
        return self._made[asked]

    def vector(self, text: str) -> np.ndarray | None:
        """[width] float32 of a text, by the open model; None as long as it is not there."""
        made = self.made(text)
        return made.vector if made is not None else None

    def refusal(self, text: str) -> StudioError | None:
        """Why a text has no vector."""
        asked = self._asked(text)
        return self._refusals.get(asked) if asked is not None else None

    def take(self, reply: Embedded | Failed) -> None:
        """Keep the worker's answer to what was asked last."""
        key = reply.key if isinstance(reply, Embedded) else _key_of(reply)
        if self._underway is None or key != self._key:
            return
        asked, self._underway = self._underway, None
        if isinstance(reply, Failed):
            self._refusals[asked] = reply.error
        elif not reply.tokens[0]:
            self._refusals[asked] = InputError(
                "The model's tokenizer finds nothing in this text that it knows.", where=asked[-1][:60],
                advice="Type words of the language the model was trained on.",
            )  # fmt: skip
        else:
            self._made[asked] = Made(reply.vectors[0], int(reply.tokens[0]), reply.limit, reply.steps)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        self.changed.emit()
        self._go_on()

    def _go_on(self) -> None:
        """Ask for the next text that is lacking, unless one that is wanted is on its way."""
        wanted = [asked for texts in self._wishes.values() for text in texts if (asked := self._asked(text))]
        if self._underway is not None and self._underway in wanted:
            return
        for asked in wanted:
            if asked not in self._made and asked not in self._refusals:
                self._key += 1
                self._underway = asked
                self._submit(EmbedRequest(asked[0], (asked[-1],), pooling=asked[1], key=self._key), LANE)
                return

    def _asked(self, text: str) -> _Asked | None:
        document = self._studio.document
        if document is None or not self.available or not text.strip():
            return None
        return document.opened.model, self._studio.pooling, text

    def _forget(self) -> None:
        self._made.clear()  # the same file, opened again, may be another model
        self._refusals.clear()
        self._wishes.clear()
        self._underway = None
        self.changed.emit()


def _key_of(reply: Failed) -> int:
    return reply.request.key if isinstance(reply.request, EmbedRequest) else -1
