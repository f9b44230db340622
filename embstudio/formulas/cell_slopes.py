"""One step of a recurrent cell, backwards: from ∂/∂(state after) to ∂/∂(state before) and ∂/∂(sums of its gates).

Everything is told from the values that a trace holds, gates and states; no sum has to be worked out again. A step
takes and gives rows of derivatives. Few rows go `back` through each gate (back-propagation); as many rows as there are
units, whole Jacobians, are `carried` by a matrix made for the step, which takes a half to a quarter of the products.

Source: the chain rule, applied to the equations of the operators RNN, GRU and LSTM of the ONNX specification; for the
LSTM, Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np

from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.cells import by_gate

Values = Mapping[str, np.ndarray]


class Rows(NamedTuple):
    """Rows of derivatives by a state: by h and, of an LSTM, by c, each [..., rows, unit]."""

    h: np.ndarray
    c: np.ndarray | None = None


class Slopes(Protocol):
    """The slopes of one direction of one layer, tokens in the order in which they are read."""

    def back(self, after: Rows, at: int) -> tuple[Rows, np.ndarray]:
        """∂/∂(state after token `at`), h and c taken as free of each other → ∂/∂(state before it), and ∂/∂(sums of
        the gates) [..., rows, gates·unit], stacked as in W."""
        ...

    def carried(self, after: Rows, at: int) -> Rows:
        """The first of what `back` gives, for many rows."""
        ...

    def whole(self, after: Rows, at: int) -> Rows:
        """The same rows, the states no longer free of each other: ∂/∂c with what c does to the h of its own token."""
        ...


def slopes(weights: CellWeights, values: Values, h: np.ndarray, c: np.ndarray) -> Slopes:
    """The slopes of a cell.

    values: its gates and states by name, each [pos, unit], in the order in which the tokens are read; all in the type
    in which to calculate. h, c: [unit], the state before the first token.
    """
    kinds: dict[str, type[_Rnn] | type[_Gru] | type[_Lstm]] = {"rnn": _Rnn, "gru": _Gru, "lstm": _Lstm}
    return kinds[weights.kind](weights, values, h, c)


def _shifted(state: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The state that each token finds: [pos, unit]."""
    return np.concatenate([first[None], state[:-1]])


class _Rnn:
    """h = φ(a), a = W x + R h₋₁ + b"""

    def __init__(self, weights: CellWeights, values: Values, h: np.ndarray, c: np.ndarray) -> None:
        self._R = weights.R
        self._slope = weights.activations[0].slope(values["h"], weights.clip)

    def back(self, after: Rows, at: int) -> tuple[Rows, np.ndarray]:
        by_a = after.h * self._slope[at]
        return Rows(by_a @ self._R), by_a

    def carried(self, after: Rows, at: int) -> Rows:
        return self.back(after, at)[0]

    def whole(self, after: Rows, at: int) -> Rows:
        return after


class _Gru:
    """h = (1 − z) ⊙ n + z ⊙ h₋₁"""

    def __init__(self, weights: CellWeights, values: Values, h: np.ndarray, c: np.ndarray) -> None:
        gates, candidate = weights.activations
        z, r, n = values["z"], values["r"], values["n"]
        self._R = by_gate("gru", weights.R)
        self._R_zr = np.concatenate([self._R["z"], self._R["r"]])
        self._z, self._r = z, r
        self._before = _shifted(values["h"], h)
        self._after_reset = weights.linear_before_reset
        self._by_z = (self._before - n) * gates.slope(z, weights.clip)
        self._by_n = (1 - z) * candidate.slope(n, weights.clip)
        # What the reset gate is multiplied with: the old state or, where it comes after the matrix, R_n h₋₁ + b.
        scaled = self._before
        if self._after_reset:
            scaled = self._before @ self._R["n"].T + by_gate("gru", np.split(weights.B, 2)[1])["n"]
        self._by_r = scaled * gates.slope(r, weights.clip)

    def back(self, after: Rows, at: int) -> tuple[Rows, np.ndarray]:
        by_z, by_n = after.h * self._by_z[at], after.h * self._by_n[at]
        if self._after_reset:
            by_r = by_n * self._by_r[at]
            through_n = (by_n * self._r[at]) @ self._R["n"]
        else:
            reset = by_n @ self._R["n"]
            by_r = reset * self._by_r[at]
            through_n = reset * self._r[at]
        sums = np.concatenate([by_z, by_r], axis=-1)
        by_h = after.h * self._z[at] + sums @ self._R_zr + through_n
        return Rows(by_h), np.concatenate([sums, by_n], axis=-1)

    def carried(self, after: Rows, at: int) -> Rows:
        R_n, by_r = self._R["n"], self._by_r[at][:, None] * self._R["r"]
        by_n = self._r[at][:, None] * R_n + by_r if self._after_reset else R_n * self._r[at] + R_n @ by_r
        step = self._by_z[at][:, None] * self._R["z"] + self._by_n[at][:, None] * by_n
        step[np.diag_indices_from(step)] += self._z[at]
        return Rows(after.h @ step)

    def whole(self, after: Rows, at: int) -> Rows:
        return after


class _Lstm:
    """c = f ⊙ c₋₁ + i ⊙ g, h = o ⊙ φ(c)"""

    def __init__(self, weights: CellWeights, values: Values, h: np.ndarray, c: np.ndarray) -> None:
        gates, candidate, exposure = weights.activations
        i, o, f, g = (values[name] for name in "iofg")
        before = _shifted(values["c"], c)
        exposed = exposure.of(values["c"])
        P_i, P_o, P_f = np.split(_peepholes(weights), 3)
        slope_i, slope_o = gates.slope(i, weights.clip), gates.slope(o, weights.clip)
        slope_f = np.zeros_like(f) if weights.input_forget else gates.slope(f, weights.clip)
        self._R = weights.R
        self._by_gate = tuple(by_gate("lstm", weights.R).values())
        self._h_by_o = exposed * slope_o
        self._h_by_c = o * exposure.slope(exposed) + self._h_by_o * P_o
        self._c_by_i = (g - before if weights.input_forget else g) * slope_i
        self._c_by_f = before * slope_f
        self._c_by_g = i * candidate.slope(g, weights.clip)
        self._c_by_c = f + self._c_by_f * P_f + self._c_by_i * P_i

    def back(self, after: Rows, at: int) -> tuple[Rows, np.ndarray]:
        by_c = after.h * self._h_by_c[at] + (0 if after.c is None else after.c)
        parts = (by_c * self._c_by_i[at], after.h * self._h_by_o[at], by_c * self._c_by_f[at], by_c * self._c_by_g[at])
        sums = np.concatenate(parts, axis=-1)
        return Rows(sums @ self._R, by_c * self._c_by_c[at]), sums

    def carried(self, after: Rows, at: int) -> Rows:
        R_i, R_o, R_f, R_g = self._by_gate
        by_c = after.h * self._h_by_c[at] + (0 if after.c is None else after.c)
        c_by_h = self._c_by_i[at][:, None] * R_i + self._c_by_f[at][:, None] * R_f + self._c_by_g[at][:, None] * R_g
        step = np.concatenate([self._h_by_o[at][:, None] * R_o, c_by_h])
        return Rows(np.concatenate([after.h, by_c], axis=-1) @ step, by_c * self._c_by_c[at])

    def whole(self, after: Rows, at: int) -> Rows:
        by_c = after.h * self._h_by_c[at]
        return Rows(after.h, by_c if after.c is None else by_c + after.c)


def _peepholes(weights: CellWeights) -> np.ndarray:
    return np.zeros(3 * weights.units) if weights.peepholes is None else weights.peepholes
