"""The discrete Fourier transform, which is linear. Source: the ONNX operator DFT (axis: an input from version 20)."""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Pull, Rule, at, single
from embstudio.session.differentiate.step import Step


def _dft(step: Step) -> Pull:
    """y = F x with a real or complex x, whose last axis holds (real, imaginary): dx = the conjugate transpose of F."""
    shape = step.shape(0)
    if step.integer("onesided", 0):
        refuse(step.node, "it gives one side of the spectrum only")
    axis = step.integer("axis", 1) if step.opset < 20 else -2
    axis = (int(np.ravel(step.given(2))[0]) if step.has(2) else axis) % len(shape)
    inverse = bool(step.integer("inverse", 0))

    def pull(dy: np.ndarray) -> dict[int, np.ndarray]:
        length, kept = dy.shape[axis + 1], min(dy.shape[axis + 1], shape[axis])
        g = dy[..., 0] + 1j * dy[..., 1]
        # F is symmetric, so its conjugate transpose is the inverse but for the length, and the other way round.
        back = np.fft.fft(g, axis=axis + 1) / length if inverse else np.fft.ifft(g, axis=axis + 1) * length
        back = np.take(back, range(kept), axis=axis + 1)
        dx = np.zeros((len(dy), *shape))
        place = (slice(None),) * (axis + 1) + (slice(kept),)
        dx[place] = np.stack([back.real, back.imag], axis=-1)[..., : shape[-1]]
        return {0: dx}

    return pull


RULES: dict[str, Rule] = {"DFT": single(_dft, at(1, 2))}
