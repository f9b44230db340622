"""The weights and settings of one direction of one recurrent layer, as ONNX orders them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from embstudio.formulas.activations import Activation


@dataclass(frozen=True)
class CellWeights:
    """One cell. kind: "rnn", "gru" or "lstm".

    W: [gates·unit, input]. R: [gates·unit, unit]. B: [2·gates·unit], input biases, then recurrent biases. The gates
    are stacked as `cells.ORDER` says.
    peepholes: [3·unit] for i, o, f of an LSTM, or None. activations: LSTM (gates, candidate, of the memory); GRU
    (gates, candidate); RNN (one). clip: the sums that go into activations are cut off at ±clip; None: they are not.
    linear_before_reset: of a GRU, whether the reset gate comes after the matrix. input_forget: of an LSTM, whether
    f = 1 − i.
    """

    kind: str
    W: np.ndarray
    R: np.ndarray
    B: np.ndarray
    activations: tuple[Activation, ...]
    peepholes: np.ndarray | None = None
    clip: float | None = None
    linear_before_reset: bool = False
    input_forget: bool = False

    @property
    def units(self) -> int:
        return int(self.R.shape[-1])

    def in_float64(self) -> CellWeights:
        """The same numbers in double precision."""
        W, R, B = (array.astype(np.float64) for array in (self.W, self.R, self.B))
        peepholes = None if self.peepholes is None else self.peepholes.astype(np.float64)
        return replace(self, W=W, R=R, B=B, peepholes=peepholes)
