"""gensim as the trainer of the bench: held and gone on with, gone back, and beside our own on the same text."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.bench import Diverged
from embstudio.lab.word2vec.bench import Word2vecOrder
from embstudio.lab.word2vec.chances import Noise, keep_chances_of_c
from embstudio.lab.word2vec.loss_probe import LossProbe
from embstudio.lab.word2vec.reading import read_text
from embstudio.lab.word2vec.settings import CBOW, GENSIM, SOFTMAX, Settings
from embstudio.lab.word2vec.sight import Lookout, Question
from tests.conftest import PROJECT

TEXT = "The cat sat on the mat. The dog sat on the rug. A cat eats fish, a dog eats meat. " * 20
QUICK = Settings(epochs=4, dimensions=8, trainer=GENSIM, threads=1)
SMALL_WORLD = PROJECT / "resources" / "texts" / "small-world.txt"


def test_without_gensim_it_is_said_what_to_do() -> None:
    """In another process, in which it cannot be imported."""
    program = """
import sys
sys.modules["gensim"] = None
from embstudio.base.errors import InputError
from embstudio.lab.word2vec.bench import Word2vecOrder
from embstudio.lab.word2vec.settings import GENSIM, Settings
try:
    Word2vecOrder(Settings(trainer=GENSIM), "a b").bench()
except InputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "needs the package gensim" in done.stdout
    assert "embstudio[gensim]" in done.stdout


def test_it_has_no_full_softmax() -> None:
    with pytest.raises(InputError, match="no full softmax"):
        replace(QUICK, loss=SOFTMAX).check()


gensim = pytest.mark.usefixtures("gensim_there")


@pytest.fixture
def gensim_there() -> None:
    pytest.importorskip("gensim")


def bench_of(settings: Settings = QUICK, text: str = TEXT):  # type: ignore[no-untyped-def]  # GensimWord2vec
    return Word2vecOrder(settings, text).bench()


def train(bench, epochs: int | None = None):  # type: ignore[no-untyped-def]
    while bench.epoch < (epochs if epochs is not None else bench.epochs):
        bench.advance(0.05)
    return bench


@gensim
@pytest.mark.parametrize("settings", [QUICK, replace(QUICK, model=CBOW), replace(QUICK, subsampling=0.05)])
def test_with_one_thread_the_same_seed_gives_the_same_run_after_going_back_too(settings: Settings) -> None:
    straight, bench = train(bench_of(settings)), train(bench_of(settings), 2)
    kept = bench.state()
    bench.advance(0.0)
    bench.restore(kept)
    assert bench.epoch == 2
    assert bench.share == 0
    assert np.array_equal(bench.V, kept.arrays[0])
    train(bench)
    assert np.array_equal(bench.V, straight.V)
    assert np.array_equal(bench.U, straight.U)
    assert len(bench.snapshot().facts.curve) >= 4


@gensim
def test_it_begins_with_the_vectors_that_ours_begins_with() -> None:
    ours = Word2vecOrder(replace(QUICK, trainer=Settings().trainer), TEXT).bench()
    bench = bench_of()
    assert bench.about.words == ours.about.words
    assert np.array_equal(bench.V, ours.snapshot().arrays[0])
    assert not bench.U.any()


@gensim
def test_threads_are_held_between_two_slices() -> None:
    """Each ends the piece it is at, and begins no other until somebody waits for it again."""
    bench = bench_of(replace(QUICK, threads=2, dimensions=50, window=10), TEXT * 500)
    while not bench.examples:
        bench.advance(0.0)
    done, piece = bench.examples, bench._piece + len(TEXT.split(".")[0].split())
    Event().wait(0.3)  # in which threads that were not held would learn from some 30,000 words
    assert bench.examples - done <= 2 * piece
    assert bench.epoch == 0
    held = bench.examples
    while bench.examples - held <= 2 * piece:
        bench.advance(0.0)
    bench.restore(bench.state())
    assert bench.share == 0


@gensim
def test_a_piece_of_work_is_short() -> None:
    """What a thread does before it looks whether it shall go on: the same number of products for all settings."""
    for settings in (Settings(), replace(QUICK, dimensions=300, window=10, negatives=20), replace(QUICK, model=CBOW)):
        bench = bench_of(replace(settings, trainer=GENSIM))
        used, pairs = bench.settings, 2 * bench.settings.window * (1 + bench.settings.negatives)
        assert bench._piece * used.dimensions * (pairs if used.model != CBOW else 1) <= 4_000_000 or bench._piece == 50


@gensim
def test_some_settings_change_while_it_trains() -> None:
    bench = bench_of()
    bench.advance(0.0)
    bench.change(replace(QUICK, rate=0.2, negatives=9, window=4, subsampling=0.1, epochs=7))
    train(bench)
    assert bench.epoch == 7
    with pytest.raises(InputError, match="trainer cannot be changed"):
        bench.change(replace(bench.settings, trainer=Settings().trainer))
    with pytest.raises(InputError, match="no single steps"):
        bench.step()


@gensim
def test_a_rate_that_is_too_high_is_noticed() -> None:
    bench = bench_of(replace(QUICK, rate=50.0, epochs=100))
    with pytest.raises(Diverged, match="too high"):
        train(bench)


@gensim
def test_meaning_appears_and_the_loss_falls_as_with_ours() -> None:
    """The same text and knobs: both find the same neighbours, and end at about the same loss."""
    settings = Settings(epochs=30, rate=0.1)
    found = []
    for trainer in (settings.trainer, GENSIM):
        order = Word2vecOrder(replace(settings, trainer=trainer, threads=1), path=SMALL_WORLD)
        bench = train(order.bench())
        sight = Lookout(bench.about).look(bench.V, Question(("dog", "tea", "red"), ("king", "man", "woman", "queen")))
        near = [{word for word, _ in each.near[:3]} for each in sight.nearest]
        assert near == [{"puppy", "kitten", "cat"}, {"milk", "coffee", "cocoa"}, {"blue", "green", "yellow"}]
        corpus = read_text(SMALL_WORLD.read_text(encoding="utf-8"), settings)
        probe = LossProbe(corpus, settings, Noise(corpus.vocabulary.counts))
        found.append(probe.loss(bench.V, bench.U) / probe.nothing)
    assert found[1] == pytest.approx(found[0], rel=0.1)
    assert found[1] < 0.8


@gensim
def test_it_passes_over_as_many_words_as_is_said() -> None:
    bench = bench_of(replace(QUICK, subsampling=0.01))
    model = bench._model
    kept = [model.wv.get_vecattr(word, "sample_int") / 2**32 for word in bench.about.words]
    assert kept == pytest.approx(keep_chances_of_c(bench.about.frequencies, 0.01).tolist(), rel=1e-5)
    bench.change(replace(bench.settings, subsampling=0.1))
    kept = [model.wv.get_vecattr(word, "sample_int") / 2**32 for word in bench.about.words]
    assert kept == pytest.approx(keep_chances_of_c(bench.about.frequencies, 0.1).tolist(), rel=1e-5)
    assert model.wv.index_to_key == list(bench.about.words)


@gensim
def test_long_sentences_are_cut_and_no_word_is_lost() -> None:
    from embstudio.lab.word2vec.gensim_bench import LONGEST, _Sentences

    text = "one two three. " + "four five six seven " * 700 + ". eight nine"
    corpus = read_text(text, Settings())
    read = list(_Sentences(corpus))
    assert [word for sentence in read for word in sentence] == [corpus.vocabulary.words[at] for at in corpus.ids]
    assert [len(sentence) for sentence in read] == [3, LONGEST, LONGEST, 800, 2]


def test_the_loss_on_a_sample_is_that_of_the_papers() -> None:
    """Written out with scalars, for the predictions that were drawn."""
    corpus = read_text(TEXT, Settings())
    chance = np.random.default_rng(5)
    V, U = (chance.normal(size=(len(corpus.vocabulary.words), 4)).astype(np.float32) for _ in range(2))
    for model in (Settings().model, CBOW):
        probe = LossProbe(corpus, Settings(model=model), Noise(corpus.vocabulary.counts))
        assert probe.nothing == pytest.approx(probe.loss(V, 0 * U), rel=1e-5)
        total = 0.0
        for shares, inputs, rows, false in zip(probe._share, probe._inputs, probe._rows, probe._false, strict=True):
            h = sum(float(share) * V[word].astype(float) for share, word in zip(shares, inputs, strict=True))
            assert sum(shares) == pytest.approx(1, rel=1e-5)
            scores = [float(U[row].astype(float) @ h) for row in rows]
            total += np.log1p(np.exp(-scores[0]))
            total += sum(np.log1p(np.exp(score)) for score, counts in zip(scores[1:], false, strict=True) if counts)
            assert all(bool(counts) == (row != rows[0]) for row, counts in zip(rows[1:], false, strict=True))
        assert probe.loss(V, U) == pytest.approx(total / len(probe), rel=1e-4)
