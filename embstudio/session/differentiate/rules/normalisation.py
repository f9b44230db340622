"""Norms. Sources: the ONNX operators LayerNormalization, RMSNormalization, BatchNormalization, InstanceNormalization,
GroupNormalization and LpNormalization; onnxruntime's SimplifiedLayerNormalization and SkipLayerNormalization."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, Pull, PullSeveral, Rule, at, everything, single
from embstudio.session.differentiate.scaling import summed_to
from embstudio.session.differentiate.step import Step

Norm = tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]
"""What x becomes before it is scaled, and dx from the gradient of that."""


def centred(x: np.ndarray, axes: tuple[int, ...], epsilon: float) -> Norm:
    """x̂ = (x − mean x) / √(var x + ε):  dx = (g − mean g − x̂ mean(g x̂)) / √(var x + ε)"""
    shifted = x - x.mean(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt((shifted * shifted).mean(axis=axes, keepdims=True) + epsilon)
    normed = shifted * inverse
    of_gradient = tuple(axis + 1 for axis in axes)

    def pull(g: np.ndarray) -> np.ndarray:
        return np.asarray(
            inverse
            * (
                g
                - g.mean(axis=of_gradient, keepdims=True)
                - normed * (g * normed).mean(axis=of_gradient, keepdims=True)
            )
        )

    return normed, pull


def root_mean_square(x: np.ndarray, axes: tuple[int, ...], epsilon: float) -> Norm:
    """x̂ = x / √(mean x² + ε):  dx = (g − x̂ mean(g x̂)) / √(mean x² + ε)"""
    inverse = 1 / np.sqrt((x * x).mean(axis=axes, keepdims=True) + epsilon)
    normed = x * inverse
    of_gradient = tuple(axis + 1 for axis in axes)
    return normed, lambda g: inverse * (g - normed * (g * normed).mean(axis=of_gradient, keepdims=True))


def _last(step: Step, axis: int) -> tuple[int, ...]:
    return tuple(range(axis % step.rank(), step.rank()))


def _scaled(step: Step, norm: Norm, scale: np.ndarray | float, biased: bool) -> Pull:
    """y = x̂ ⊙ scale + bias, with scale and bias as inputs 1 and 2."""
    normed, back = norm

    def pull(dy: np.ndarray) -> Gradients:
        found = {}
        if 0 in step.wanted:
            found[0] = back(dy * scale)
        if 1 in step.wanted:
            found[1] = summed_to(dy * normed, step.shape(1))
        if 2 in step.wanted and biased:
            found[2] = summed_to(dy, step.shape(2))
        return found

    return pull


def _only_first(step: Step, pull: Pull) -> PullSeveral:
    """Where an operator hands out its mean and deviation too, nothing may hang on those."""

    def of_several(gradients: Sequence[np.ndarray | None]) -> Gradients:
        if any(each is not None for each in gradients[1:3]):
            refuse(step.node, "something hangs on the mean or the deviation that it hands out")
        return {} if gradients[0] is None else pull(gradients[0])

    return of_several


def _layer_norm(step: Step) -> PullSeveral:
    axes = _last(step, step.integer("axis", -1))
    norm = centred(step.x(0), axes, step.number("epsilon", 1e-5))
    return _only_first(step, _scaled(step, norm, step.x(1), biased=True))


def _rms_norm(step: Step) -> PullSeveral:
    axes = _last(step, step.integer("axis", -1))
    norm = root_mean_square(step.x(0), axes, step.number("epsilon", 1e-5))
    return _only_first(step, _scaled(step, norm, step.x(1), biased=False))


def _skip(norm_of: Callable[[np.ndarray, tuple[int, ...], float], Norm], bias_at: int) -> Rule:
    """norm(x + skip + bias), and that sum as the output 3."""

    def linearise(step: Step) -> PullSeveral:
        total = step.x(0) + step.x(1) + (step.x(bias_at) if step.has(bias_at) else 0.0)
        _, back = norm_of(total, (step.rank() - 1,), step.number("epsilon", 1e-12))
        scale = step.x(2)
        if step.wanted - {0, 1}:
            refuse(step.node, "its scale hangs on the input")

        def pull(gradients: Sequence[np.ndarray | None]) -> Gradients:
            if any(each is not None for each in gradients[1:3]):
                refuse(step.node, "something hangs on the mean or the deviation that it hands out")
            parts = [back(gradients[0] * scale)] if gradients[0] is not None else []
            parts += [each for each in gradients[3:4] if each is not None]
            return {place: summed_to(sum(parts[1:], parts[0]), step.shape(place)) for place in step.wanted if parts}

        return pull

    return Rule(linearise, everything)


def _per_channel(step: Step, place: int) -> np.ndarray:
    """[1, channel, 1, …] of the scale or bias of each channel."""
    return step.x(place).reshape(1, -1, *[1] * (step.rank() - 2))


def _batch_norm(step: Step) -> PullSeveral:
    """(x − mean) / √(var + ε) · scale + bias, with what was learned of mean and variance"""
    if step.integer("training_mode", 0) or step.wanted - {0}:
        refuse(step.node, "it is in training")
    factor = _per_channel(step, 1) / np.sqrt(_per_channel(step, 4) + step.number("epsilon", 1e-5))
    return _only_first(step, lambda dy: {0: dy * factor})


def _instance_norm(step: Step) -> Pull:
    _needs_constants(step)
    axes = tuple(range(2, step.rank()))
    norm = centred(step.x(0), axes, step.number("epsilon", 1e-5))
    return _scaled(step, norm, _per_channel(step, 1), biased=False)


def _group_norm(step: Step) -> Pull:
    """Source: version 21, with a scale for each channel; in 18 there is one for each group."""
    _needs_constants(step)
    shape, groups = step.shape(0), step.integer("num_groups", 1)
    grouped = (shape[0], groups, shape[1] // groups, *shape[2:])
    _, back = centred(step.x(0).reshape(grouped), tuple(range(2, len(grouped))), step.number("epsilon", 1e-5))
    scale = step.x(1)
    if len(scale) == groups != shape[1]:
        scale = np.repeat(scale, shape[1] // groups)
    scale = scale.reshape(1, -1, *[1] * (len(shape) - 2))
    return lambda dy: {0: back((dy * scale).reshape(len(dy), *grouped)).reshape(dy.shape)}


def _needs_constants(step: Step) -> None:
    if step.wanted - {0}:
        refuse(step.node, "its scale hangs on the input")


def _lp_norm(step: Step) -> Pull:
    """x / ‖x‖ₚ:  dx = (g − y Σ g y) / ‖x‖₂, or (g − sign x Σ g y) / ‖x‖₁"""
    x, axis = step.x(0), step.integer("axis", -1) % step.rank()
    first = step.integer("p", 2) == 1
    length = np.abs(x).sum(axis, keepdims=True) if first else np.sqrt((x * x).sum(axis, keepdims=True))
    inverse = np.where(length == 0, 0.0, 1 / np.where(length == 0, 1.0, length))
    y = x * inverse
    direction = np.sign(x) if first else y
    return lambda dy: {0: inverse * (dy - direction * (dy * y).sum(axis + 1, keepdims=True))}


def _mean_variance(step: Step) -> Pull:
    """(x − mean x) / √(var x + 1e-9)"""
    axes = tuple(axis % step.rank() for axis in step.integers("axes") or (0, 2, 3))
    _, back = centred(step.x(0), axes, 1e-9)
    return lambda dy: {0: back(dy)}


RULES: dict[str, Rule] = {
    "LayerNormalization": Rule(_layer_norm, at(0, 1)),
    "RMSNormalization": Rule(_rms_norm, at(0, 1)),
    "SimplifiedLayerNormalization": Rule(_rms_norm, at(0, 1)),
    "com.microsoft.SkipLayerNormalization": _skip(centred, 4),
    "com.microsoft.SkipSimplifiedLayerNormalization": _skip(root_mean_square, 3),
    "BatchNormalization": Rule(_batch_norm, at(1, 4)),
    "InstanceNormalization": single(_instance_norm, at(0, 1)),
    "GroupNormalization": single(_group_norm, at(0, 1)),
    "LpNormalization": single(_lp_norm, at(0)),
    "MeanVarianceNormalization": single(_mean_variance, at(0)),
}
