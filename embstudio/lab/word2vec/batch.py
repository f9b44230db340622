"""What some words teach: the loss of their windows, and its gradients for the rows of both tables.

All pairs of a batch are learnt from at once, from the tables as they were before it. They share their negatives: N are
drawn for all, and each counts k / N (Ji, Satish, Li and Dubey 2016, Parallelizing Word2Vec in Shared and Distributed
Memory); the expected gradient is that of k negatives of its own for each pair. As in word2vec.c a negative that is the
true word is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.word2vec.losses import full_softmax, negative_sampling
from embstudio.lab.word2vec.windows import Windows


@dataclass(frozen=True)
class Gradients:
    """loss: summed over `pairs` predictions. inputs, outputs: (rows, dL/drow) of each table; rows may occur twice.
    The outputs' rows are None where the gradient is that of the whole table."""

    loss: float
    pairs: int
    inputs: tuple[np.ndarray, np.ndarray]
    outputs: tuple[np.ndarray | None, np.ndarray]


def skip_gram(V: np.ndarray, U: np.ndarray, windows: Windows, negatives: np.ndarray | None, k: int) -> Gradients:
    """From each centre's input vector, predict each word around it. V, U: input and output table [words, width].

    negatives: [N] words; None: the full softmax.
    """
    M = windows.seen.astype(V.dtype)
    H = V[windows.centres]
    if negatives is None:
        A = np.zeros((len(H), len(U)), V.dtype)
        np.add.at(A.T, windows.around, M.T)
        loss, G = full_softmax(H @ U.T, A)
        return Gradients(loss, int(M.sum()), (windows.centres, G @ U), (None, G.T @ H))
    # Of a centre's pairs with w as the true word, none has w as a negative.
    same = (windows.around[:, None] == negatives[None]).astype(V.dtype)
    W = (k / len(negatives)) * (M.sum(axis=1, keepdims=True) - M @ same)
    rows = np.concatenate([windows.around, negatives])
    R = U[rows]
    loss, G = negative_sampling(H @ R.T, *_side_by_side(M, W))
    return Gradients(loss, int(M.sum()), (windows.centres, G @ R), (rows, G.T @ H))


def cbow(V: np.ndarray, U: np.ndarray, windows: Windows, negatives: np.ndarray | None, k: int) -> Gradients:
    """From the mean of the input vectors around it, predict each centre; the rest as for `skip_gram`."""
    M = windows.seen.astype(V.dtype)
    counts = M.sum(axis=1, keepdims=True)
    mean = M / np.maximum(counts, 1)
    H = mean @ V[windows.around]
    asked = np.minimum(counts, 1)  # alone in its sentence, a word is not predicted
    if negatives is None:
        A = np.zeros((len(H), len(U)), V.dtype)
        A[np.arange(len(H)), windows.centres] = asked[:, 0]
        loss, G = full_softmax(H @ U.T, A)
        return Gradients(loss, int(asked.sum()), (windows.around, mean.T @ (G @ U)), (None, G.T @ H))
    same = windows.centres[:, None] == negatives[None]
    W = (k / len(negatives)) * asked * ~same
    rows = np.concatenate([windows.centres, negatives])
    R = U[rows]
    true = np.diag(asked[:, 0])
    loss, G = negative_sampling(H @ R.T, *_side_by_side(true, W.astype(V.dtype)))
    return Gradients(loss, int(asked.sum()), (windows.around, mean.T @ (G @ R)), (rows, G.T @ H))


def descend(table: np.ndarray, rows: np.ndarray | None, gradient: np.ndarray, rate: float) -> None:
    """table[rows] −= rate · gradient, where a row that occurs several times takes all of them.

    The gradients of equal rows are summed after sorting: several times faster than np.subtract.at.
    """
    if rows is None:
        table -= rate * gradient
        return
    order = np.argsort(rows, kind="stable")
    in_order = rows[order]
    starts = np.flatnonzero(np.concatenate([[True], in_order[1:] != in_order[:-1]]))
    table[in_order[starts]] -= rate * np.add.reduceat(gradient[order], starts, axis=0)


def _side_by_side(A: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often pairs were seen and stand among the negatives, over true words and negatives in one matrix."""
    return np.concatenate([A, np.zeros_like(W)], axis=1), np.concatenate([np.zeros_like(A), W], axis=1)
