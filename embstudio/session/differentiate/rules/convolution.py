"""Convolution over any number of axes. Source: the ONNX operator Conv."""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.rule import Gradients, Pull, Rule, others, single
from embstudio.session.differentiate.step import Step
from embstudio.session.differentiate.windows import Windows


def _conv(step: Step) -> Pull:
    """y[o, p] = Σ_{c, k} W[o, c, k] x[c, p · stride + k · dilation − pad]: one product for each place of the kernel."""
    (batch, channels), w_shape = step.shape(0)[:2], step.shape(1)
    kernel, groups = w_shape[2:], step.integer("group", 1)
    windows = Windows.of(step, kernel)
    grouped = (groups, channels // groups)
    W = step.x(1).reshape(groups, w_shape[0] // groups, w_shape[1], *kernel) if 0 in step.wanted else None
    X = None
    if 1 in step.wanted:
        X = np.pad(step.x(0), [(0, 0), (0, 0), *windows.pads]).reshape(batch, *grouped, *windows.padded)

    def pull(dy: np.ndarray) -> Gradients:
        seeds, counts, found = len(dy), dy.shape[3:], {}
        rows = dy.reshape(seeds, batch, groups, w_shape[0] // groups, *counts)
        if W is not None:
            dx = np.zeros((seeds, batch, *grouped, *windows.padded))
            for place in np.ndindex(kernel):
                part = np.einsum("goc,sbgo...->sbgc...", W[(..., *place)], rows, optimize=True)
                dx[windows.met(place, counts)] += part
            found[0] = dx.reshape(seeds, batch, channels, *windows.padded)[windows.inner]
        if X is not None:
            dw = np.zeros((seeds, groups, w_shape[0] // groups, w_shape[1], *kernel))
            for place in np.ndindex(kernel):
                met = X[windows.met(place, counts)].reshape(batch, *grouped, -1)
                flat = rows.reshape(*rows.shape[:4], -1)
                dw[(..., *place)] = np.einsum("bgcp,sbgop->sgoc", met, flat, optimize=True)
            found[1] = dw.reshape(seeds, *w_shape)
        if 2 in step.wanted:
            found[2] = dy.sum(axis=(1, *range(3, dy.ndim)))
        return found

    return pull


RULES: dict[str, Rule] = {"Conv": single(_conv, others)}
