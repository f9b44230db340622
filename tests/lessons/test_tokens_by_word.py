"""Tokens by the words they stand for, in the words of real tokenizers."""

from __future__ import annotations

import pytest

from embstudio.lessons.words_of_a_run import token_of
from embstudio.trace.token import Token

TEXT = "The adopted dog, the dog"


def token(text: str, start: int, end: int) -> Token:
    return Token(text, text, 0, (start, end))


PIECES = [
    Token("[CLS]", "[CLS]", 1, None, True), token("The", 0, 3), token(" adop", 3, 8), token("ted", 8, 11),
    token(" dog", 11, 15), token(",", 15, 16), token(" the", 16, 20), token(" dog", 20, 24),
]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "place"),
    [("The", 1), ("the", 6), ("THE", 1), ("adopted", 3), ("dog", 4), ("dog#2", 7), ("dog#3", None), ("[CLS]", 0),
     ("cat", None), ("first", 1), ("last", 7), ("do", None), (",", 5)],
)  # fmt: skip
def test_token_of(word: str, place: int | None) -> None:
    assert token_of(word, TEXT, PIECES) == place
