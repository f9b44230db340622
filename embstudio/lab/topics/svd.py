"""The truncated singular value decomposition A ≈ U diag(σ) Vᵀ, of matrices small and large.

Small ones are taken apart whole. Of large sparse ones only products with A and Aᵀ are worked out: those of a random
block, and of what came of it, span a space in which the leading directions are found. It is a randomised block Krylov
method (Halko, Martinsson and Tropp 2011; Musco and Musco 2015, algorithm 2), its blocks made orthogonal as they come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.topics.sparse import Sparse

WHOLE = 1_000_000  # cells of a matrix that is taken apart whole
_SPARE = 10  # directions in a block beyond those wanted
_SETTLED = 1e-3  # change of each σ, as a share of it, at which no further block is asked; the next would be far smaller
_FLOOR = 1e-7  # of σ₁: what is below cannot be told from 0 by squares in float64
_MOST_BLOCKS = 16


@dataclass(frozen=True)
class Svd:
    """U: [rows, r]. values: [r], σ in falling order. V: [width, r]. blocks: of products that it took; 0: exact."""

    U: np.ndarray
    values: np.ndarray
    V: np.ndarray
    blocks: int = 0


def truncated_svd(A: Sparse, wanted: int, seed: int = 0) -> Svd:
    """At most `wanted` ranks; singular values that are 0 but for rounding are left out. Each vector of V is turned so
    that its largest component is positive."""
    wanted = max(1, min(wanted, *A.shape))
    if A.shape[0] * A.shape[1] <= WHOLE:
        U, values, Vt = np.linalg.svd(A.dense().astype(np.float64), full_matrices=False)
        return _tidy(Svd(U, values, Vt.T), wanted, max(A.shape))
    At = A.transposed()
    if A.shape[0] < A.shape[1]:
        found = _by_blocks(At, A, wanted, seed)
        found = Svd(found.V, found.values, found.U, found.blocks)
    else:
        found = _by_blocks(A, At, wanted, seed)
    return _tidy(found, wanted, max(A.shape))


def _by_blocks(A: Sparse, At: Sparse, wanted: int, seed: int) -> Svd:
    """Of a matrix with no fewer rows than columns, whose transpose is at hand.

    P = [Q₀, Q₁, …] is an orthonormal basis of span(Ω, AᵀA Ω, (AᵀA)² Ω, …); in it the squares of σ are the eigenvalues
    of (A P)ᵀ A P (Rayleigh and Ritz).
    """
    block = min(A.width, wanted + _SPARE)
    P = [np.linalg.qr(np.random.default_rng(seed).normal(size=(A.width, block)))[0]]
    AP: list[np.ndarray] = []
    gram = np.zeros((0, 0))
    before = np.zeros(wanted)
    while True:
        AP.append(A.times(P[-1]))
        beside = np.vstack([each.T @ AP[-1] for each in AP])  # new columns of the small matrix
        side = len(beside) - AP[-1].shape[1]
        gram = np.block([[gram, beside[:side]], [beside[:side].T, beside[side:]]])
        squares, turned = np.linalg.eigh(gram)
        values = np.sqrt(squares[::-1].clip(0))[:wanted]
        change = np.abs(values - before[: len(values)])
        settled = len(values) == wanted and bool(np.all(change <= np.maximum(_SETTLED * values, _FLOOR * values[0])))
        room = min(block, A.width - len(gram))
        if settled or room <= 0 or len(P) == _MOST_BLOCKS:
            W = turned[:, ::-1][:, :wanted]
            return Svd(_sum(AP, W) / np.where(values > 0, values, 1), values, _sum(P, W), len(P))
        before[: len(values)] = values
        Q = At.times(AP[-1])[:, :room]
        for _ in range(2):  # twice is enough to be orthogonal to the last digit (Giraud et al. 2005)
            for each in P:
                Q -= each @ (each.T @ Q)
            Q = np.linalg.qr(Q)[0]
        P.append(Q)


def _sum(parts: list[np.ndarray], W: np.ndarray) -> np.ndarray:
    """[parts] W, without putting them side by side."""
    found, at = np.zeros((len(parts[0]), W.shape[1])), 0
    for part in parts:
        found += part @ W[at : at + part.shape[1]]
        at += part.shape[1]
    return found


def _tidy(found: Svd, wanted: int, longest: int) -> Svd:
    values = found.values[:wanted]
    floor = values[0] * (_FLOOR if found.blocks else longest * np.finfo(float).eps)
    kept = int((values > floor).sum())
    V = found.V[:, :kept]
    signs = np.where(V[np.abs(V).argmax(axis=0), np.arange(kept)] < 0, -1.0, 1.0)
    return Svd(found.U[:, :kept] * signs, values[:kept], V * signs, found.blocks)
