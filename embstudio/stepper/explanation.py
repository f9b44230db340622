"""A value explained: where it stands, what it means, and how it comes from other values of the same step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.formulas.attention import softmax
from embstudio.stepper import attention_working, recurrent_working, residual_working
from embstudio.stepper.cell_activations import symbol
from embstudio.stepper.class_readout import class_readout
from embstudio.stepper.probe import Probe
from embstudio.stepper.working import Piece, Working, numbers, symbols
from embstudio.trace import points
from embstudio.trace.axes import AXES, TOKEN_AXES
from embstudio.trace.places import tokens_at
from embstudio.trace.points import Point
from embstudio.trace.trace import Provenance, Trace

PLAIN_PROVENANCE = {
    Provenance.OBSERVED: "onnxruntime returned this number",
    Provenance.RECOMPUTED: "worked out from the weights and observed inputs, and checked against an observed output",
}
# Nothing in a model that ends in the tokens' vectors could be held against it.
POOLED_HERE = "worked out, in float64, from the vectors of the tokens that onnxruntime returned"

APART = "Each class is judged by itself: worked out from the score that was observed."
BARE = "Only if the model was trained to be read so: its file does not say that this score stands for a probability."


@dataclass(frozen=True)
class Coordinate:
    """An index on one axis. label: the token's text, the class's or the vocabulary entry's name; may be empty."""

    axis: str
    index: int
    label: str = ""


@dataclass(frozen=True)
class Explanation:
    """All there is to say of one value. exactly: the shortest text that gives it back in its own precision."""

    point: str
    coordinates: tuple[Coordinate, ...]
    value: float
    exactly: str
    dtype: str
    provenance: Provenance
    meaning: str
    formula: tuple[Piece, ...]
    workings: tuple[Working, ...]

    @property
    def source(self) -> str:
        """The provenance in plain words."""
        if self.point == "pooled" and self.provenance is Provenance.RECOMPUTED:
            return POOLED_HERE
        return PLAIN_PROVENANCE[self.provenance]


def explain(
    trace: Trace,
    probe: Probe,
    names: Mapping[str, Sequence[str]] | None = None,
    activation: Activation | None = None,
) -> Explanation:
    """Explain the value that a probe points at.

    names: what the entries of other axes than the tokens are called: {"class": labels, "vocab": vocabulary}.
    activation: of a recurrent layer's gate or state, where it is known.
    Raises KeyError or IndexError if the trace does not hold the value, ValueError if the point's name is unknown.
    """
    point = points.parse(probe.point)
    array = trace[probe.point]
    return Explanation(
        point=probe.point,
        coordinates=tuple(
            Coordinate(axis, index, _label(trace, probe.point, axis, index, names or {}))
            for axis, index in zip(array.axes, probe.index, strict=True)
        ),
        value=probe.value(trace),
        exactly=str(array.values[probe.index]),
        dtype=str(array.values.dtype),
        provenance=trace.provenance[probe.point],
        meaning=point.kind.meaning,
        formula=symbols(_formula(point, activation), _roles(point)),
        workings=_workings(trace, point, probe, activation),
    )


def axis_meaning(axis: str) -> str:
    """What an axis runs over, from the one glossary."""
    return AXES[axis]


def _label(trace: Trace, point: str, axis: str, index: int, names: Mapping[str, Sequence[str]]) -> str:
    if axis == "pos":
        return "".join(token.text for token in tokens_at(trace, point, index))
    if axis in TOKEN_AXES:
        tokens = trace.along(point, axis)
        return tokens[index].text if index < len(tokens) else ""
    known = names.get(axis, ())
    return known[index] if index < len(known) else ""


def _is_recurrent(point: Point) -> bool:
    return point.direction is not None


def _roles(point: Point) -> frozenset[str]:
    return recurrent_working.ROLES if _is_recurrent(point) else attention_working.ROLES


def _formula(point: Point, activation: Activation | None) -> str:
    """The point's formula, with the activation that the layer is known to have in place of the usual one."""
    formula = point.kind.formula
    if activation is None or not _is_recurrent(point):
        return formula
    usual = "σ(" if "σ(" in formula else "tanh("
    return formula.replace(usual, f"{symbol(activation)}(")


def _workings(trace: Trace, point: Point, probe: Probe, activation: Activation | None) -> tuple[Working, ...]:
    if _is_recurrent(point):
        return recurrent_working.recurrent_workings(trace, point, probe, activation)
    if point.name.endswith(".sum"):
        return residual_working.residual_workings(trace, point, probe)
    if ".attn." in point.name or ".cross_attn." in point.name:
        return attention_working.attention_workings(trace, point, probe)
    if point.kind.template.startswith("blocks.{layer}.resid"):
        return residual_working.residual_workings(trace, point, probe)
    return _probability(trace, probe) if point.name == "logits" else ()


def _probability(trace: Trace, probe: Probe) -> tuple[Working, ...]:
    """p = exp(x) / Σ exp(x) over all classes or the whole vocabulary; σ(x) of a class that is judged by itself."""
    logits = trace[probe.point]
    if logits.axes[-1] not in ("class", "vocab"):
        return ()
    readout = class_readout(trace)
    if readout is not None and readout.given:
        return ()  # a probability already
    if readout is not None and readout.apart:
        x = float(logits.values[probe.index])
        name = "σ(score)" if readout.bare else "probability"
        return (
            Working(
                (Piece(f"{name} = 1 / (1 + exp(−score))"),),
                numbers("1 / (1 + exp(−(", x, ")))"),
                float(readout.of(np.array(x))),
                note=BARE if readout.bare else APART,
            ),
        )
    row = logits.values[probe.index[:-1]].astype(np.float64)
    return (
        Working(
            (Piece("probability = exp(logit) / Σ exp(logits)"),),
            numbers("exp(", float(row[probe.index[-1]]), f") / Σ over {len(row)}"),
            float(softmax(row)[probe.index[-1]]),
            note="The probability is worked out from the logits that were observed.",
        ),
    )
