"""A set asked by words: rows, typed vectors, what is said of what there is not, and completions."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.lookup import Lookup, Term
from embstudio.space.vector_set import VectorSet


def lookup_of(*words: str) -> Lookup:
    vectors = np.random.default_rng(5).normal(size=(len(words), 4)).astype(np.float32)
    return Lookup(VectorSet(words, vectors))


def read(lookup: Lookup, text: str) -> Term:
    term = lookup.term(text)
    assert term is not None
    return term


def test_a_word_is_its_row() -> None:
    lookup = lookup_of("cat", "dog", "cat")
    term = lookup.term(" Dog ")
    assert term is not None
    assert (term.name, term.row) == ("dog", 1)
    assert term.vector.dtype == np.float64
    assert np.array_equal(term.vector, lookup.set.vectors[1].astype(np.float64))
    assert read(lookup, "cat").row == 0  # the first of two
    assert lookup.term("cow") is None


@pytest.mark.parametrize("text", ["[0.2, 0.8, 0.1]", "[0.2 0.8 .1]", "[0.2; 0.8; 1e-1]", " [ 0.2, 0.8,0.1 "])
def test_a_vector_can_be_typed(text: str) -> None:
    term = lookup_of("cat").term(text)
    assert term is not None
    assert term.row is None
    assert term.vector.tolist() == [0.2, 0.8, 0.1]
    assert term.name == "[0.2, 0.8, 0.1]"


def test_a_true_minus_sign_is_read() -> None:
    assert read(lookup_of("cat"), "[−1, 2]").vector.tolist() == [-1, 2]


@pytest.mark.parametrize("text", ["[0.2, x]", "[]", "[3]", "[1, nan]", "[1, inf]"])
def test_what_is_no_vector_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no vector"):
        lookup_of("cat").term(text)


def test_a_word_in_brackets_is_a_word_where_there_is_one() -> None:
    assert read(lookup_of("cat", "[MASK]"), "[MASK]").row == 1


def test_a_long_vector_has_a_short_name() -> None:
    name = read(lookup_of("cat"), str(list(range(100)))).name
    assert name == "[0, 1, … 100 numbers]"


def test_a_row_without_numbers_is_refused() -> None:
    lookup = Lookup(VectorSet(("good", "broken"), np.array([[1.0, 2.0], [np.nan, 1.0]])))
    with pytest.raises(InputError, match="no numbers"):
        lookup.term("broken")


def test_completions_come_in_the_sets_order_whatever_case_and_marker() -> None:
    lookup = lookup_of("the", "Ġcat", "cats", "##cat", "Catalan", "dog", "concat")
    assert lookup.beginning("cat") == ["Ġcat", "cats", "##cat", "Catalan"]
    assert lookup.beginning("CAT", most=2) == ["Ġcat", "cats"]
    assert lookup.beginning("  ") == []


def test_finders_are_kept() -> None:
    lookup = lookup_of("a", "b", "c")
    assert lookup.finder("dot") is lookup.finder("dot")
    assert lookup.finder("dot") is not lookup.finder("cosine")


@pytest.mark.parametrize("marker", [" ", "Ġ", "▁"])
def test_of_tokens_a_word_is_the_one_that_begins_a_word(marker: str) -> None:
    lookup = lookup_of("king", f"{marker}king", "ing")
    assert read(lookup, "king").row == 1
    assert read(lookup, '"king"').row == 0
    assert read(lookup, "ing").row == 2
    assert lookup.beginning("kin") == ['"king"', "king" if marker == " " else f"{marker}king"]
    for typed, row in zip(lookup.beginning("kin"), (0, 1), strict=True):
        assert read(lookup, typed).row == row
    assert lookup.knows("king")
    assert not lookup.knows("queen")
