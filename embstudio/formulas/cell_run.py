"""A recurrent cell as the ONNX operators have it, with all they may ask of it: other activations, sums cut off,
peepholes, a forget gate tied to the input gate, sequences of different lengths. The plain cells are in `cells`.

Source: the operators RNN, GRU and LSTM of the ONNX specification; peepholes after Gers and Schmidhuber (2000). Where
the specification leaves it open, as onnxruntime does it: what is cut off at ±clip is the sum of each gate, bias and
peephole included, and not the memory before it is exposed.

Every function works in the precision of what it is given; give float64 for a reference.
"""

from __future__ import annotations

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.cells import by_gate

States = dict[str, np.ndarray]


def step(cell: CellWeights, x: np.ndarray, h: np.ndarray, c: np.ndarray | None = None) -> States:
    """One token, from its input x [..., input] and the state before it, h and of an LSTM c [..., unit].

    Returns every gate and state by name, [..., unit] each: i, o, f, g, c, h; z, r, n, h; a, h, where a is what goes
    into the activation.
    """
    if cell.kind == "lstm":
        return _lstm(cell, x, h, np.zeros_like(h) if c is None else c)
    return _gru(cell, x, h) if cell.kind == "gru" else _rnn(cell, x, h)


def run(
    cell: CellWeights,
    X: np.ndarray,
    h: np.ndarray | None = None,
    c: np.ndarray | None = None,
    *,
    reverse: bool = False,
    lengths: np.ndarray | None = None,
) -> States:
    """Whole sequences X [pos, batch, input] (or [pos, input]) from the states h and c [batch, unit], zero where None.

    lengths: [batch], how many tokens each sequence has; past its end everything is 0. reverse: the last token first.
    Returns {"h": [pos, batch, unit], …}, in the order of the tokens.
    """
    start = np.zeros((*X.shape[1:-1], cell.units), X.dtype)
    h, c = start if h is None else h, start if c is None else c
    places = range(len(X) - 1, -1, -1) if reverse else range(len(X))
    steps: dict[int, States] = {}
    for at in places:
        made = step(cell, X[at], h, c)
        if lengths is not None:
            inside = (at < np.asarray(lengths))[..., None]
            h, c = np.where(inside, made["h"], h), np.where(inside, made.get("c", c), c)
            steps[at] = {name: np.where(inside, value, 0) for name, value in made.items()}
        else:
            h, c, steps[at] = made["h"], made.get("c", c), made
    if not steps:
        return {name: np.zeros((0, *start.shape), X.dtype) for name in step(cell, np.zeros(X.shape[1:], X.dtype), h, c)}
    return {name: np.stack([steps[at][name] for at in sorted(steps)]) for name in steps[0]}


def _lstm(cell: CellWeights, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> States:
    """i = φ(W_i x + R_i h + P_i ⊙ c + b_i)    f = φ(W_f x + R_f h + P_f ⊙ c + b_f), or 1 − i
    g = γ(W_c x + R_c h + b_c)    c' = f ⊙ c + i ⊙ g
    o = φ(W_o x + R_o h + P_o ⊙ c' + b_o)    h' = o ⊙ η(c')
    """
    gate, candidate, memory = cell.activations
    total = x @ cell.W.T + h @ cell.R.T + np.add(*np.split(cell.B, 2))
    i, o, f, g = np.split(total, 4, axis=-1)
    P = np.zeros(3 * cell.units, cell.W.dtype) if cell.peepholes is None else cell.peepholes
    P_i, P_o, P_f = np.split(P, 3)
    i = _of(cell, gate, i + P_i * c)
    f = 1 - i if cell.input_forget else _of(cell, gate, f + P_f * c)
    g = _of(cell, candidate, g)
    c = f * c + i * g
    o = _of(cell, gate, o + P_o * c)
    return {"i": i, "o": o, "f": f, "g": g, "c": c, "h": o * memory.of(c)}


def _gru(cell: CellWeights, x: np.ndarray, h: np.ndarray) -> States:
    """As `cells.gru_step`, with the cell's own activations."""
    gate, candidate = cell.activations
    w, r_ = by_gate("gru", cell.W), by_gate("gru", cell.R)
    wb, rb = (by_gate("gru", half) for half in np.split(cell.B, 2))
    z = _of(cell, gate, x @ w["z"].T + h @ r_["z"].T + wb["z"] + rb["z"])
    r = _of(cell, gate, x @ w["r"].T + h @ r_["r"].T + wb["r"] + rb["r"])
    recurrent = r * (h @ r_["n"].T + rb["n"]) if cell.linear_before_reset else (r * h) @ r_["n"].T + rb["n"]
    n = _of(cell, candidate, x @ w["n"].T + recurrent + wb["n"])
    return {"z": z, "r": r, "n": n, "h": (1 - z) * n + z * h}


def _rnn(cell: CellWeights, x: np.ndarray, h: np.ndarray) -> States:
    """a = W x + R h + b, h' = φ(a)"""
    a = _cut(cell, x @ cell.W.T + h @ cell.R.T + np.add(*np.split(cell.B, 2)))
    return {"a": a, "h": cell.activations[0].of(a)}


def _of(cell: CellWeights, activation: Activation, total: np.ndarray) -> np.ndarray:
    return activation.of(_cut(cell, total))


def _cut(cell: CellWeights, total: np.ndarray) -> np.ndarray:
    return total if cell.clip is None else np.clip(total, -cell.clip, cell.clip)
