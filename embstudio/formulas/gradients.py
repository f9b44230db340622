"""How far back a recurrent layer's state hangs on itself: ‖∂s_T / ∂s_t‖ for one T and every t before it, exactly.

∂s_T / ∂s_t is the product of the steps' Jacobians between t and T (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov
and Bengio 2013). It vanishes or explodes like a power, so it is carried as a matrix of moderate size and the logarithm
of a factor: nothing underflows to 0, however far back.

For an LSTM, ∂h_T/∂h_t takes c_t as given, as automatic differentiation does, for h_t is made of c_t and not the other
way round; ∂c_T/∂c_t has in it what c_t does by way of its own h_t.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.cell_slopes import Rows, Slopes, Values, slopes
from embstudio.formulas.cell_weights import CellWeights

_STEPS = 8  # after so many the product is brought back to a moderate size
STATES = {"rnn": ("h",), "gru": ("h",), "lstm": ("h", "c")}


@dataclass(frozen=True)
class StateGradients:
    """Of one state. All [pos] in the order in which the tokens are read, NaN behind T.

    norms:   log10 ‖∂s_T / ∂s_t‖, Frobenius. largest: log10 of its largest singular value.
    steps:   the largest singular value of ∂s_t / ∂s_t₋₁; NaN at the token that is read first.
    """

    norms: np.ndarray
    largest: np.ndarray
    steps: np.ndarray


def state_gradients(
    weights: CellWeights,
    values: Values,
    last: int,
    *,
    singular: bool = True,
    check: Callable[[], object] = lambda: None,
) -> dict[str, StateGradients]:
    """The gradients of each state that the cell carries on ("h"; of an LSTM also "c") at token `last`.

    values: gates and states by name, [pos, unit], tokens in the order in which they are read. singular: without it,
    `largest` and `steps` are NaN, which saves most of the time. check: called at every step; what it raises ends this.
    """
    exact = {name: value.astype(np.float64) for name, value in values.items()}
    nothing = np.zeros(weights.units)  # what was there before the first token: no derivative by it is asked for
    cell = slopes(weights.in_float64(), exact, nothing, nothing)
    states = STATES[weights.kind]
    norms, largest, steps = (np.full((len(states), len(exact["h"])), np.nan) for _ in range(3))
    one = _identities(len(states), weights.units)
    for at, product, exponent in _products(cell, one, last):
        check()
        norms[:, at] = exponent + _log10(np.sqrt(np.einsum("sij,sij->s", product, product)))
        if singular:
            largest[:, at] = exponent + _log10(_largest_singular_values(product))
    for at in range(1, last + 1) if singular else ():
        check()
        steps[:, at] = _largest_singular_values(_own(cell.whole(cell.carried(one, at), at - 1)))
    return {state: StateGradients(norms[row], largest[row], steps[row]) for row, state in enumerate(states)}


def _products(cell: Slopes, one: Rows, last: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """(t, matrices [state, unit, unit], exponents [state]) from T back to the first token: each ∂s_T/∂s_t is the
    matrix times 10 to the exponent."""
    rows, exponent = one, np.zeros(len(one.h))
    yield last, _own(one), exponent
    for at in range(last - 1, -1, -1):
        rows = cell.carried(rows, at + 1)
        if (last - at) % _STEPS == 0:
            rows, exponent = _rescaled(rows, exponent)
        yield at, _own(cell.whole(rows, at)), exponent


def _identities(states: int, units: int) -> Rows:
    """∂s/∂s for h and, where there are two states, for c, as rows by h and by c: [state, unit, unit]."""
    one, nothing = np.eye(units), np.zeros((units, units))
    return Rows(one[None]) if states == 1 else Rows(np.stack([one, nothing]), np.stack([nothing, one]))


def _own(rows: Rows) -> np.ndarray:
    """Of each state's rows those by the same state: h_T by h_t, c_T by c_t."""
    return rows.h if rows.c is None else np.stack([rows.h[0], rows.c[1]])


def _rescaled(rows: Rows, exponent: np.ndarray) -> tuple[Rows, np.ndarray]:
    size = np.max([np.abs(part).max(axis=(1, 2)) for part in rows if part is not None], axis=0)
    size = np.where((size > 0) & np.isfinite(size), size, 1.0)
    each = size[:, None, None]
    return Rows(rows.h / each, None if rows.c is None else rows.c / each), exponent + np.log10(size)


def _largest_singular_values(matrices: np.ndarray) -> np.ndarray:
    """√ of the largest eigenvalues of M Mᵀ, as exact as by the singular values and a good deal quicker."""
    squares = np.linalg.eigvalsh(matrices @ np.swapaxes(matrices, -1, -2))[:, -1]
    return np.asarray(np.sqrt(np.maximum(squares, 0)))


def _log10(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(values))
