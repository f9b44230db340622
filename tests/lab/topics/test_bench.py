"""The bench of LDA: what a seed gives, going back, what it finds, and what nothing can be found in."""

from __future__ import annotations

import itertools
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.topics.bench import Topics, TopicsOrder
from embstudio.lab.topics.books import books
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.documents import Reading, read_documents
from embstudio.lab.topics.settings import Settings
from embstudio.lab.topics.sparse import Sparse
from tests.conftest import PROJECT
from tests.lab.topics.planted import TOPICS, planted

QUICK = Settings(topics=2, epochs=6)
KINDS = PROJECT / "resources" / "texts" / "three-kinds.txt"


def sort(bench: Topics, epochs: int | None = None, seconds: float = 0.0) -> Topics:
    while bench.epoch < (epochs if epochs is not None else bench.epochs):
        bench.advance(seconds)
    return bench


def matched(found: np.ndarray, true: np.ndarray) -> list[int]:
    """For each true topic [topics, words] the one found that is nearest, all different."""
    best = min(
        itertools.permutations(range(len(true))),
        key=lambda order: sum(float(np.abs(found[k] - true[at]).sum()) for at, k in enumerate(order)),
    )
    return list(best)


def test_the_same_seed_gives_the_same_run_however_it_is_cut() -> None:
    first, second = TopicsOrder(QUICK, books()).bench(), TopicsOrder(QUICK, books()).bench()
    sort(first)
    while second.epoch < second.epochs:
        second.step()
        second.advance()
    assert np.array_equal(first.gibbs.z, second.gibbs.z)
    assert np.array_equal(first.snapshot().facts.curve, second.snapshot().facts.curve)
    other = sort(TopicsOrder(replace(QUICK, seed=2), books()).bench())
    assert not np.array_equal(first.snapshot().facts.curve, other.snapshot().facts.curve)


def test_going_back_and_on_comes_to_the_same() -> None:
    bench = sort(TopicsOrder(QUICK, books()).bench(), 2)
    state = bench.state()
    sort(bench)
    end, curve = bench.gibbs.z.copy(), bench.snapshot().facts.curve
    bench.restore(state)
    assert bench.epoch == 2
    assert len(bench.snapshot().facts.curve) == 3
    sort(bench)
    assert np.array_equal(bench.gibbs.z, end)
    assert np.array_equal(bench.snapshot().facts.curve, curve)


def test_a_step_sorts_one_word_and_an_epoch_all() -> None:
    bench = TopicsOrder(QUICK, books()).bench()
    before = bench.gibbs.z.copy()
    bench.step()
    facts = bench.snapshot().facts
    assert facts.account is not None
    assert (facts.account.token, facts.token) == (0, 1)
    assert facts.account.before == before[0]
    assert facts.account.after == bench.gibbs.z[0]
    assert np.array_equal(bench.gibbs.z[1:], before[1:])
    for _ in range(len(before) - 1):
        bench.step()
    assert (bench.epoch, bench.share) == (1, 0.0)
    facts = bench.snapshot().facts
    assert facts.account is not None
    assert facts.account.token == len(before) - 1  # the last one is still told of
    assert facts.moved == int((bench.gibbs.z != before).sum())
    bench.advance()
    assert bench.snapshot().facts.account is None


def test_planted_topics_are_found_as_well_as_variational_bayes_finds_them() -> None:
    """scikit-learn's figures on the same corpus are in variational.json."""
    corpus, phi, theta = planted()
    theirs = json.loads((Path(__file__).parent / "variational.json").read_text(encoding="utf-8"))
    bench = TopicsOrder(Settings(TOPICS, theirs["alpha"], theirs["beta"], epochs=60, seed=3), corpus).bench()
    sort(bench)
    order = matched(bench.gibbs.phi(theirs["beta"]).T, phi)
    ours = bench.gibbs.phi(theirs["beta"]).T[order]
    for topic in range(TOPICS):
        assert set(np.argsort(-ours[topic])[:9]) <= set(range(10 * topic, 10 * topic + 10))
    their_phi = np.array(theirs["phi"])
    their_order = matched(their_phi, phi)
    shares = bench.gibbs.theta(theirs["alpha"])[:, order]
    wrong, their_wrong = np.abs(shares - theta).mean(), np.abs(np.array(theirs["theta"])[:, their_order] - theta).mean()
    assert wrong < 1.25 * their_wrong  # a single sample is noisier than a mean
    assert np.abs(ours - their_phi[their_order]).mean() < 0.01
    assert abs(bench.snapshot().facts.now[0] / theirs["perplexity"] - 1) < 0.03
    curve = bench.snapshot().facts.curve
    assert curve[-1, 1] < 0.85 * curve[0, 1]
    assert curve[-1, 2] > curve[0, 2]


def test_the_ready_documents_fall_into_their_three_kinds() -> None:
    corpus = read_documents(KINDS.read_text(encoding="utf-8"), Reading())
    bench = sort(TopicsOrder(Settings(), corpus).bench())
    first = bench.gibbs.theta(0.5).argmax(axis=1)
    kinds = [set(first[start : start + 5].tolist()) for start in (0, 5, 10)]
    assert [len(kind) for kind in kinds] == [1, 1, 1]
    assert len(set.union(*kinds)) == 3
    mixed = np.sort(bench.gibbs.theta(0.5)[15:], axis=1)
    assert (mixed[:, -2] > 0.2).all()  # written of two kinds


def test_knobs_that_can_be_turned_and_those_that_cannot() -> None:
    bench = TopicsOrder(QUICK, books()).bench()
    bench.change(replace(QUICK, alpha=2.0, beta=1.0, epochs=9))
    assert bench.epochs == 9
    bench.step()
    account = bench.snapshot().facts.account
    assert account is not None
    assert (account.alpha, account.beta) == (2.0, 1.0)
    with pytest.raises(InputError, match="topics cannot be changed"):
        bench.change(replace(QUICK, topics=3))


@pytest.mark.parametrize(
    ("settings", "counts", "said"),
    [
        (QUICK, [[0, 0], [0, 0]], "no words"),
        (QUICK, [[3, 0], [2, 0]], "is the only word"),
        (QUICK, [[3, 2], [0, 0]], "only one document"),
        (replace(QUICK, topics=3), [[3, 2], [2, 3]], "more topics than words: 3 and 2"),
        (replace(QUICK, topics=1), [[3, 2], [2, 3]], "topics must be from 2"),
        (replace(QUICK, alpha=0.0), [[3, 2], [2, 3]], "alpha must be larger than 0"),
        (replace(QUICK, beta=float("nan")), [[3, 2], [2, 3]], "beta must be larger than 0"),
        (QUICK, [[10**9, 2], [2, 3]], "more than 5,000,000"),
    ],
    ids=["nothing", "one word", "one document", "topics", "one topic", "alpha", "beta", "too many"],
)
def test_what_cannot_be_sorted_is_said(settings: Settings, counts: list[list[int]], said: str) -> None:
    dense = np.array(counts, dtype=np.int64)
    corpus = Corpus(("a", "b"), ("x", "y"), Sparse.of_dense(dense))
    with pytest.raises(InputError, match=said):
        TopicsOrder(settings, corpus).bench()


def test_a_document_without_words_has_all_topics_alike() -> None:
    corpus = books().with_document("G: empty")
    bench = sort(TopicsOrder(QUICK, corpus).bench())
    assert corpus.empty == (6,)
    assert np.allclose(bench.gibbs.theta(0.5)[6], 0.5)


def test_orders_states_and_snapshots_travel() -> None:
    order = pickle.loads(pickle.dumps(TopicsOrder(QUICK, books())))
    bench = order.bench()
    bench.step()
    facts = pickle.loads(pickle.dumps(bench.snapshot().facts))
    assert facts.account.token == 0
    assert pickle.loads(pickle.dumps(bench.about)).words == books().words
