"""Words that two sets have in common, however they write the beginning of a word."""

from __future__ import annotations

import pytest

from embstudio.space.shared_words import share_words


def test_words_are_shared_as_they_are_written() -> None:
    found = share_words(("the", "Cat", "dog", "the"), ("dog", "cat", "the", "fox"))
    assert found.words == ("the", "dog")
    assert found.first_rows.tolist() == [0, 2]
    assert found.second_rows.tolist() == [2, 0]
    assert (found.only_first, found.only_second, found.unmarked) == (1, 2, "")


@pytest.mark.parametrize("mark", [" ", "Ġ", "▁"])
def test_a_token_that_begins_a_word_is_the_word(mark: str) -> None:
    tokens = (f"{mark}king", "king", f"{mark}he", "ing", mark)
    found = share_words(tokens, ("he", "king", "ing"))
    assert found.words == (f"{mark}king", f"{mark}he")
    assert found.second_rows.tolist() == [1, 0]
    assert (found.only_first, found.only_second) == (3, 1)
    assert found.unmarked
    back = share_words(("he", "king", "ing"), tokens)
    assert back.words == ("he", "king")
    assert back.second_rows.tolist() == [2, 0]


def test_pieces_of_two_tokenizers_are_the_same_pieces() -> None:
    found = share_words(("Ġking", "king", "ing"), ("ing", "▁king"))
    assert found.words == ("Ġking", "ing")
    assert found.second_rows.tolist() == [1, 0]
    assert not found.unmarked


def test_nothing_shared() -> None:
    found = share_words((), ("a",))
    assert (len(found), found.only_first, found.only_second) == (0, 0, 1)
