"""Finding words by their beginning and by regular expressions."""

from __future__ import annotations

import re

import pytest

from embstudio.base.errors import InputError
from embstudio.space.word_search import beginning, matching

WORDS = ("Ġking", "kings", "queen", "Kin", "##king", "")


def test_words_that_begin_so() -> None:
    assert beginning(WORDS, "KIN") == ["Ġking", "kings", "Kin", "##king"]
    assert beginning(WORDS, "kin", most=2) == ["Ġking", "kings"]
    assert beginning(WORDS, " ") == []


def test_words_that_match() -> None:
    expected = [row for row, word in enumerate(WORDS) if re.search("^k|n$", word, re.IGNORECASE)]
    assert matching(WORDS, "^k|n$", lambda: None) == expected == [1, 2, 3]


@pytest.mark.parametrize("pattern", ["(", "[a", "*a", "(?P<x"])
def test_what_is_no_expression(pattern: str) -> None:
    with pytest.raises(InputError) as caught:
        matching(WORDS, pattern, lambda: None)
    assert caught.value.advice


def test_it_can_be_stopped() -> None:
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        matching(WORDS, "a", stop)
