"""Recurrent cells in plain numpy, gate by gate: the independent reference that tests hold models against.

Source: the RNN, GRU and LSTM operators of the ONNX specification (version 22; the older ones mean the same).
Weights come as ONNX stores them for one direction: W [gates·unit, input], R [gates·unit, unit], B [2·gates·unit]
(input biases, then recurrent biases). The gates are stacked in ONNX's order, which is not PyTorch's (i, f, g, o and
r, z, n): here a gate is always taken by its name.

Every function works in the precision of what it is given; give float64 for a reference. `x` may have batch axes:
x [..., input], h [..., unit].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from embstudio.formulas.activations import sigmoid

ORDER: dict[str, tuple[str, ...]] = {"lstm": ("i", "o", "f", "g"), "gru": ("z", "r", "n"), "rnn": ("a",)}
"""How ONNX stacks the gates of each kind of cell (ONNX calls g "c" and n "h")."""


class LstmStep(NamedTuple):
    """Everything an LSTM works out for one token, each [..., unit]."""

    i: np.ndarray
    o: np.ndarray
    f: np.ndarray
    g: np.ndarray
    c: np.ndarray
    h: np.ndarray


class GruStep(NamedTuple):
    """Everything a GRU works out for one token, each [..., unit]."""

    z: np.ndarray
    r: np.ndarray
    n: np.ndarray
    h: np.ndarray


class RnnStep(NamedTuple):
    """Everything a plain RNN works out for one token, each [..., unit]; a is the sum before the activation."""

    a: np.ndarray
    h: np.ndarray


def relu(x: np.ndarray) -> np.ndarray:
    """max(x, 0)"""
    return np.asarray(np.maximum(x, 0))


def by_gate(kind: str, stacked: np.ndarray) -> dict[str, np.ndarray]:
    """Cut the first axis of stacked weights into {gate: its rows}. `kind` is a key of ORDER."""
    return dict(zip(ORDER[kind], np.split(stacked, len(ORDER[kind])), strict=True))


def lstm_step(x: np.ndarray, h: np.ndarray, c: np.ndarray, W: np.ndarray, R: np.ndarray, B: np.ndarray) -> LstmStep:
    """One token of an LSTM, from its input x [..., input] and the state before it, h and c [..., unit].

    i = σ(W_i x + R_i h + b_i)    o = σ(W_o x + R_o h + b_o)    f = σ(W_f x + R_f h + b_f)
    g = tanh(W_c x + R_c h + b_c)    c' = f ⊙ c + i ⊙ g    h' = o ⊙ tanh(c')
    """
    total = x @ W.T + h @ R.T + np.add(*np.split(B, 2))
    i, o, f, g = (total[..., rows] for rows in _rows("lstm", h.shape[-1]))
    i, o, f, g = sigmoid(i), sigmoid(o), sigmoid(f), np.tanh(g)
    c = f * c + i * g
    return LstmStep(i, o, f, g, c, o * np.tanh(c))


def gru_step(
    x: np.ndarray, h: np.ndarray, W: np.ndarray, R: np.ndarray, B: np.ndarray, *, linear_before_reset: bool = False
) -> GruStep:
    """One token of a GRU, from its input x [..., input] and the state before it, h [..., unit].

    z = σ(W_z x + R_z h + b_z)    r = σ(W_r x + R_r h + b_r)
    n = tanh(W_n x + R_n (r ⊙ h) + Rb_n + Wb_n)        as in the paper (Cho et al. 2014)
    n = tanh(W_n x + r ⊙ (R_n h + Rb_n) + Wb_n)        linear_before_reset: as PyTorch, Keras and cuDNN do it
    h' = (1 − z) ⊙ n + z ⊙ h
    """
    w, r_ = by_gate("gru", W), by_gate("gru", R)
    wb, rb = (by_gate("gru", half) for half in np.split(B, 2))
    z = sigmoid(x @ w["z"].T + h @ r_["z"].T + wb["z"] + rb["z"])
    r = sigmoid(x @ w["r"].T + h @ r_["r"].T + wb["r"] + rb["r"])
    recurrent = r * (h @ r_["n"].T + rb["n"]) if linear_before_reset else (r * h) @ r_["n"].T + rb["n"]
    n = np.tanh(x @ w["n"].T + recurrent + wb["n"])
    return GruStep(z, r, n, (1 - z) * n + z * h)


def rnn_step(
    x: np.ndarray,
    h: np.ndarray,
    W: np.ndarray,
    R: np.ndarray,
    B: np.ndarray,
    *,
    activation: Callable[[np.ndarray], np.ndarray] = np.tanh,
) -> RnnStep:
    """One token of a plain RNN: a = W x + R h + b, h' = tanh(a) (or another activation)."""
    a = x @ W.T + h @ R.T + np.add(*np.split(B, 2))
    return RnnStep(a, activation(a))


def lstm(
    X: np.ndarray,
    W: np.ndarray,
    R: np.ndarray,
    B: np.ndarray,
    *,
    h: np.ndarray | None = None,
    c: np.ndarray | None = None,
    reverse: bool = False,
) -> dict[str, np.ndarray]:
    """A whole sequence X [pos, ..., input] from the states h and c (zero where None): {"i": [pos, ..., unit], …}.

    reverse: the last token first; the results are still in the order of the tokens.
    """
    h, c = _start(X, R, h), _start(X, R, c)
    steps = []
    for x in _tokens(X, reverse):
        step = lstm_step(x, h, c, W, R, B)
        h, c = step.h, step.c
        steps.append(step)
    return _columns(LstmStep._fields, steps, reverse)


def gru(
    X: np.ndarray,
    W: np.ndarray,
    R: np.ndarray,
    B: np.ndarray,
    *,
    h: np.ndarray | None = None,
    linear_before_reset: bool = False,
    reverse: bool = False,
) -> dict[str, np.ndarray]:
    """A whole sequence X [pos, ..., input] from the state h (zero where None): {"z": [pos, ..., unit], …}."""
    h = _start(X, R, h)
    steps = []
    for x in _tokens(X, reverse):
        step = gru_step(x, h, W, R, B, linear_before_reset=linear_before_reset)
        h = step.h
        steps.append(step)
    return _columns(GruStep._fields, steps, reverse)


def rnn(
    X: np.ndarray,
    W: np.ndarray,
    R: np.ndarray,
    B: np.ndarray,
    *,
    h: np.ndarray | None = None,
    activation: Callable[[np.ndarray], np.ndarray] = np.tanh,
    reverse: bool = False,
) -> dict[str, np.ndarray]:
    """A whole sequence X [pos, ..., input] from the state h (zero where None): {"a": [pos, ..., unit], "h": …}."""
    h = _start(X, R, h)
    steps = []
    for x in _tokens(X, reverse):
        step = rnn_step(x, h, W, R, B, activation=activation)
        h = step.h
        steps.append(step)
    return _columns(RnnStep._fields, steps, reverse)


def _rows(kind: str, units: int) -> list[slice]:
    return [slice(at * units, (at + 1) * units) for at in range(len(ORDER[kind]))]


def _start(X: np.ndarray, R: np.ndarray, state: np.ndarray | None) -> np.ndarray:
    return np.zeros((*X.shape[1:-1], R.shape[-1]), X.dtype) if state is None else state


def _tokens(X: np.ndarray, reverse: bool) -> np.ndarray:
    return X[::-1] if reverse else X


def _columns(names: tuple[str, ...], steps: list, reverse: bool) -> dict[str, np.ndarray]:
    in_order = steps[::-1] if reverse else steps
    return {name: np.stack([getattr(step, name) for step in in_order]) for name in names}
