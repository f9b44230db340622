"""Finding a word's row, and words that were probably meant."""

from __future__ import annotations

import pytest

from embstudio.base.errors import InputError
from embstudio.space.vocabulary import Vocabulary

WORDS = ("[UNK]", "king", "King", "queen", "queens", "king", "Ġprince", "##ing", "Œuvre", "Zürich")


def test_as_it_is_written_then_in_lower_case_and_the_first_of_equals() -> None:
    vocabulary = Vocabulary(WORDS)
    assert [vocabulary.find(word) for word in ("king", "King", "QUEEN", "prince", "zürich")] == [1, 2, 3, None, None]
    assert "QUEEN" not in vocabulary
    assert vocabulary.row("[UNK]") == 0


@pytest.mark.parametrize(
    ("word", "meant"),
    [("quen", "'queen', 'queens'"), ("prince", "'Ġprince'"), ("zürich", "'Zürich'"), ("ING", "##ing")],
)
def test_words_spelt_alike_are_named(word: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"no vector for '{word}'") as error:
        Vocabulary(WORDS).row(word)
    assert meant in error.value.advice


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("elefant", "elephant"),
        ("fisics", "physics"),
        ("nife", "knife"),
        ("akommodate", "accommodate"),
        ("sity", "city"),
    ],
)
def test_what_sounds_the_same_comes_before_what_differs_by_a_letter(word: str, meant: str) -> None:
    known = ("elegant", "elephant", "fabrics", "physics", "nice", "life", "knife", "accommodate", "pity", "city")
    assert Vocabulary(known).spelt_alike(word)[0] == meant


def test_nothing_is_spelt_like_it() -> None:
    with pytest.raises(InputError, match="No word is spelt like it"):
        Vocabulary(WORDS).row("xylophone")
