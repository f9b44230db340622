"""The rungs of the ladder against counts written out by hand, and the notes' figures."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.distances import METRICS
from embstudio.space.ladder import Rung, backwards, counted_rungs, vector_rung
from embstudio.space.word_counts import counts_of, pairs_of, shares_of, words_of, written_out

CHASE = "The cat chased the dog", "The dog chased the cat"


def rungs(first: str, second: str, without: str = "") -> dict[str, Rung]:
    return {rung.name: rung for rung in counted_rungs(first, second, frozenset(without.split()))}


def test_words_are_small_and_keep_their_apostrophes_and_hyphens() -> None:
    assert words_of("Don't look: the well-known Cat's 3!") == ["don't", "look", "the", "well-known", "cat's", "3"]


def test_words_are_written_out_as_often_as_is_said() -> None:
    assert written_out("dog×3 cat*1 x 2") == "dog dog dog cat x 2"
    with pytest.raises(ValueError, match="10,000 words"):
        written_out("dog×10001")


def test_the_notes_two_sentences_are_the_same_until_word_order_comes_in() -> None:
    found = rungs(*CHASE, without="the")
    bag, shares, pairs = found.values()
    assert bag.axes == ("cat", "chased", "dog")
    assert bag.a.tolist() == bag.b.tolist() == [1, 1, 1]
    assert shares.a == pytest.approx([1 / 3] * 3)
    assert bag.same
    assert shares.same
    assert bag.blind
    assert shares.blind
    assert pairs.axes == ("cat chased", "chased dog", "dog chased", "chased cat")
    assert not pairs.same
    assert not pairs.blind
    assert pairs.likeness == 0


def test_pairs_with_small_words_are_alike_in_three_of_four() -> None:
    pairs = rungs(*CHASE)["pairs of words"]
    assert pairs.likeness == pytest.approx(3 / 4)  # the cat, chased the, the dog; not cat chased, dog chased


def test_the_notes_two_lengths() -> None:
    found = rungs(written_out("dog×10 cat×1"), written_out("dog×200 cat×1"))
    bag, shares = found["bag of words"], found["shares"]
    assert shares.a == pytest.approx([0.909, 0.091], abs=5e-4)
    assert shares.b == pytest.approx([0.995, 0.005], abs=5e-4)
    euclidean = METRICS["euclidean"].compare
    assert euclidean(bag.a, bag.b) == 190.0
    assert euclidean(shares.a, shares.b) == pytest.approx(0.12153, abs=5e-6)
    for rung in (bag, shares):
        assert rung.likeness == pytest.approx(0.9955223, abs=5e-8)
        assert not rung.same
        assert rung.blind


def test_nothing_to_count_gives_zeros() -> None:
    names, counts = counts_of([], ["cat"])
    assert names == ("cat",)
    assert shares_of(counts).tolist() == [[0], [1]]
    assert pairs_of(["cat"]) == []
    assert rungs("the", "cat", "the")["bag of words"].likeness is None


def test_vectors_of_a_model_are_the_same_up_to_rounding() -> None:
    generator = np.random.default_rng(3)
    vector = generator.normal(size=64)
    near = vector * (1 + 1e-7 * generator.normal(size=64))
    rung = vector_rung("m", (vector.astype(np.float32), near.astype(np.float32), -vector))
    assert rung.same
    assert not rung.blind
    assert rung.likeness_turned == pytest.approx(-1)
    assert not vector_rung("m", (vector, vector + 1e-3, vector)).same


def test_backwards_turns_words_round() -> None:
    assert backwards("The cat sat.") == "sat. cat The"
