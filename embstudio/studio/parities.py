"""The sentence in two ways at once: what was asked for, and what came of it.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.execution.parity import Parity, ParityRequest
from embstudio.session.execution.way import Way
from embstudio.session.messages import Failed, ModelRef, Reply, Request

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

LANE = "parity"


class Parities:
    """found, error: of the comparison asked for last; both None while it runs. changed: one of the three did.

    submit(request, lane), cancel(lane): as `Studio` has them.
    """

    def __init__(
        self, studio: Studio, submit: Callable[[Request, str], object], cancel: Callable[[str], object]
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self.found: Parity | None = None
        self.error: StudioError | None = None
        self.running = False
        self._studio, self._submit, self._cancel = studio, submit, cancel
        self._keys = count(1)
        self._key = 0

    def ask(self, a: Way, b: Way | ModelSource) -> None:
        """Run the sentence that is shown on the open model in way a, and in way b, or on another file in way a."""
        document, ran = self._studio.document, self._studio.ran
        if document is None or ran is None:
            return
        source = document.source
        first = ModelRef(source.path, source.tokenizer, str(a))
        other = (
            ModelRef(source.path, source.tokenizer, str(b))
            if isinstance(b, Way)
            else ModelRef(b.path, b.tokenizer, str(a))
        )
        self._key = next(self._keys)
        self.found, self.error, self.running = None, None, True
        request = replace(ran, model=first, points=(), replacements=())
        self._submit(ParityRequest(first, request, other, key=self._key), LANE)
        self.changed.emit()

    def stop(self) -> None:
        """Wait for it no longer."""
        if self.running:
            self._cancel(LANE)
            self.running = False
            self.changed.emit()

    def receive(self, reply: Reply) -> bool:
        """Take an answer of the worker, if it is one to this."""
        asked = reply.request if isinstance(reply, Failed) else reply
        if not isinstance(asked, Parity | ParityRequest):
            return False
        if asked.key == self._key and self.running:
            self.running = False
            if isinstance(reply, Failed):
                self.error = reply.error
            elif isinstance(reply, Parity):
                self.found = reply
            self.changed.emit()
        return True
