"""Long short-term memory (Hochreiter and Schmidhuber 1997) with forget gates (Gers, Schmidhuber and Cummins 2000), as
the operator LSTM of ONNX:

    i, o, f = σ(W x_t + R h_(t−1) + b)
    g       = tanh(W_c x_t + R_c h_(t−1) + b_c)
    c_t     = f ⊙ c_(t−1) + i ⊙ g
    h_t     = o ⊙ tanh(c_t)
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from embstudio.lab.recurrent.cells import Back, Passed


class Lstm:
    """See `cells.Cell`. gates of `Passed`: i, o, f, g and tanh(c) side by side, [T, B, 5H]."""

    gates: ClassVar[int] = 4
    keeps: ClassVar[int | None] = 2
    candidate: ClassVar[int] = 3
    inner_bias: ClassVar[bool] = False

    def forward(self, A: np.ndarray, R: np.ndarray, bR: np.ndarray | None) -> Passed:
        steps, batch, wide = A.shape
        units = wide // 4
        h = np.zeros((steps + 1, batch, units), A.dtype)
        c = np.zeros_like(h)
        kept = np.empty((steps, batch, 5 * units), A.dtype)
        # σ(a) = (1 + tanh(a / 2)) / 2, so that one tanh serves all four gates.
        scale = np.ones(wide, A.dtype)
        scale[: 3 * units] = 0.5
        for t in range(steps):
            gates, squashed = kept[t, :, :wide], kept[t, :, wide:]
            np.matmul(h[t], R.T, out=gates)
            gates += A[t]
            gates *= scale
            np.tanh(gates, out=gates)
            sigmas = gates[:, : 3 * units]
            sigmas += 1
            sigmas *= 0.5
            np.multiply(gates[:, 2 * units : 3 * units], c[t], out=c[t + 1])
            c[t + 1] += gates[:, :units] * gates[:, 3 * units :]
            np.tanh(c[t + 1], out=squashed)
            np.multiply(gates[:, units : 2 * units], squashed, out=h[t + 1])
        return Passed(h, c, kept)

    def backward(self, passed: Passed, R: np.ndarray, bR: np.ndarray | None, last: np.ndarray) -> Back:
        h, c, steps, units = passed.h, passed.c, len(passed.gates), passed.h.shape[2]
        assert c is not None
        i, o, f, g, squashed = (passed.gates[:, :, at * units : (at + 1) * units] for at in range(5))
        # What dh or dc is multiplied with on its way into each gate, for all steps at once.
        into_o, into_c = squashed * o * (1 - o), o * (1 - squashed**2)
        by_c = np.stack([g * i * (1 - i), c[:-1] * f * (1 - f), i * (1 - g**2)], axis=2)  # [T, B, 3, H]
        dh, dc = np.empty_like(h[1:]), np.empty_like(h[1:])
        dA = np.empty((*dh.shape[:2], 4, units), h.dtype)
        dh[-1], dc[-1] = last, 0
        for t in range(steps - 1, -1, -1):
            dc[t] += dh[t] * into_c[t]
            np.multiply(dh[t], into_o[t], out=dA[t, :, 1])
            np.multiply(dc[t], by_c[t, :, 0], out=dA[t, :, 0])
            np.multiply(dc[t, :, None], by_c[t, :, 1:], out=dA[t, :, 2:])
            if t:
                np.matmul(dA[t].reshape(-1, 4 * units), R, out=dh[t - 1])
                np.multiply(dc[t], f[t], out=dc[t - 1])
        flat = dA.reshape(-1, 4 * units)
        dR = flat.T @ h[:-1].reshape(-1, units)
        return Back(dA.reshape(*dh.shape[:2], -1), dh, dc, dR, None)
