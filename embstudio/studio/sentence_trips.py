"""A sentence that is looked at for a while in the place of one's own: gone to with one click, and back with another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embstudio.base.events import Signal

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio
    from embstudio.trace.trace import Trace


class SentenceTrips:
    """`open` puts a sentence into the field and the cursor onto some of its characters; `back` takes one's own again.

    changed: whether there is a way back is another thing now.
    """

    def __init__(self, studio: Studio) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio = studio
        self._before: tuple[str, str, int] | None = None  # sentence, second text, token
        self._there = ""  # the sentence one went to last
        self._target: tuple[str, int] | None = None  # the sentence on its way, and the character to go to
        self._token: tuple[str, int] | None = None  # the sentence on its way back, and the token to go to
        studio.sentence_changed.connect(self._on_sentence)

    @property
    def before(self) -> str:
        """The sentence that `back` goes to; "" where there is none."""
        return self._before[0] if self._before is not None else ""

    def open(self, sentence: str, character: int) -> None:
        """Run a sentence as if it had been typed, and go to the token at a character of it."""
        studio = self._studio
        if studio.sentence == sentence:
            place = _token_at(studio.trace, character) if studio.trace is not None else None
            if place is not None:
                studio.cursor.move(token=place)
            return
        before = self._before or (studio.sentence, studio.second, studio.cursor.token)
        self._target, self._token = (sentence, character), None
        self._there = sentence
        studio.type(sentence)
        self._before = before
        self.changed.emit()

    def back(self) -> None:
        """Run the sentence again that stood there before the first trip, and go where one was in it."""
        if self._before is None:
            return
        sentence, second, token = self._before
        self._before, self._there, self._target = None, "", None
        self._token = (sentence, token)
        if second and second != self._studio.second:
            self._studio.second = second
        self._studio.type(sentence)
        self.changed.emit()

    def landing(self, trace: Trace) -> int | None:
        """The token to go to in a trace that came, if it is the one that was wanted."""
        if self._target is not None and trace.text == self._target[0]:
            character, self._target = self._target[1], None
            return _token_at(trace, character)
        if self._token is not None and trace.text == self._token[0]:
            place, self._token = self._token[1], None
            return place
        return None

    def _on_sentence(self) -> None:
        """What the person types is a sentence of their own: there is no way back any more."""
        if self._there and self._studio.sentence != self._there:
            self._before, self._there, self._target = None, "", None
            self.changed.emit()


def _token_at(trace: Trace, character: int) -> int | None:
    """The token that covers a character of the sentence; None where none was run."""
    for place, token in enumerate(trace.tokens):
        if token.span is not None and not token.segment and token.span[0] <= character < token.span[1]:
            return place
    return None
