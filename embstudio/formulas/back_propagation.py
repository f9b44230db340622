"""Back-propagation through time for one direction of a recurrent layer: from ∂y/∂h of every token to ∂y/∂x.

Source: Werbos (1990), "Backpropagation through time"; each step as in `cell_slopes`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from embstudio.formulas.cell_slopes import Rows, Values, slopes
from embstudio.formulas.cell_weights import CellWeights


class BackPropagated(NamedTuple):
    """by_x: [rows, pos, input]. by_first: by the state before the first token, each [rows, unit]."""

    by_x: np.ndarray
    by_first: Rows


def back_propagate(
    weights: CellWeights,
    values: Values,
    by_h: np.ndarray,
    *,
    by_last: Rows | None = None,
    h: np.ndarray | None = None,
    c: np.ndarray | None = None,
) -> BackPropagated:
    """Rows of derivatives of anything by the inputs of a cell, in float64.

    values: gates and states by name, [pos, unit]; by_h: [rows, pos, unit], derivatives by the state of each token that
    is used elsewhere. Tokens are in the order in which they are read. by_last: derivatives by the state after the last
    token, beyond those in `by_h`, where that is used by itself. h, c: [unit], the state before the first token; 0 where
    None.
    """
    nothing = np.zeros(weights.units)
    exact = {name: np.asarray(value, np.float64) for name, value in values.items()}
    cell = slopes(
        weights.in_float64(), exact,
        nothing if h is None else np.asarray(h, np.float64), nothing if c is None else np.asarray(c, np.float64),
    )  # fmt: skip
    rows, length, _ = by_h.shape
    state = by_last or Rows(np.zeros((rows, weights.units)))
    sums = np.empty((rows, length, len(weights.R)))
    for at in range(length - 1, -1, -1):
        state, sums[:, at] = cell.back(Rows(state.h + by_h[:, at], state.c), at)
    return BackPropagated(sums @ weights.W.astype(np.float64), state)
