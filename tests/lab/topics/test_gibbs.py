"""The sampler against the posterior written out, and against what it must never do."""

from __future__ import annotations

import itertools
import math

import numpy as np

from embstudio.lab.topics.account import sort_one
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.gibbs import Gibbs, chosen, one_topic
from embstudio.lab.topics.sparse import Sparse

ALPHA, BETA, K = 0.4, 0.3, 2


def corpus_of(counts: list[list[int]]) -> Corpus:
    dense = np.array(counts, dtype=np.int64)
    names, words = (f"d{at}" for at in range(len(dense))), (f"w{at}" for at in range(dense.shape[1]))
    return Corpus(tuple(names), tuple(words), Sparse.of_dense(dense))


def log_joint(corpus: Corpus, z: tuple[int, ...], topics: int) -> tuple[float, float]:
    """log P(z) and log P(w | z), token by token: each as an urn from which one more is drawn."""
    documents, words = np.repeat(np.arange(len(corpus.names)), np.diff(corpus.token_starts())), corpus.token_words()
    in_document: dict[tuple[int, int], int] = {}
    of_word: dict[tuple[int, int], int] = {}
    of_topic = [0] * topics
    seen = [0] * len(corpus.names)
    of_z = of_w = 0.0
    for d, w, k in zip(documents.tolist(), words.tolist(), z, strict=True):
        of_z += math.log((in_document.get((d, k), 0) + ALPHA) / (seen[d] + topics * ALPHA))
        of_w += math.log((of_word.get((w, k), 0) + BETA) / (of_topic[k] + len(corpus.words) * BETA))
        in_document[d, k] = in_document.get((d, k), 0) + 1
        of_word[w, k] = of_word.get((w, k), 0) + 1
        of_topic[k] += 1
        seen[d] += 1
    return of_z, of_w


def test_it_samples_the_exact_posterior_of_a_tiny_corpus() -> None:
    """All ways to sort six words, their probabilities written out: which two words share a topic how often."""
    corpus = corpus_of([[2, 1, 0], [0, 1, 2]])
    ways = list(itertools.product(range(K), repeat=6))
    logs = np.array([sum(log_joint(corpus, z, K)) for z in ways])
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    together = {
        pair: np.array([z[pair[0]] == z[pair[1]] for z in ways]) for pair in itertools.combinations(range(6), 2)
    }
    true = {pair: float(chances @ alike) for pair, alike in together.items()}
    sweeps = 8_000
    gibbs, random = Gibbs(corpus, K, np.zeros(6, np.int64)), np.random.default_rng(7)
    found = dict.fromkeys(true, 0)
    for _ in range(sweeps):
        gibbs.sort(0, random.random(6), ALPHA, BETA)
        for a, b in found:
            found[a, b] += int(gibbs.z[a] == gibbs.z[b])
    spread = max(true.values()) - min(true.values())
    assert spread > 0.15  # the pairs differ by far more than what is allowed below
    assert max(abs(found[pair] / sweeps - true[pair]) for pair in true) < 0.025


def test_counts_are_always_those_of_the_topics() -> None:
    random = np.random.default_rng(1)
    corpus = corpus_of(random.poisson(1.0, (9, 13)).tolist())
    gibbs = Gibbs(corpus, 4, random.integers(4, size=corpus.tokens))
    for _ in range(3):
        gibbs.sort(0, random.random(len(gibbs.z)), 0.1, 0.2)
        fresh = Gibbs(corpus, 4, gibbs.z)
        assert np.array_equal(gibbs.n_dk, fresh.n_dk)
        assert np.array_equal(gibbs.n_wk, fresh.n_wk)
        assert np.array_equal(gibbs.n_k, fresh.n_k)
        assert gibbs.n_k.sum() == corpus.tokens
        assert np.array_equal(gibbs.n_dk.sum(axis=1), corpus.counts.row_sums())
        assert np.array_equal(gibbs.n_wk.sum(axis=1), corpus.counts.column_sums())
    assert np.allclose(gibbs.theta(0.1).sum(axis=1), 1)
    assert np.allclose(gibbs.phi(0.2).sum(axis=0), 1)


def test_one_by_one_comes_to_the_same_as_all_at_once() -> None:
    random = np.random.default_rng(2)
    corpus = corpus_of(random.poisson(1.0, (6, 8)).tolist())
    z, draws = random.integers(3, size=corpus.tokens), random.random(corpus.tokens)
    together, single = Gibbs(corpus, 3, z), Gibbs(corpus, 3, z)
    together.sort(0, draws, ALPHA, BETA)
    for token, draw in enumerate(draws.tolist()):
        sort_one(single, token, draw, ALPHA, BETA)
    assert np.array_equal(together.z, single.z)
    assert np.array_equal(together.n_k, single.n_k)


def test_a_step_tells_the_formula_s_numbers() -> None:
    corpus = corpus_of([[2, 1], [1, 1]])
    gibbs = Gibbs(corpus, 2, np.array([0, 1, 0, 1, 1]))
    told = sort_one(gibbs, 0, 0.999, ALPHA, BETA)
    # Without the first token: document 0 has topics 1 and 0, word 0 has topics 1 and 1.
    assert told.n_dk.tolist() == [1, 1]
    assert told.n_kw.tolist() == [0, 2]
    assert told.n_k.tolist() == [1, 3]
    expected = [(1 + ALPHA) * (0 + BETA) / (1 + 2 * BETA), (1 + ALPHA) * (2 + BETA) / (3 + 2 * BETA)]
    assert np.allclose(told.weights, expected, rtol=1e-15)
    assert np.allclose(told.chances, np.array(expected) / sum(expected), rtol=1e-15)
    assert (told.before, told.after) == (0, 1)


def test_a_draw_falls_into_the_stretch_it_is_in() -> None:
    weights = np.array([1.0, 0.0, 3.0])
    assert [chosen(weights, draw) for draw in (0.0, 0.249, 0.251, 1 - 2**-53)] == [0, 0, 2, 2]


def test_the_log_likelihood_is_that_of_urns() -> None:
    random = np.random.default_rng(3)
    corpus = corpus_of(random.poisson(1.5, (5, 7)).tolist())
    z = random.integers(3, size=corpus.tokens)
    expected = log_joint(corpus, tuple(z.tolist()), 3)[1]
    assert abs(Gibbs(corpus, 3, z).log_likelihood(BETA) - expected) < 1e-9 * abs(expected)


def test_perplexity_is_the_mean_written_out() -> None:
    random = np.random.default_rng(4)
    corpus = corpus_of(random.poisson(1.5, (5, 7)).tolist())
    gibbs = Gibbs(corpus, 3, random.integers(3, size=corpus.tokens))
    theta, phi = gibbs.theta(ALPHA), gibbs.phi(BETA)
    logs = [math.log(float(theta[d] @ phi[w])) for d, w in zip(gibbs.d.tolist(), gibbs.w.tolist(), strict=True)]
    assert abs(gibbs.perplexity(ALPHA, BETA) - math.exp(-np.mean(logs))) < 1e-9
    even = corpus_of([[2, 2], [2, 2]])
    assert abs(one_topic(even) - 2) < 1e-12
