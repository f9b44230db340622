"""LSA: the weighted matrix rebuilt from a few pairs of patterns, one over documents and one over words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.base.one_thread import one_thread
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.svd import truncated_svd
from embstudio.lab.topics.weighting import TF_IDF, weighted

MOST_RANKS = 50
_MOST_NUMBERS = 2**27  # in the tables of the decomposition


@dataclass(frozen=True, eq=False)
class Lsa:
    """A ≈ U diag(σ) Vᵀ. U: [documents, r]; values: [r]; V: [words, r]; total: ‖A‖², the sum of all squared cells.
    blocks: 0 where the decomposition is exact. finished: it is (for the process it is worked out in)."""

    weighting: str
    U: np.ndarray
    values: np.ndarray
    V: np.ndarray
    total: float
    blocks: int = 0
    finished: bool = True

    @property
    def ranks(self) -> int:
        return len(self.values)

    def kept(self, rank: int) -> float:
        """The share of ‖A‖² that is in the first ranks: Σ σ² / ‖A‖²."""
        return min(1.0, float(np.square(self.values[:rank]).sum()) / self.total)

    def lost(self, rank: int) -> float:
        """‖A − A_rank‖, the Frobenius norm of what is missing: √(‖A‖² − Σ σ²)."""
        if not self.blocks and rank >= self.ranks:
            return 0.0
        return float(np.sqrt(max(0.0, self.total - np.square(self.values[:rank]).sum())))

    def rebuilt(self, rank: int, documents: np.ndarray, words: np.ndarray) -> np.ndarray:
        """Cells of A_rank = Σ σ u vᵀ over the first ranks: [documents asked, words asked]."""
        return np.asarray((self.U[documents, :rank] * self.values[:rank]) @ self.V[words, :rank].T)

    def documents(self, rank: int) -> np.ndarray:
        """[documents, rank] U Σ = A V: a document in as many numbers as ranks are kept."""
        return np.asarray(self.U[:, :rank] * self.values[:rank])

    def words(self, rank: int) -> np.ndarray:
        """[words, rank] V Σ."""
        return np.asarray(self.V[:, :rank] * self.values[:rank])

    def plotted(self) -> tuple[np.ndarray, np.ndarray]:
        """Documents U √Σ and words V √Σ in one plot: over all ranks, the dot product of a document's point and a
        word's is the cell of the matrix."""
        roots = np.sqrt(self.values)
        return self.U * roots, self.V * roots

    def top_words(self, component: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The words with the largest weights in a component, and with the most negative: places, the strongest
        first."""
        weights = self.V[:, component]
        order = np.argsort(-weights, kind="stable")
        above = order[: min(count, int((weights > _nothing(weights)).sum()))]
        below = order[::-1][: min(count, int((weights < -_nothing(weights)).sum()))]
        return above, below


def lsa_of(corpus: Corpus, weighting: str) -> Lsa:
    """Take a corpus apart. Raises InputError where there is nothing to take apart, or where it would be too large."""
    corpus.check()
    A = weighted(corpus, weighting)
    total = float(np.square(A.values).sum())
    if not total:
        raise InputError(
            "All of this matrix is 0: every word stands in every document.", where=weighting,
            advice=f"Choose counts or shares instead of {TF_IDF}, or take documents that differ.",
        )  # fmt: skip
    if MOST_RANKS * sum(A.shape) > _MOST_NUMBERS:
        raise InputError(
            "The tables of this decomposition would be too large.", where=f"{A.shape[0]:,} × {A.shape[1]:,}",
            advice="Leave rare words out, or take fewer documents.",
        )  # fmt: skip
    found = truncated_svd(A, MOST_RANKS)
    return Lsa(weighting, found.U, found.values, found.V, total, found.blocks)


@dataclass(frozen=True)
class LsaJob:
    """The same in a process of its own."""

    corpus: Corpus
    weighting: str

    def results(self, _vectors: np.ndarray) -> Iterator[Lsa]:
        """One result. Raises InputError."""
        with one_thread():
            yield lsa_of(self.corpus, self.weighting)


def _nothing(weights: np.ndarray) -> float:
    """What is 0 but for rounding."""
    return float(np.abs(weights).max(initial=0.0)) * 1e-9
