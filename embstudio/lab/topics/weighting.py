"""What stands in the matrix: counts, shares of the document, or tf-idf."""

from __future__ import annotations

import numpy as np

from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.sparse import Sparse

COUNTS, SHARES, TF_IDF = "counts", "shares", "tf-idf"
WEIGHTINGS = (COUNTS, SHARES, TF_IDF)
FORMULAS = {
    COUNTS: "n(d, w): how often word w stands in document d",
    SHARES: "n(d, w) / n(d): the same as a share of all counted words of the document, so that length plays no part",
    TF_IDF: (
        "share · ln(D / D(w)), where D(w) of all D documents have the word (Spärck Jones 1972): a word that stands in "
        "all of them gets 0, a rare one counts more"
    ),
}


def idf(corpus: Corpus) -> np.ndarray:
    """[words] ln(D / D(w)); 0 for a word that no document has."""
    D, has = len(corpus.names), np.bincount(corpus.counts.columns, minlength=len(corpus.words))
    return np.log(D / np.where(has, has, D))


def weighted(corpus: Corpus, weighting: str) -> Sparse:
    """The matrix [documents, words] float64. A document without words stays 0."""
    counts = corpus.counts
    values = counts.values.astype(np.float64)
    if weighting != COUNTS:
        values /= counts.row_sums()[counts.rows]
    if weighting == TF_IDF:
        values *= idf(corpus)[counts.columns]
    return counts.with_values(values)
