"""h_t = tanh(W x_t + R h_(t−1) + b) (Elman 1990; the operator RNN of ONNX)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from embstudio.lab.recurrent.cells import Back, Passed


class Rnn:
    """See `cells.Cell`."""

    gates: ClassVar[int] = 1
    keeps: ClassVar[int | None] = None
    candidate: ClassVar[int] = 0
    inner_bias: ClassVar[bool] = False

    def forward(self, A: np.ndarray, R: np.ndarray, bR: np.ndarray | None) -> Passed:
        steps, batch, units = A.shape
        h = np.zeros((steps + 1, batch, units), A.dtype)
        for t in range(steps):
            A[t] += h[t] @ R.T
            np.tanh(A[t], out=h[t + 1])
        return Passed(h, None, A)

    def backward(self, passed: Passed, R: np.ndarray, bR: np.ndarray | None, last: np.ndarray) -> Back:
        h = passed.h
        slope = 1 - h[1:] ** 2
        dh, dA = np.empty_like(slope), np.empty_like(slope)
        dh[-1] = last
        for t in range(len(dh) - 1, -1, -1):
            np.multiply(dh[t], slope[t], out=dA[t])
            if t:
                np.matmul(dA[t], R, out=dh[t - 1])
        units = h.shape[2]
        dR = dA.reshape(-1, units).T @ h[:-1].reshape(-1, units)
        return Back(dA, dh, None, dR, None)
