"""Convolution over any number of axes. Source: the ONNX operator Conv."""

from __future__ import annotations

from typing import Any

import numpy as np

from embstudio.session.differentiate.rule import Gradients, Pull, Rule, others, single
from embstudio.session.differentiate.step import Shape, Step


def _pads(step: Step, sizes: Shape, kernel: Shape, strides: list[int], dilations: list[int]) -> list[tuple[int, int]]:
    """Before and after each axis."""
    auto, count = step.text("auto_pad", "NOTSET"), len(sizes)
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        found = []
        for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
            total = max(0, (-(-size // stride) - 1) * stride + (width - 1) * dilation + 1 - size)
            less, more = total // 2, total - total // 2
            found.append((less, more) if auto == "SAME_UPPER" else (more, less))
        return found
    given = step.integers("pads") if auto == "NOTSET" else None
    given = given or [0] * 2 * count
    return list(zip(given[:count], given[count:], strict=True))


def _conv(step: Step) -> Pull:
    """y[o, p] = Σ_{c, k} W[o, c, k] x[c, p · stride + k · dilation − pad]: one product for each place of the kernel."""
    x_shape, w_shape = step.shape(0), step.shape(1)
    sizes, kernel, groups = x_shape[2:], w_shape[2:], step.integer("group", 1)
    strides, dilations = step.integers("strides") or [1] * len(sizes), step.integers("dilations") or [1] * len(sizes)
    pads = _pads(step, sizes, kernel, strides, dilations)
    batch, channels = x_shape[:2]
    padded = tuple(size + sum(pad) for size, pad in zip(sizes, pads, strict=True))
    grouped = (groups, channels // groups)
    W = step.x(1).reshape(groups, w_shape[0] // groups, w_shape[1], *kernel) if 0 in step.wanted else None
    X = None
    if 1 in step.wanted:
        X = np.pad(step.x(0), [(0, 0), (0, 0), *pads]).reshape(batch, *grouped, *padded)

    def window(place: tuple[int, ...], counts: Shape) -> tuple[Any, ...]:
        """The entries of the padded input that this place of the kernel meets."""
        return ..., *(
            slice(at * dilation, at * dilation + (count - 1) * stride + 1, stride)
            for at, dilation, count, stride in zip(place, dilations, counts, strides, strict=True)
        )

    def pull(dy: np.ndarray) -> Gradients:
        seeds, counts, found = len(dy), dy.shape[3:], {}
        rows = dy.reshape(seeds, batch, groups, w_shape[0] // groups, *counts)
        if W is not None:
            dx = np.zeros((seeds, batch, *grouped, *padded))
            for place in np.ndindex(kernel):
                part = np.einsum("goc,sbgo...->sbgc...", W[(..., *place)], rows, optimize=True)
                dx[window(place, counts)] += part
            inner: tuple[Any, ...] = tuple(
                slice(before, before + size) for (before, _), size in zip(pads, sizes, strict=True)
            )
            found[0] = dx.reshape(seeds, batch, channels, *padded)[(..., *inner)]
        if X is not None:
            dw = np.zeros((seeds, groups, w_shape[0] // groups, w_shape[1], *kernel))
            for place in np.ndindex(kernel):
                met = X[window(place, counts)].reshape(batch, *grouped, -1)
                flat = rows.reshape(*rows.shape[:4], -1)
                dw[(..., *place)] = np.einsum("bgcp,sbgop->sgoc", met, flat, optimize=True)
            found[1] = dw.reshape(seeds, *w_shape)
        if 2 in step.wanted:
            found[2] = dy.sum(axis=(1, *range(3, dy.ndim)))
        return found

    return pull


RULES: dict[str, Rule] = {"Conv": single(_conv, others)}
