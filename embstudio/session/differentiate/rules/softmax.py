"""Softmax and its logarithm. Source: the ONNX operators; before version 13 all axes from `axis` on are one."""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.rule import Gradients, Pull, Rule, single
from embstudio.session.differentiate.step import Step


def _axes(step: Step) -> tuple[int, ...]:
    """Of the gradient: those that the probabilities sum to 1 over."""
    rank = step.rank()
    if step.opset >= 13:
        return (step.integer("axis", -1) % rank + 1,)
    return tuple(range(step.integer("axis", 1) % max(rank, 1) + 1, rank + 1))


def _softmax(step: Step) -> Pull:
    """dx = y ⊙ (dy − Σ dy ⊙ y). A row that is masked throughout has no probabilities: nothing hangs on it, or NaN."""
    y, axes = step.y(), _axes(step)
    undefined = not np.isfinite(y).all()

    def pull(dy: np.ndarray) -> Gradients:
        dx = dy * y
        dx -= y * dx.sum(axis=axes, keepdims=True)
        if undefined:
            dx = np.where((dy != 0).any(axis=axes, keepdims=True), dx, 0.0)
        return {0: dx}

    return pull


def _log_softmax(step: Step) -> Pull:
    """dx = dy − eʸ Σ dy"""
    probabilities, axes = np.exp(step.y()), _axes(step)
    undefined = not np.isfinite(probabilities).all()

    def pull(dy: np.ndarray) -> Gradients:
        dx = dy - probabilities * dy.sum(axis=axes, keepdims=True)
        if undefined:
            dx = np.where((dy != 0).any(axis=axes, keepdims=True), dx, 0.0)
        return {0: dx}

    return pull


RULES: dict[str, Rule] = {
    "Softmax": single(_softmax, outputs=(0,)),
    "LogSoftmax": single(_log_softmax, outputs=(0,)),
}
