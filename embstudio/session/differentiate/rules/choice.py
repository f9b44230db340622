"""Entries chosen by a condition or by size. Source: the operators' ONNX specifications.

Where two operands of Max or Min are the same each gets half, and at its limits Clip passes all on: as PyTorch does.
"""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, Pull, Rule, at, everything, single
from embstudio.session.differentiate.scaling import summed_to
from embstudio.session.differentiate.step import Step


def _where(step: Step) -> Pull:
    condition = np.asarray(step.given(0), bool)

    def pull(dy: np.ndarray) -> Gradients:
        found = {}
        if 1 in step.wanted:
            found[1] = summed_to(np.where(condition, dy, 0.0), step.shape(1))
        if 2 in step.wanted:
            found[2] = summed_to(np.where(condition, 0.0, dy), step.shape(2))
        return found

    return pull


def _clip(step: Step) -> Pull:
    if step.wanted - {0}:
        refuse(step.node, "its limits hang on the input")
    x = step.x(0)
    low = step.x(1) if step.has(1) else step.number("min", -np.inf)
    high = step.x(2) if step.has(2) else step.number("max", np.inf)
    inside = (x >= low) & (x <= high)
    return lambda dy: {0: np.where(inside, dy, 0.0)}


def _extreme(step: Step) -> Pull:
    y = step.y()
    hits = {
        place: np.broadcast_to(step.x(place) == y, y.shape)
        for place in range(len(step.node.inputs))
        if step.node.input(place)
    }
    count = np.maximum(sum(hit.astype(np.float64) for hit in hits.values()), 1)

    def pull(dy: np.ndarray) -> Gradients:
        return {place: summed_to(np.where(hits[place], dy / count, 0.0), step.shape(place)) for place in step.wanted}

    return pull


RULES: dict[str, Rule] = {
    "Where": single(_where, at(0)),
    "Clip": single(_clip, at(0, 1, 2)),
    "Max": single(_extreme, everything, outputs=(0,)),
    "Min": single(_extreme, everything, outputs=(0,)),
}
