"""Split: several outputs, each a piece of the input. Source: the ONNX operator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.session.differentiate.rule import Gradients, PullSeveral, Rule, at
from embstudio.session.differentiate.step import Step


def _split(step: Step) -> PullSeveral:
    shape, count = step.shape(0), len(step.node.outputs)
    axis = step.integer("axis", 0) % len(shape)
    sizes = step.numbers_at(1, "split")
    if not sizes:
        each = -(-shape[axis] // (step.integer("num_outputs", count) or count))
        sizes = [min(each, shape[axis] - at * each) for at in range(count)]
    ends = np.cumsum(sizes)

    def pull(gradients: Sequence[np.ndarray | None]) -> Gradients:
        seeds = next((len(each) for each in gradients if each is not None), 0)
        dx = np.zeros((seeds, *shape))
        for part, end, size in zip(gradients, ends, sizes, strict=True):
            if part is not None:
                dx[(slice(None),) * (axis + 1) + (slice(end - size, end),)] = part
        return {0: dx}

    return pull


RULES: dict[str, Rule] = {"Split": Rule(_split, at(1))}
