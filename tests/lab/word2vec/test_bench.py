"""The bench of word2vec: what a seed gives, going back, divergence, and texts that nothing can be learnt from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.bench import Diverged
from embstudio.lab.word2vec.bench import Word2vec, Word2vecOrder
from embstudio.lab.word2vec.chances import Noise, keep_chances
from embstudio.lab.word2vec.reading import read_text
from embstudio.lab.word2vec.settings import CBOW, SOFTMAX, Settings
from embstudio.lab.word2vec.sight import Lookout, Question
from embstudio.lab.word2vec.vocabulary import check_size
from tests.conftest import PROJECT

SMALL_WORLD = PROJECT / "resources" / "texts" / "small-world.txt"
TEXT = "The cat sat on the mat. The dog sat on the rug. A cat eats fish, a dog eats meat. " * 20
QUICK = Settings(epochs=4, dimensions=8, subsampling=0.05)
VARIANTS = [QUICK, replace(QUICK, model=CBOW), replace(QUICK, loss=SOFTMAX), replace(QUICK, model=CBOW, loss=SOFTMAX)]


def train(bench: Word2vec, epochs: int | None = None, seconds: float = 0.0) -> Word2vec:
    while bench.epoch < (epochs if epochs is not None else bench.epochs):
        bench.advance(seconds)
    return bench


@pytest.mark.parametrize("settings", VARIANTS)
def test_the_same_seed_gives_the_same_run_however_it_is_sliced(settings: Settings) -> None:
    order = Word2vecOrder(settings, TEXT)
    one, other = train(order.bench()), train(order.bench(), seconds=10.0)
    assert np.array_equal(one.V, other.V)
    assert np.array_equal(one.U, other.U)
    seeded = train(Word2vecOrder(replace(settings, seed=2), TEXT).bench())
    assert not np.array_equal(one.V, seeded.V)


def test_after_going_back_the_run_is_the_same() -> None:
    straight = train(Word2vecOrder(QUICK, TEXT).bench())
    bench = train(Word2vecOrder(QUICK, TEXT).bench(), 2)
    kept = bench.state()
    train(bench)
    bench.restore(kept)
    assert bench.epoch == 2
    assert len(bench.snapshot().facts.curve) == len(kept.facts)
    bench.step()
    bench.restore(kept)
    train(bench)
    assert np.array_equal(bench.V, straight.V)
    assert np.allclose(bench.snapshot().facts.curve, straight.snapshot().facts.curve)


@pytest.mark.parametrize("settings", VARIANTS)
def test_learning_makes_predictions_better(settings: Settings) -> None:
    facts = train(Word2vecOrder(replace(settings, epochs=30, rate=0.1), TEXT).bench()).snapshot().facts
    assert facts.curve[0, 1] == pytest.approx(facts.nothing, rel=0.05)
    assert facts.curve[-1, 1] < 0.75 * facts.nothing
    assert np.all(np.diff(facts.curve[:, 0]) > 0)


def test_steps_go_through_all_pairs_of_a_text_in_order() -> None:
    bench = Word2vecOrder(Settings(window=1, epochs=2), "The cat sat on the mat.").bench()
    words, pairs = bench.about.words, []
    while bench.epoch == 0:
        bench.step()
        account = bench.snapshot().facts.account
        pairs.append((words[account.inputs[0]], words[account.targets[0].word]))
    assert pairs == [
        ("the", "cat"), ("cat", "the"), ("cat", "sat"), ("sat", "cat"), ("sat", "on"), ("on", "sat"), ("on", "the"),
        ("the", "on"), ("the", "mat"), ("mat", "the"),
    ]  # fmt: skip


def test_a_rate_that_is_too_high_is_noticed() -> None:
    bench = Word2vecOrder(Settings(rate=20.0), TEXT).bench()
    with pytest.raises(Diverged, match="too high"):
        train(bench)


def test_steps_notice_it_too() -> None:
    bench = Word2vecOrder(Settings(rate=1e30), TEXT).bench()

    def walk() -> None:
        for _ in range(500):
            bench.step()

    with pytest.raises(Diverged):
        walk()


def test_some_settings_change_while_it_trains() -> None:
    bench = Word2vecOrder(QUICK, TEXT).bench()
    bench.advance()
    bench.change(replace(QUICK, rate=0.2, negatives=9, window=4, subsampling=0.0, epochs=7))
    assert bench.epochs == 7
    assert bench.rate == pytest.approx(0.2)
    with pytest.raises(InputError, match="dimensions, seed cannot be changed"):
        bench.change(replace(QUICK, dimensions=9, seed=3))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no words"), (" … !? ", "no words"), ("Word.", "only word"), ("again again Again AGAIN", "only word"),
        ("one. two. three.", "No two words"),
    ],
)  # fmt: skip
def test_texts_that_nothing_can_be_learnt_from(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Word2vecOrder(Settings(), text).bench()


def test_a_text_of_rare_words_only() -> None:
    with pytest.raises(InputError, match="Fewer than two words occur 3 times"):
        read_text("a b c d. a b.", Settings(rarest=3))


def test_tables_that_would_be_too_large() -> None:
    with pytest.raises(InputError, match="too large"):
        check_size(2_000_000, 300, softmax=False)
    with pytest.raises(InputError, match="full softmax"):
        check_size(5_001, 10, softmax=True)
    check_size(5_000, 10, softmax=True)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "no.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read as a text"):
        Word2vecOrder(Settings(), path=tmp_path / "no.txt").bench()
    with pytest.raises(InputError, match="is not there"):
        Word2vecOrder(Settings(), path=tmp_path / "gone.txt").bench()


@pytest.mark.parametrize("wrong", [{"window": 0}, {"rate": 0.0}, {"rate": float("nan")}, {"epochs": 0}, {"model": "x"}])
def test_settings_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        replace(Settings(), **wrong).check()


def test_words_are_counted_in_lower_case() -> None:
    corpus = read_text("The cat’s toy; the CAT's well-known toy!\nThe end", Settings())
    assert dict(zip(corpus.vocabulary.words, corpus.vocabulary.counts.tolist(), strict=True)) == {
        "the": 3, "toy": 2, "cat's": 1, "cat’s": 1, "end": 1, "well-known": 1,
    }  # fmt: skip
    assert corpus.sentences.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 1]


def test_what_chance_decides() -> None:
    """Shares of many draws, against the formulas of the paper."""
    counts = np.array([1000, 100, 10, 1])
    drawn = np.bincount(Noise(counts).draw(np.random.default_rng(0), 200_000), minlength=4) / 200_000
    expected = counts**0.75 / (counts**0.75).sum()
    assert np.allclose(drawn, expected, atol=4 * np.sqrt(expected * (1 - expected) / 200_000))
    assert keep_chances(np.array([0.1, 0.001, 1e-6]), 1e-3).tolist() == pytest.approx([0.1, 1.0, 1.0])
    assert keep_chances(np.array([0.5]), 0.0).tolist() == [1.0]


def test_passed_over_words_are_told_in_the_sentence() -> None:
    bench = Word2vecOrder(replace(QUICK, subsampling=0.001), TEXT).bench()
    here = bench.snapshot().facts.here
    stays = [place for place, passed in enumerate(here.passed) if not passed]
    assert here.centre in stays
    assert set(here.window) <= set(stays)
    assert len(stays) < len(here.words)


def test_meaning_appears_in_the_small_world() -> None:
    bench = train(Word2vecOrder(Settings(epochs=30, rate=0.1), path=SMALL_WORLD).bench())
    lookout = Lookout(bench.about)
    question = Question(
        ("dog", "tea", "red", "violin"), ("king", "man", "woman", "queen"), ("king", "queen", "tea", "nix")
    )
    sight = lookout.look(bench.V, question)
    near = {each.word: {word for word, _ in each.near[:3]} for each in sight.nearest}
    assert near == {
        "dog": {"puppy", "kitten", "cat"}, "tea": {"milk", "coffee", "cocoa"}, "red": {"blue", "green", "yellow"},
        "violin": {"piano", "flute", "drum"},
    }  # fmt: skip
    assert sight.analogy is not None
    assert sight.analogy.right
    assert sight.plane.points.shape == (3, 2)
    assert sight.ranks.tolist() == [[0.0, 1.0]]
    unknown = lookout.look(bench.V, Question(("nix",), ("king", "man", "nix", "")))
    assert not unknown.nearest[0].known
    assert unknown.analogy is not None
    assert unknown.analogy.unknown == ("nix",)
    assert len(unknown.rows) == len(bench.about.words)


def test_the_place_of_the_word_expected_is_followed_over_epochs() -> None:
    """As often as it is looked at; where training was rewound, and where another word is asked for, it begins anew."""
    bench = Word2vecOrder(Settings(epochs=4, dimensions=8), path=SMALL_WORLD).bench()
    lookout, question = Lookout(bench.about), Question(analogy=("king", "man", "woman", "queen"))
    seen = [lookout.look(train(bench, epoch).V, question, float(epoch)) for epoch in range(4)]
    assert seen[-1].ranks.tolist() == [[each.ranks[-1, 0], each.analogy.rank] for each in seen]  # type: ignore[union-attr]
    assert lookout.look(bench.V, question, 1.0).ranks[:, 0].tolist() == [0.0, 1.0]
    other = replace(question, analogy=("king", "man", "woman", "princess"))
    assert lookout.look(bench.V, other, 2.0).ranks[:, 0].tolist() == [2.0]
    assert not len(lookout.look(bench.V, replace(question, analogy=("king", "man", "woman", "")), 3.0).ranks)
