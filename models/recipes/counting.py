"""Word vectors by counting: who stands near whom, how much more often than by chance, and the directions in which
that varies most.

    #(w, c)          pairs of words at most WINDOW apart, at distance d weighted (WINDOW + 1 - d) / WINDOW
    PPMI(w, c)       max(0, ln P(w, c) / (P(w) P_α(c)) - ln k),  P_α(c) = #(c)^α / Σ #(c)^α
    PPMI ≈ U Σ Vᵀ    truncated;  vectors = U Σ^p

Levy & Goldberg 2014 ("Neural word embedding as implicit matrix factorization"); Levy, Goldberg & Dagan 2015
(doi:10.1162/tacl_a_00134) for α, k and p.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

WINDOW = 5
BLOCK = 4_000_000  # words counted at a time


def vocabulary(corpus: Path, size: int) -> list[str]:
    """The most frequent words of a corpus file, the most frequent first; of equally frequent ones the first met."""
    counts: Counter[str] = Counter()
    with corpus.open() as file:
        for line in file:
            counts.update(line.split())
    return [word for word, _ in counts.most_common(size)]


def blocks(corpus: Path, words: list[str]) -> Iterator[np.ndarray]:
    """The corpus as ids, in blocks of whole paragraphs; -1 for other words, and WINDOW times -1 after a paragraph."""
    ids = {word: i for i, word in enumerate(words)}
    gap = [-1] * WINDOW
    block: list[int] = []
    with corpus.open() as file:
        for line in file:
            block += [ids.get(word, -1) for word in line.split()]
            block += gap
            if len(block) >= BLOCK:
                yield np.array(block)
                block = []
    yield np.array(block)


def count_pairs(corpus: Path, words: list[str]) -> csr_array:
    """#(w, c) [words, words], symmetric, float32."""
    size = len(words)
    counts = csr_array((size, size), dtype=np.float32)
    for block in blocks(corpus, words):
        for distance in range(1, WINDOW + 1):
            left, right = block[:-distance], block[distance:]
            both = (left >= 0) & (right >= 0)
            pairs, times = np.unique(left[both] * size + right[both], return_counts=True)
            weights = (times * (WINDOW + 1 - distance) / WINDOW).astype(np.float32)
            counts = counts + csr_array((weights, (pairs // size, pairs % size)), shape=(size, size))
    return csr_array(counts + counts.T)


def ppmi(counts: csr_array, smoothing: float, shift: float) -> csr_array:
    """PPMI [words, contexts], sparse. smoothing: α, shift: k."""
    pairs = counts.tocoo()
    of_word = np.asarray(counts.sum(axis=1), np.float64)
    of_context = np.asarray(counts.sum(axis=0), np.float64) ** smoothing
    # P(w, c) / (P(w) P_α(c)) = #(w, c) / #(w) · Σ #(c)^α / #(c)^α
    row, column = pairs.coords
    information = np.log(pairs.data / of_word[row] * (of_context.sum() / of_context[column])) - np.log(shift)
    kept = information > 0
    return csr_array((information[kept].astype(np.float32), (row[kept], column[kept])), shape=counts.shape)


def vectors(matrix: csr_array, width: int, power: float, seed: int) -> np.ndarray:
    """U Σ^p [words, width], the strongest direction first, scaled to a deviation of 1.

    A direction's sign means nothing: each has the sign with which its largest number is positive.
    """
    start = np.random.default_rng(seed).normal(size=matrix.shape[0])
    U, sigma, _ = svds(matrix.astype(np.float64), k=width, v0=start)
    strongest = np.argsort(-sigma)
    found = U[:, strongest] * sigma[strongest] ** power
    found *= np.sign(found[np.abs(found).argmax(axis=0), np.arange(width)])
    return np.asarray(found / found.std(), np.float32)
