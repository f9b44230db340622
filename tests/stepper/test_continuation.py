"""Sentences written on, for the ways in which vocabularies write words."""

from __future__ import annotations

import pytest

from embstudio.stepper.continuation import appended, end_of, numbered, replaced
from embstudio.trace.token import Token

PLAIN = (Token("the", "the", 3, (0, 3)), Token("dog", "dog", 8, (4, 7)))
FRAMED = (
    Token("[CLS]", "[CLS]", 0, None, True),
    *PLAIN,
    Token("[SEP]", "[SEP]", 1, None, True),
)


@pytest.mark.parametrize(
    ("text", "word", "spaced", "becomes"),
    [
        ("the dog", " barks", True, "the dog barks"),
        ("the dog", "s", True, "the dogs"),
        ("the dog", "barks", False, "the dog barks"),
        ("the dog ", "barks", False, "the dog barks"),
        ("the dog", "##s", False, "the dogs"),
        ("the dog", "##", False, "the dog ##"),
        ("the dog", "⏎", True, "the dog\n"),
        ("", "barks", False, "barks"),
    ],
)
def test_a_word_goes_on_as_the_vocabulary_writes_it(text: str, word: str, spaced: bool, becomes: str) -> None:
    draft = appended(text, PLAIN, 7, word, spaced=spaced)
    assert (draft.text, draft.ids, draft.place) == (becomes, (3, 8, 7), 2)


def test_what_the_tokenizer_adds_at_the_end_stays_at_the_end() -> None:
    assert end_of(FRAMED, "the dog") == 2
    draft = appended("the dog", FRAMED, 7, "barks", spaced=False)
    assert draft.ids == (0, 3, 8, 7, 1)
    assert draft.place == 3
    assert end_of(FRAMED[:1], "") == 0


def test_a_special_token_that_was_written_is_part_of_the_text() -> None:
    ended = (*PLAIN, Token("<end>", "<end>", 1, None, True))
    assert end_of(ended, "the dog<end>") == 2
    assert end_of(ended, "the dog") == 1
    assert appended("the dog<end>", ended, 7, "Once", spaced=True).ids == (3, 8, 1, 7)


def test_a_token_in_the_place_of_another() -> None:
    draft = replaced("the dog", FRAMED, 2, 4, "[MASK]")
    assert (draft.text, draft.ids) == ("the [MASK]", (0, 3, 4, 1))
    # Byte-level tokens own the space before them: it stays.
    spaced = (Token("the", "the", 3, (0, 3)), Token("dog", "Ġdog", 8, (3, 7)))
    assert replaced("the dog", spaced, 1, 9, " cat").text == "the cat"
    assert replaced("the dog", FRAMED, 0, 4, "[MASK]").text == "the dog"
    assert replaced("the dogs", (Token("s", "##s", 5, (7, 8)),), 0, 6, "##gy").text == "the doggy"


def test_a_mask_that_was_typed_is_found_by_its_turn() -> None:
    mask = Token("[MASK]", "[MASK]", 4, None, True)
    tokens = (FRAMED[0], PLAIN[0], mask, mask, FRAMED[-1])
    assert replaced("the [MASK] [MASK]", tokens, 3, 8, "dog").text == "the [MASK] dog"
    assert replaced("the [MASK] [MASK]", tokens, 2, 8, "dog").text == "the dog [MASK]"
    assert replaced("the mask", tokens, 2, 8, "dog").text == "the mask"


def test_text_that_comes_back_as_other_tokens_is_noticed() -> None:
    draft = appended("some", (Token("some", "some", 2, (0, 4)),), 5, "body", spaced=True)
    assert draft.text == "somebody"
    assert not draft.is_read_as((Token("somebody", "somebody", 9, (0, 8)),))
    assert draft.is_read_as((Token("some", "some", 2, (0, 4)), Token("body", "body", 5, (4, 8))))


def test_numbers_are_their_own_text() -> None:
    assert numbered((3, 1, 4)) == "3 1 4"
