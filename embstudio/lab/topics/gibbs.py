"""LDA by collapsed Gibbs sampling (Griffiths and Steyvers 2004): every word has a topic, and is sorted again and again.

    P(z = k | all other z, words)  ∝  (n_dk + α) (n_kw + β) / (n_k + Vβ)

n_dk: words of topic k in the document; n_kw: how often the word has topic k anywhere; n_k: all words of topic k; each
counted without the word that is sorted. V: different words.
"""

from __future__ import annotations

import math

import numpy as np

from embstudio.lab.topics.corpus import Corpus

_PIECE = 2**16  # cells at a time


class Gibbs:
    """z: [tokens], each one's topic. n_dk: [documents, topics]; n_wk: [words, topics]; n_k: [topics]."""

    def __init__(self, corpus: Corpus, topics: int, z: np.ndarray) -> None:
        self.corpus, self.topics = corpus, topics
        self.w = corpus.token_words()
        self.starts = corpus.token_starts()
        self.d = np.repeat(np.arange(len(corpus.names)), np.diff(self.starts))
        self.take(z)

    def take(self, z: np.ndarray) -> None:
        """Sort all words so, and count."""
        D, V, K = len(self.corpus.names), len(self.corpus.words), self.topics
        self.z = z.astype(np.int64)
        self.n_dk = np.bincount(self.d * K + self.z, minlength=D * K).reshape(D, K).astype(np.int64)
        self.n_wk = np.bincount(self.w.astype(np.int64) * K + self.z, minlength=V * K).reshape(V, K).astype(np.int64)
        self.n_k = self.n_dk.sum(axis=0)

    def weights_of(self, token: int, alpha: float, beta: float) -> np.ndarray:
        """[topics], of a token that is taken out."""
        V = len(self.corpus.words)
        return np.asarray(
            (self.n_dk[self.d[token]] + alpha) * (self.n_wk[self.w[token]] + beta) / (self.n_k + V * beta)
        )

    def take_out(self, token: int) -> None:
        """Leave a token out of all counts."""
        self._count(token, -1)

    def put(self, token: int, topic: int) -> None:
        """Give a token that is taken out a topic."""
        self.z[token] = topic
        self._count(token, 1)

    def sort(self, first: int, draws: np.ndarray, alpha: float, beta: float) -> None:
        """Sort as many tokens again as there are draws [n], evenly spread in [0, 1), one after the other.

        The same as `take_out`, `weights_of`, `chosen` and `put` for each, in a third of the time.
        """
        d, w, z = self.d, self.w, self.z
        n_dk, n_wk, n_k = self.n_dk, self.n_wk, self.n_k
        below = n_k + len(self.corpus.words) * beta
        a, b, last = np.empty(self.topics), np.empty(self.topics), self.topics - 1
        for token, draw in enumerate(draws.tolist(), first):
            in_document, of_word, topic = n_dk[d[token]], n_wk[w[token]], z[token]
            in_document[topic] -= 1
            of_word[topic] -= 1
            below[topic] -= 1
            np.add(in_document, alpha, a)
            np.add(of_word, beta, b)
            np.multiply(a, b, a)
            np.divide(a, below, a)
            np.add.accumulate(a, 0, None, b)
            topic = min(last, int(b.searchsorted(draw * b[last], "right")))
            in_document[topic] += 1
            of_word[topic] += 1
            below[topic] += 1
            z[token] = topic
        n_k[:] = n_dk.sum(axis=0)

    def theta(self, alpha: float) -> np.ndarray:
        """[documents, topics]: the share of each topic in a document, (n_dk + α) / (n_d + Kα)."""
        raised = self.n_dk + alpha
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def phi(self, beta: float) -> np.ndarray:
        """[words, topics]: the chance of each word in a topic, (n_kw + β) / (n_k + Vβ); columns sum to 1."""
        return topic_words(self.n_wk, beta)

    def perplexity(self, alpha: float, beta: float) -> float:
        """exp(−mean of log Σ_k θ_dk φ_kw) over all words: among how many equally likely words one would have to guess,
        knowing the document's topics."""
        counts, theta, phi = self.corpus.counts, self.theta(alpha), self.phi(beta)
        rows, total = counts.rows, 0.0
        for start in range(0, len(rows), _PIECE):
            part = slice(start, start + _PIECE)
            chances = np.einsum("ik,ik->i", theta[rows[part]], phi[counts.columns[part]])
            total += float(counts.values[part] @ np.log(chances))
        return math.exp(-total / len(self.z))

    def log_likelihood(self, beta: float) -> float:
        """log P(w | z) = Σ_k [log Γ(Vβ) − log Γ(n_k + Vβ) + Σ_w (log Γ(n_kw + β) − log Γ(β))], equation 2 of the
        paper: how likely the words are, as they are sorted now, over all topics there could be."""
        V, K = len(self.corpus.words), self.topics
        # log Γ(n + β) − log Γ(β) = log β + log (β + 1) + … + log (β + n − 1)
        rising = np.concatenate([[0.0], np.cumsum(np.log(beta + np.arange(self.n_wk.max(initial=0))))])
        below = sum(math.lgamma(n + V * beta) for n in self.n_k.tolist())
        return K * math.lgamma(V * beta) - below + float(rising[self.n_wk].sum())

    def _count(self, token: int, by: int) -> None:
        topic = self.z[token]
        self.n_dk[self.d[token], topic] += by
        self.n_wk[self.w[token], topic] += by
        self.n_k[topic] += by


def chosen(weights: np.ndarray, draw: float) -> int:
    """The topic in whose stretch a draw from [0, 1) falls, the weights laid end to end."""
    ends = np.cumsum(weights)
    return min(len(weights) - 1, int(np.searchsorted(ends, draw * ends[-1], "right")))


def topic_words(n_wk: np.ndarray, beta: float) -> np.ndarray:
    """[words, topics]: (n_kw + β) / (n_k + Vβ)."""
    raised = n_wk + beta
    return np.asarray(raised / raised.sum(axis=0))


def one_topic(corpus: Corpus) -> float:
    """The perplexity of knowing nothing but how frequent each word is: of a single topic."""
    sums = corpus.counts.column_sums()
    sums = sums[sums > 0]
    return math.exp(-float(sums @ np.log(sums / sums.sum())) / float(sums.sum()))
