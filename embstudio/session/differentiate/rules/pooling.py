"""The largest or the mean of windows. Source: the ONNX operators MaxPool, AveragePool and the global ones.

Of equal entries the first counts as the largest, as in PyTorch.
"""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.copies import copied, entries
from embstudio.session.differentiate.rule import Pull, Rule, at, single
from embstudio.session.differentiate.step import Step
from embstudio.session.differentiate.windows import Windows


def _windows(step: Step) -> tuple[Windows, tuple[int, ...]]:
    """The windows, and how many there are along each axis."""
    kernel = tuple(step.integers("kernel_shape") or ())
    counts = step.out_shape()[2:]
    return Windows.of(step, kernel, counts), counts


def _max_pool(step: Step) -> Pull:
    shape = step.shape(0)
    windows, counts = _windows(step)
    pads = [(0, 0), (0, 0), *windows.pads]
    x, numbers = np.pad(step.x(0), pads, constant_values=-np.inf), np.pad(entries(shape), pads, constant_values=-1)
    best, source = np.full((*shape[:2], *counts), -np.inf), np.full((*shape[:2], *counts), -1)
    for place in np.ndindex(windows.kernel):
        met = windows.met(place, counts)
        larger = x[met] > best
        best, source = np.where(larger, x[met], best), np.where(larger, numbers[met], source)
    back = copied(source, shape)
    return lambda dy: {0: back(dy)}


def _average_pool(step: Step) -> Pull:
    """Padding counts as entries only where `count_include_pad` says so; what ceil_mode adds behind it never does."""
    shape = step.shape(0)
    windows, counts = _windows(step)
    inside = np.zeros(windows.padded)
    stated = Windows.of(step, windows.kernel)
    whole = tuple(slice(0, size) for size in stated.padded)
    inside[whole if step.integer("count_include_pad", 0) else windows.inner] = 1
    count = np.zeros(counts)
    for place in np.ndindex(windows.kernel):
        count += inside[windows.met(place, counts)]

    def pull(dy: np.ndarray) -> dict[int, np.ndarray]:
        dx, each = np.zeros((len(dy), *shape[:2], *windows.padded)), dy / np.maximum(count, 1)
        for place in np.ndindex(windows.kernel):
            dx[windows.met(place, counts)] += each
        return {0: dx[windows.inner]}

    return pull


def _global_max(step: Step) -> Pull:
    shape = step.shape(0)
    flat = step.x(0).reshape(*shape[:2], -1)
    numbers = entries(shape).reshape(flat.shape)
    back = copied(np.take_along_axis(numbers, flat.argmax(axis=-1)[..., None], axis=-1), shape)
    return lambda dy: {0: back(dy)}


def _global_average(step: Step) -> Pull:
    shape = step.shape(0)
    count = int(np.prod(shape[2:], dtype=np.int64))
    return lambda dy: {0: np.broadcast_to(dy / count, (len(dy), *shape))}


RULES: dict[str, Rule] = {
    "MaxPool": single(_max_pool, at(0), flat=(1,)),
    "AveragePool": single(_average_pool),
    "GlobalMaxPool": single(_global_max, at(0)),
    "GlobalAveragePool": single(_global_average),
}
