"""One step of LDA in full: a word is taken out, its chances in each topic are worked out, and it is drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.topics.gibbs import Gibbs, chosen


@dataclass(frozen=True, eq=False)
class Account:
    """token: its place among all; document, word. before, after: its topic. n_dk, n_kw, n_k: [topics], without it.
    weights: [topics], (n_dk + α)(n_kw + β) / (n_k + Vβ). draw: from [0, 1). words: V."""

    token: int
    document: int
    word: int
    before: int
    after: int
    n_dk: np.ndarray
    n_kw: np.ndarray
    n_k: np.ndarray
    weights: np.ndarray
    draw: float
    alpha: float
    beta: float
    words: int

    @property
    def chances(self) -> np.ndarray:
        """[topics], sum 1."""
        return np.asarray(self.weights / self.weights.sum())


def sort_one(gibbs: Gibbs, token: int, draw: float, alpha: float, beta: float) -> Account:
    """Sort a token again, and tell of it."""
    before, document, word = int(gibbs.z[token]), int(gibbs.d[token]), int(gibbs.w[token])
    gibbs.take_out(token)
    weights = gibbs.weights_of(token, alpha, beta)
    counts = gibbs.n_dk[document].copy(), gibbs.n_wk[word].copy(), gibbs.n_k.copy()
    after = chosen(weights, draw)
    gibbs.put(token, after)
    return Account(token, document, word, before, after, *counts, weights, draw, alpha, beta, len(gibbs.corpus.words))
