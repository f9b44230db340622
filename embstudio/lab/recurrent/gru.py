"""The gated recurrent unit (Cho et al. 2014) as PyTorch and ONNX with linear_before_reset=1 have it:

z, r = σ(W x_t + R h_(t−1) + b)                       update and reset
n    = tanh(W_n x_t + b_n + r ⊙ (R_n h_(t−1) + b_R))  candidate
h_t  = (1 − z) ⊙ n + z ⊙ h_(t−1)
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from embstudio.lab.recurrent.cells import Back, Passed


class Gru:
    """See `cells.Cell`. gates of `Passed`: z, r, n and R_n h + b_R side by side, [T, B, 4H]."""

    gates: ClassVar[int] = 3
    keeps: ClassVar[int | None] = 0
    candidate: ClassVar[int] = 2
    inner_bias: ClassVar[bool] = True

    def forward(self, A: np.ndarray, R: np.ndarray, bR: np.ndarray | None) -> Passed:
        assert bR is not None
        steps, batch, wide = A.shape
        units = wide // 3
        h = np.zeros((steps + 1, batch, units), A.dtype)
        kept = np.empty((steps, batch, 4 * units), A.dtype)
        for t in range(steps):
            S = h[t] @ R.T
            zr, n, inner = kept[t, :, : 2 * units], kept[t, :, 2 * units : wide], kept[t, :, wide:]
            # σ(a) = (1 + tanh(a / 2)) / 2: never overflows, and quicker than exp.
            np.add(A[t, :, : 2 * units], S[:, : 2 * units], out=zr)
            zr *= 0.5
            np.tanh(zr, out=zr)
            zr += 1
            zr *= 0.5
            np.add(S[:, 2 * units :], bR, out=inner)
            np.multiply(zr[:, units:], inner, out=n)
            n += A[t, :, 2 * units :]
            np.tanh(n, out=n)
            np.subtract(h[t], n, out=h[t + 1])
            h[t + 1] *= zr[:, :units]
            h[t + 1] += n
        return Passed(h, None, kept)

    def backward(self, passed: Passed, R: np.ndarray, bR: np.ndarray | None, last: np.ndarray) -> Back:
        h, steps, units = passed.h, len(passed.gates), passed.h.shape[2]
        z, r, n, inner = (passed.gates[:, :, at * units : (at + 1) * units] for at in range(4))
        # What dh is multiplied with on its way into z, n and r, for all steps at once.
        into_z, into_n, into_r = (h[:-1] - n) * z * (1 - z), (1 - z) * (1 - n**2), inner * r * (1 - r)
        dh = np.empty_like(h[1:])
        dA = np.empty((*dh.shape[:2], 3 * units), h.dtype)
        dS = np.empty_like(dA)  # by R h: for n it goes through r
        dh[-1] = last
        for t in range(steps - 1, -1, -1):
            dz, dr, dn = (dA[t, :, at * units : (at + 1) * units] for at in range(3))
            np.multiply(dh[t], into_z[t], out=dz)
            np.multiply(dh[t], into_n[t], out=dn)
            np.multiply(dn, into_r[t], out=dr)
            dS[t, :, : 2 * units] = dA[t, :, : 2 * units]
            np.multiply(dn, r[t], out=dS[t, :, 2 * units :])
            if t:
                np.matmul(dS[t], R, out=dh[t - 1])
                dh[t - 1] += dh[t] * z[t]
        flat = dS.reshape(-1, 3 * units)
        return Back(dA, dh, None, flat.T @ h[:-1].reshape(-1, units), flat[:, 2 * units :].sum(axis=0))
