"""What the three cells have in common: their numbers, and the way through time and back.

Axes: T tokens, B examples, H units, G gates a cell has (rows of W and R stand gate after gate, in ONNX's order).
P = E Wᵀ + b is worked out once for every word, [words, G·H], since there are few; A_t = P[x_t] is what a token brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from embstudio.lab.recurrent.settings import GRU, LSTM, RNN


@dataclass(frozen=True)
class Passed:
    """h: [T + 1, B, H], from the state before the first token (0) on. c: the same of an LSTM's memory.
    gates: [T, B, …], what the way back needs."""

    h: np.ndarray
    c: np.ndarray | None
    gates: np.ndarray


@dataclass(frozen=True)
class Back:
    """da: [T, B, G·H], dL by what tokens bring. dh, dc: [T, B, H], dL by each state, over all ways from it to the end.
    dr, dbr: of the weights."""

    da: np.ndarray
    dh: np.ndarray
    dc: np.ndarray | None
    dr: np.ndarray
    dbr: np.ndarray | None


class Cell(Protocol):
    """gates: how many. keeps: the gate that keeps what was (its place), None where none does. candidate: the place of
    what may come in. inner_bias: whether R of the candidate has a bias of its own."""

    gates: ClassVar[int]
    keeps: ClassVar[int | None]
    candidate: ClassVar[int]
    inner_bias: ClassVar[bool]

    def forward(self, A: np.ndarray, R: np.ndarray, bR: np.ndarray | None) -> Passed:
        """A: [T, B, G·H]; it is overwritten."""
        ...

    def backward(self, passed: Passed, R: np.ndarray, bR: np.ndarray | None, last: np.ndarray) -> Back:
        """last: [B, H], dL by the last h."""
        ...


def cell_of(kind: str) -> Cell:
    """RNN, GRU or LSTM."""
    from embstudio.lab.recurrent.gru import Gru
    from embstudio.lab.recurrent.lstm import Lstm
    from embstudio.lab.recurrent.rnn import Rnn

    cells: dict[str, type[Cell]] = {RNN: Rnn, GRU: Gru, LSTM: Lstm}
    return cells[kind]()
