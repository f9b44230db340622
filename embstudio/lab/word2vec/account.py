"""One step in full: which words, their scores, what was wrong with them, and how far each vector moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.word2vec.losses import full_softmax, negative_sampling, sigmoid


@dataclass(frozen=True)
class Target:
    """A word whose output vector was asked. true: whether it is the word that stood there. score: u · h.

    chance: σ(u · h), or softmax(U h) of it. error: chance − t. before, after: its output vector.
    """

    word: int
    true: bool
    score: float
    chance: float
    error: float
    loss: float
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class Account:
    """inputs: the words whose input vectors make the hidden vector h: the centre (skip-gram), or those around it (CBOW,
    their mean). before, after: their input vectors [inputs, width]. gradient: dL/dh [width], Σ error · u.

    targets: the true word first, then the negatives, or the words the softmax gave most. others: how many more words
    the softmax moved. place: of the centre among the words that were kept. context: the place of the other word.
    """

    place: int
    context: int | None
    inputs: tuple[int, ...]
    hidden: np.ndarray
    before: np.ndarray
    after: np.ndarray
    gradient: np.ndarray
    targets: tuple[Target, ...]
    others: int
    loss: float
    rate: float


_TOLD = 8  # words of a softmax that are told of


def learn(
    V: np.ndarray,
    U: np.ndarray,
    inputs: tuple[int, ...],
    true: int,
    negatives: np.ndarray | None,
    rate: float,
    place: int,
    context: int | None,
) -> Account:
    """Move the vectors of both tables as one pair asks, and tell of it. negatives: [k] words; None: full softmax."""
    rows = np.arange(len(U)) if negatives is None else np.concatenate([[true], negatives[negatives != true]])
    held = V[list(inputs)].copy()
    h, R = held.mean(axis=0), U[rows]
    S = (h @ R.T)[None]
    A = (rows == true).astype(V.dtype)[None]
    loss, G = full_softmax(S, A) if negatives is None else negative_sampling(S, A, 1 - A)
    error = G[0]
    gradient = error @ R
    # Each of m vectors has a share of 1 / m in their mean; a word that stands there twice has two.
    np.subtract.at(V, list(inputs), rate * gradient / len(inputs))
    np.subtract.at(U, rows, rate * np.outer(error, h))
    chances = error + A[0] if negatives is None else sigmoid(S[0])
    told = rows == true
    if negatives is None:
        most = np.argsort(-chances, kind="stable")[:_TOLD]
        order = [true, *(row for row in most.tolist() if row != true)]
    else:
        order = list(range(len(rows)))
    with np.errstate(divide="ignore"):
        targets = tuple(
            Target(
                int(rows[at]), bool(told[at]), float(S[0, at]), float(chances[at]), float(error[at]),
                _loss(float(chances[at]), true=bool(told[at]), softmax=negatives is None),
                R[at].copy(), U[rows[at]].copy(),
            )
            for at in order
        )  # fmt: skip
    return Account(
        place, context, inputs, h, held, V[list(inputs)].copy(), gradient, targets, len(rows) - len(order), loss, rate
    )


def _loss(chance: float, *, true: bool, softmax: bool) -> float:
    """A target's part of the loss; with the softmax the true word has all of it."""
    if true:
        return -float(np.log(chance))
    return 0.0 if softmax else -float(np.log1p(-chance))
