"""What is typed, as an input to be run: a text, token numbers where there is no tokenizer, and the other text of a
pair. No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from embstudio.base.errors import InputError
from embstudio.session.messages import Opened, Pooling, TraceRequest
from embstudio.studio.document import Notice

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

# What one keystroke may bring beside the layer that is looked at: up to 500 tokens or so, a small transformer's weights
# of all layers. More than that is copied between processes at each key and seldom looked at; it comes when one goes
# there.
AHEAD_BYTES = 192 * 2**20
LONGEST_ID = 18  # digits: what 64 bits hold, and far from where Python refuses to read a number


class TypedInput:
    """`request` for a model says what a run of the studio's sentence asks for."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def request(self, opened: Opened, sentence: str) -> TraceRequest | None:
        """None where the model takes numbers and there are others: what is wanted is said then."""
        ids: tuple[int, ...] | None = None
        if opened.tokenizer is None:
            numbers = token_ids(sentence)
            if numbers is None:
                self._studio.noticed.emit(_numbers_wanted(sentence))
                return None
            ids = tuple(numbers)
        request = TraceRequest(
            opened.model, text=sentence, ids=ids, start=self._window_start(), pooling=self._pooling_of(opened),
            ahead_bytes=AHEAD_BYTES,
        )  # fmt: skip
        return self._with_second(opened, request)

    def _with_second(self, opened: Opened, request: TraceRequest) -> TraceRequest:
        """With the second text, if it was written for this sort of model; numbers where there is no tokenizer."""
        document, second = self._studio.document, self._studio.second
        same_sort = document is not None and document.opened.second == opened.second
        if not opened.second or not same_sort or not second.strip():
            return request
        if opened.tokenizer is not None:
            return replace(request, second=second)
        ids = token_ids(second)
        if ids is None:
            self._studio.noticed.emit(_numbers_wanted(second))
        return replace(request, second=second, second_ids=tuple(ids)) if ids else request

    def _pooling_of(self, opened: Opened) -> Pooling | None:
        """What was chosen for the open model; another one starts as its own files say."""
        document = self._studio.document
        return self._studio.pooling if document is not None and document.opened is opened else None

    def _window_start(self) -> int:
        """Where the window of a long text stays while it is typed; one at the end follows the end."""
        window = self._studio.trace.window if self._studio.trace is not None else None
        if window is None:
            return 0
        return window.start if window.end < window.total else sys.maxsize


def are_token_ids(sentence: str) -> bool:
    """Whether a sentence is nothing but token numbers."""
    return token_ids(sentence) is not None


def token_ids(sentence: str) -> list[int] | None:
    """The numbers in a sentence that holds nothing else, or None."""
    words = sentence.replace(",", " ").split()
    numbers = all(word.isascii() and word.isdigit() and len(word) <= LONGEST_ID for word in words)
    return [int(word) for word in words] if words and numbers else None


def _numbers_wanted(text: str) -> Notice:
    return Notice.of(InputError(
        "This model has no tokenizer, so it takes token numbers.", where=text[:60],
        advice="Type numbers such as 12 7 431, or open the model again with its tokenizer.json.",
    ))  # fmt: skip
