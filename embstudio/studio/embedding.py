"""Vectors of texts that somebody types, by the open model: where they would lie among those of a file.

The answer is that of `embstudio embed`, a text that is too long cut in the same way; the point `pooled` of the trace is
the same for the sentence that is shown. No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from embstudio.base.errors import InputError, StudioError
from embstudio.base.events import Signal
from embstudio.session.messages import Embedded, EmbedRequest, Failed, ModelRef, Pooling, Request

if TYPE_CHECKING:
    import numpy as np

    from embstudio.studio.studio import Studio

LANE = "embed"
_POOLED = "pooled"
KEPT = 256  # texts whose vectors are remembered

_Asked = tuple[ModelRef, Pooling | None, str]


class Embedding:
    """`want` asks for the vector of a text, `vector` has it once it is there; `changed` is emitted when one came.

    Of texts that are wanted one after the other, the newest is answered.
    submit(request, lane): as `Studio` has it.
    """

    def __init__(self, studio: Studio, submit: Callable[[Request, str], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio, self._submit = studio, submit
        self._vectors: OrderedDict[_Asked, np.ndarray] = OrderedDict()
        self._refusals: dict[_Asked, StudioError] = {}
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

    def want(self, text: str) -> None:
        """Ask for a text's vector, unless it is there or on its way, or there can be none."""
        asked = self._asked(text)
        if asked is None or asked in self._vectors or asked in self._refusals or asked == self._underway:
            return
        self._key += 1
        self._underway = asked
        self._submit(EmbedRequest(asked[0], (text,), pooling=asked[1], key=self._key), LANE)

    def vector(self, text: str) -> np.ndarray | None:
        """[width] float32 of a text, by the open model; None as long as it is not there."""
        asked = self._asked(text)
        return self._vectors.get(asked) if asked is not None else None

    def refusal(self, text: str) -> StudioError | None:
        """Why a text has no vector."""
        asked = self._asked(text)
        return self._refusals.get(asked) if asked is not None else None

    def take(self, reply: Embedded | Failed) -> None:
        """Keep the worker's answer to what was wanted last."""
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
            self._vectors[asked] = reply.vectors[0]
            while len(self._vectors) > KEPT:
                self._vectors.popitem(last=False)
        self.changed.emit()

    def _asked(self, text: str) -> _Asked | None:
        document = self._studio.document
        if document is None or not self.available or not text.strip():
            return None
        return document.opened.model, self._studio.pooling, text

    def _forget(self) -> None:
        self._vectors.clear()  # the same file, opened again, may be another model
        self._refusals.clear()
        self._underway = None


def _key_of(reply: Failed) -> int:
    return reply.request.key if isinstance(reply.request, EmbedRequest) else -1
