"""Where a word stands in a text, and which tokens cover it."""

from __future__ import annotations

import pytest

from embstudio.trace.occurrences import occurrence_at, spans_of
from embstudio.trace.token import Token


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("bank", "The bank by the Bank.", ["bank", "Bank"]),
        ("bank", "A snowbank, bankers and a bank_note", []),
        ("bank", "bank", ["bank"]),
        ("bank", "the bank's bank-holiday", ["bank", "bank"]),
        ("New  York", "In New\tYork and new york.", ["New\tYork", "new york"]),
        ("don't", "I don't, you don'tt", ["don't"]),
        ("c++", "He writes C++, not c+", ["C++"]),
        ("straße", "Die Straße, die STRASSE", ["Straße"]),
        ("银行", "我去银行取钱,银行很远", ["银行", "银行"]),
        ("e", "café", []),
        ("  ", "anything", []),
        ("bank", "", []),
    ],
)
def test_words_stand_by_themselves(word: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in spans_of(word, text)] == found


def token(text: str, span: tuple[int, int] | None, **more: bool) -> Token:
    return Token(text, text, hash(text) % 97, span, **more)


def test_all_tokens_that_cover_a_word_belong_to_it() -> None:
    text = "the riverbank"
    tokens = (
        token("[CLS]", None, special=True), token("the", (0, 3)), token(" river", (3, 9)), token("bank", (9, 13)),
        token("[SEP]", None, special=True),
    )  # fmt: skip
    found = occurrence_at((4, 13), text, tokens)
    assert found is not None
    assert found.places == (2, 3)
    assert found.pieces == (" river", "bank")
    assert not found.shared  # the space before it is no letter of another word
    assert not found.unknown


def test_a_token_that_reaches_beyond_the_word_is_told() -> None:
    found = occurrence_at((0, 4), "bank's", (token("bank's", (0, 6), unknown=True),))
    assert found is not None
    assert found.shared
    assert found.unknown


def test_a_word_whose_tokens_were_cut_off_is_none() -> None:
    assert occurrence_at((10, 14), "some of a bank", (token("some", (0, 4)),)) is None
