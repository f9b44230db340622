"""Writing on token by token: a word behind the last one, a mask over a token, and taking back what was written.

What is written is text, and text may be read as other tokens than those that were meant: then the tokens are run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from embstudio.session.messages import Traced, TraceRequest
from embstudio.stepper import continuation
from embstudio.stepper.continuation import Draft
from embstudio.studio.document import Notice, Severity

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio


class Writer:
    """hidden: ids of the tokens that the person put a mask over, by place."""

    def __init__(self, studio: Studio) -> None:
        self.hidden: dict[int, int] = {}
        self._studio = studio
        self._meant: Draft | None = None  # what is on its way was written token by token
        self._past: list[TraceRequest] = []  # what was run before each token that was written

    @property
    def writable(self) -> bool:
        """Whether tokens can be written one by one: all of the sentence was run, it is a sentence, and one only."""
        return (
            self._studio.trace is not None and self._studio.document is not None and self._studio.ran is not None
            and self._studio.trace.window is None and self._studio.ran.feeds is None
            and (bool(self._studio.trace.target) or not self._studio.ran.second)
        )  # fmt: skip

    @property
    def can_undo(self) -> bool:
        """Whether a token that was written can be taken back."""
        return bool(self._past)

    def append(self, id_: int) -> None:
        """Write a token behind the last one and go there; in an encoder-decoder, behind the decoder's last one."""
        if not self.writable or self._studio.trace is None or self._studio.document is None or self._studio.ran is None:
            return
        word, spaced = self._studio.document.word(id_), self._studio.document.spaced
        if not self._studio.trace.target:
            before = (*self._studio.trace.past, *self._studio.trace.tokens)
            self._write(continuation.appended(self._studio.trace.text, before, id_, word, spaced=spaced))
            return
        before = (*self._studio.trace.past, *self._studio.trace.target)
        written = continuation.appended(self._studio.ran.second or "", before, id_, word, spaced=spaced)
        ids = (*(token.id for token in before), id_)
        text = written.text if self._studio.document.opened.tokenizer else continuation.numbered(ids)
        self._past.append(self._studio.ran)
        self._studio.send(replace(self._studio.ran, second=text, second_ids=ids))

    def put(self, id_: int) -> None:
        """Write a token in the place of the current one: a mask over it, or a word into a mask."""
        if self.writable and self._studio.trace is not None and self._studio.document is not None:
            word, place = self._studio.document.word(id_), self._studio.cursor.token
            tokens, past = (*self._studio.trace.past, *self._studio.trace.tokens), len(self._studio.trace.past)
            tokenizer, hidden = self._studio.document.opened.tokenizer, dict[int, int]()
            if tokenizer is not None and id_ == tokenizer.mask:
                hidden = {**self.hidden, place: self._studio.trace.tokens[place].id}
            self._write(continuation.replaced(self._studio.trace.text, tokens, place + past, id_, word), hidden)

    def mask(self) -> None:
        """Put the mask over the current token, where the vocabulary has one."""
        tokenizer = self._studio.document.opened.tokenizer if self._studio.document else None
        if tokenizer is not None and tokenizer.mask is not None:
            self.put(tokenizer.mask)
        elif self._studio.document is not None:
            self._studio.noticed.emit(Notice(Severity.INFO, "This model has no token that stands for a masked word."))

    def undo(self) -> None:
        """Take back the token that was written last."""
        if self._past:
            self._meant, self.hidden = None, {}
            self._studio.send(self._past.pop())

    def _write(self, draft: Draft, hidden: dict[int, int] | None = None) -> None:
        assert self._studio.document is not None
        assert self._studio.ran is not None
        before, numbers = self._studio.ran, self._studio.document.opened.tokenizer is None
        self._past.append(before)
        self.hidden = hidden or {}
        text = continuation.numbered(draft.ids) if numbers else draft.text
        # Once the tokens are not what the text would be read as, they are run as they are.
        as_ids = numbers or before.ids is not None
        self._meant = replace(draft, text=text)
        self._studio.send(replace(before, text=text, ids=draft.ids if as_ids else None))

    # What becomes of it ----------------------------------------------------------------------------------------

    @property
    def place(self) -> int | None:
        """Where the token stands that is on its way, those in a cache counted; None if none is."""
        return None if self._meant is None else self._meant.place

    def forget(self) -> None:
        """Something else is typed or opened: there is nothing to take back any more."""
        self._meant, self.hidden = None, {}
        self._past.clear()

    def arrived(self) -> None:
        """What was written is shown."""
        self._meant = None

    def failed(self) -> bool:
        """It could not be run, so it was not written; whether anything was on its way."""
        if self._meant is None:
            return False
        self._meant, self.hidden = None, {}
        self._past.pop()
        return True

    def correction(self, reply: Traced) -> TraceRequest | None:
        """What to run instead where a written text came back as other tokens than those that were meant."""
        meant, request = self._meant, reply.request
        if meant is None or request is None or request.ids is not None or reply.text != meant.text:
            return None
        if meant.is_read_as((*reply.trace.past, *reply.trace.tokens)):
            return None
        return replace(request, ids=meant.ids)
