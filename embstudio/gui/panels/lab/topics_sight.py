"""What is made of each report of LDA before it is shown, on the training's thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.topics.bench import Facts
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.gibbs import topic_words
from embstudio.lab.training import Seen

TOP = 8  # words told of a topic
_MOST_WORDS, _MOST_DOCUMENTS = 150, 300  # that are drawn


@dataclass(frozen=True, eq=False)
class Drawn:
    """Which documents and words are drawn: those with the most words, and the most frequent; places in rising order."""

    documents: np.ndarray
    words: np.ndarray

    @classmethod
    def of(cls, corpus: Corpus) -> Drawn:
        sizes, counts = corpus.counts.row_sums(), corpus.counts.column_sums()
        return cls(
            np.sort(np.argsort(-sizes, kind="stable")[:_MOST_DOCUMENTS]),
            np.sort(np.argsort(-counts, kind="stable")[:_MOST_WORDS]),
        )


@dataclass(frozen=True, eq=False)
class Shares:
    """Of what is drawn: theta [documents, topics], and P(topic | word) ∝ n_kw + β [words, topics]."""

    theta: np.ndarray
    words: np.ndarray


@dataclass(frozen=True, eq=False)
class TopicsSight:
    """tokens: [all], the word of each. starts: [documents + 1], where their tokens begin. theta: [documents, topics].
    tops: the most likely words of each topic with their chances. sizes: [topics], the share of all words."""

    tokens: np.ndarray
    starts: np.ndarray
    theta: np.ndarray
    tops: tuple[tuple[tuple[str, float], ...], ...]
    sizes: np.ndarray
    shares: Shares


class TopicsEye:
    """Looks at reports of the same documents again and again."""

    def __init__(self) -> None:
        self._of: Corpus | None = None
        self._drawn = Drawn(np.zeros(0, np.intp), np.zeros(0, np.intp))
        self._tokens = self._starts = np.zeros(0, np.int32)

    def look(self, seen: Seen) -> TopicsSight:
        """On the training's thread."""
        corpus: Corpus = seen.about
        if corpus is not self._of:
            self._of, self._drawn = corpus, Drawn.of(corpus)
            self._tokens, self._starts = corpus.token_words(), corpus.token_starts()
        facts: Facts = seen.report.facts
        _z, n_dk, n_wk = seen.arrays
        theta = n_dk + facts.alpha
        theta /= theta.sum(axis=1, keepdims=True)
        return TopicsSight(
            self._tokens,
            self._starts,
            theta,
            top_words(topic_words(n_wk, facts.beta), corpus.words),
            n_wk.sum(axis=0) / max(1, n_wk.sum()),
            shares_of(n_dk, n_wk, facts.alpha, facts.beta, self._drawn),
        )


def shares_of(n_dk: np.ndarray, n_wk: np.ndarray, alpha: float, beta: float, drawn: Drawn) -> Shares:
    """Of the counts of all documents and words [documents or words, topics]."""
    theta, of_words = n_dk[drawn.documents] + alpha, n_wk[drawn.words] + beta
    return Shares(theta / theta.sum(axis=1, keepdims=True), of_words / of_words.sum(axis=1, keepdims=True))


def top_words(phi: np.ndarray, words: tuple[str, ...], count: int = TOP) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Of each topic its most likely words with their chances. phi: [words, topics]."""
    count = min(count, len(phi))
    best = np.argpartition(-phi, count - 1, axis=0)[:count]
    chances = np.take_along_axis(phi, best, axis=0)
    order = np.lexsort((best, -chances), axis=0)
    best, chances = np.take_along_axis(best, order, axis=0), np.take_along_axis(chances, order, axis=0)
    return tuple(
        tuple((words[word], chance) for word, chance in zip(places, values, strict=True))
        for places, values in zip(best.T.tolist(), chances.T.tolist(), strict=True)
    )
