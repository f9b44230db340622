"""Gradients in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from embstudio.gui.style.numbers import four_of_log10
from embstudio.stepper.gradient_curves import Curve, Scale

WAYS = {"forward": "→", "reverse": "←"}


def share(value: float) -> str:
    """A share, of which the log10 is given: 3.2 %, 1.83 times, nothing."""
    if math.isnan(value):
        return "–"
    if value == -math.inf:
        return "nothing"
    if value > 0.002:
        size = 10.0 ** min(value, 300.0)
        return f"{four_of_log10(value) if size >= 1000 else f'{size:.3g}'} times"
    percent = 10.0 ** (value + 2) if value > -300 else 0.0
    return f"{percent:.3g} %" if percent >= 0.001 else f"{four_of_log10(value + 2)} %"


def number(value: float) -> str:
    """A norm, of which the log10 is given, as tables write it."""
    if math.isnan(value):
        return ""
    return "nothing" if value == -math.inf else four_of_log10(value)


def said(value: float, scale: Scale) -> str:
    """A value of a curve that is divided as `scale` says."""
    return number(value) if scale is Scale.ABSOLUTE else share(value)


def steps_apart(column: int, last: int) -> str:
    """10 steps before."""
    away = abs(last - column)
    return f"{away} step{'' if away == 1 else 's'} {'before' if column < last else 'after'}"


def tell_curves(
    curves: Sequence[Curve], labels: Sequence[str], column: int, last: int, scale: Scale, *, of_states: bool
) -> str:
    """What of a change at a column arrives at T, curve by curve.

    Of a state's change a share is what is left of it; anything else is only so large beside another change.
    """
    here, there = f"‘{labels[column]}’", f"‘{labels[last]}’"
    values = [(curve, curve.value_at(column)) for curve in curves]
    models = [(curve, value) for curve, value in values if curve.role != "power" and not math.isnan(value)]
    plain = [(curve, value) for curve, value in values if curve.role == "power" and not math.isnan(value)]
    if not models and column <= last:
        return f"no curve has a value at {here}"
    if not models:
        return f"{here} is read after {there}: nothing of it can arrive there"
    if column == last:
        return f"looking back from {there} (token {last + 1})"
    told = " · ".join(f"{curve.label} {said(value, scale)}" for curve, value in models)
    factors = [factor for curve, _ in models if (factor := curve.factor_at(column)) is not None]
    if len(models) == 1 and factors:
        told += f" (as if each step kept {factors[0]:.3g})"
    for curve, value in plain:
        told += f" · plain {curve.label} {said(value, scale)}"
    if scale is Scale.ABSOLUTE:
        return f"from {here}, {steps_apart(column, last)}, to {there}: {told}"
    if of_states and scale is Scale.SHARE:
        return f"of a change at {here}, {steps_apart(column, last)}, arrives at {there}: {told}"
    beside = f"{there} itself" if scale is Scale.SHARE else f"the token just before {there}"
    return f"beside a change at {beside}, one at {here}, {steps_apart(column, last)}, counts: {told}"


def tooltip(curves: Sequence[Curve], labels: Sequence[str], column: int, last: int, scale: Scale) -> str:
    """Every curve's value at a column, a line each."""
    lines = [f"‘{labels[column]}’ (token {column + 1}) → ‘{labels[last]}’ (token {last + 1})"]
    for curve in curves:
        value = curve.value_at(column)
        if math.isnan(value):
            continue
        factor = curve.factor_at(column)
        each = f", as if each step kept {factor:.4g}" if factor is not None and curve.role != "power" else ""
        lines.append(f"{curve.title}: {said(value, scale)}{each}")
    return "\n".join(lines)


def layer_of(prefix: str) -> str:
    """A layer of a recurrent model, or one of its directions: "lstm 0", "lstm 0 forward →"."""
    kind, layer, *way = prefix.split(".")
    return " ".join((kind, layer, *(f"{direction} {WAYS.get(direction, '')}".strip() for direction in way)))
