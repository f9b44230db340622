"""How a gate or state of a recurrent layer comes about, with this step's numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.stepper.cell_activations import symbol
from embstudio.stepper.probe import Probe
from embstudio.stepper.working import Working, numbers, rounding, symbols
from embstudio.trace.points import Point
from embstudio.trace.trace import Trace

ROLES = frozenset("iofgchzrna")
START = "There is nothing before the first token: the state starts at 0 unless the model gives another."
TANH = Activation.named("Tanh")
INVERTED = "Worked backwards from the value: the weights that make this sum are not part of a trace."


class _Cell:
    """The values around one [pos, unit] of a recurrent layer."""

    def __init__(self, trace: Trace, point: Point, probe: Probe, activation: Activation | None) -> None:
        self.activation = activation  # None: not known
        self._trace, self._prefix = trace, point.prefix
        self._pos, self._unit = probe.index
        self._step = -1 if point.direction == "reverse" else 1
        self.observed = probe.value(trace)
        self.dtype = trace[probe.point].values.dtype
        self._steps = trace[probe.point].size("pos")

    def part(self, name: str) -> float | None:
        """A gate or state at the same token and unit; None where the trace does not hold it."""
        return self._at(name, self._pos)

    def before(self, name: str) -> float | None:
        """A state one token earlier in the direction of reading; 0 before the first."""
        return self._at(name, self._pos - self._step) if not self.first else 0.0

    @property
    def first(self) -> bool:
        """Whether this is the first token that the layer reads."""
        return not 0 <= self._pos - self._step < self._steps

    def _at(self, name: str, pos: int) -> float | None:
        point = f"{self._prefix}.{name}"
        return float(self._trace[point].values[pos, self._unit]) if point in self._trace else None


def recurrent_workings(
    trace: Trace, point: Point, probe: Probe, activation: Activation | None = None
) -> tuple[Working, ...]:
    """The working of one value of an lstm, gru or rnn point; empty where the trace holds too few of its parts.

    activation: that of the gate or of what is exposed. None: the usual one, and it is seen whether that fits.
    """
    family, part = point.kind.template.partition(".")[0], point.name.rpartition(".")[2]
    work = _WORK.get(f"{family}.{part}")
    return work(_Cell(trace, point, probe, activation)) if work else ()


def _memory(cell: _Cell) -> tuple[Working, ...]:
    """c = f · c₋₁ + i · g"""
    f, i, g, c = cell.part("f"), cell.part("i"), cell.part("g"), cell.before("c")
    if f is None or i is None or g is None or c is None:
        return ()
    return (
        Working(
            symbols("c = f · c₋₁ + i · g", ROLES),
            numbers(("f", f), " · ", ("c", c), " + ", ("i", i), " · ", ("g", g)),
            f * c + i * g,
            cell.observed,
            rounding(abs(f * c) + abs(i * g), cell.dtype),
            START if cell.first else "",
        ),
    )


def _exposed(cell: _Cell) -> tuple[Working, ...]:
    """h = o · tanh(c)"""
    o, c = cell.part("o"), cell.part("c")
    if o is None or c is None:
        return ()
    activation = cell.activation or TANH
    act, h = symbol(activation), o * _of(activation, c)
    return (
        Working(
            symbols(f"h = o · {act}(c)", ROLES),
            numbers(("o", o), f" · {act}(", ("c", c), ")"),
            h,
            cell.observed,
            rounding(abs(h), cell.dtype),
        ),
    )


def _blended(cell: _Cell) -> tuple[Working, ...]:
    """h = (1 − z) · n + z · h₋₁"""
    z, n, h = cell.part("z"), cell.part("n"), cell.before("h")
    if z is None or n is None or h is None:
        return ()
    return (
        Working(
            symbols("h = (1 − z) · n + z · h₋₁", ROLES),
            numbers("(1 − ", ("z", z), ") · ", ("n", n), " + ", ("z", z), " · ", ("h", h)),
            (1 - z) * n + z * h,
            cell.observed,
            rounding(abs(n) + abs(z * h), cell.dtype),
            START if cell.first else "",
        ),
    )


def _activated(cell: _Cell) -> tuple[Working, ...]:
    """h = tanh(a), or what the layer is known to do instead; relu(a) where only that fits."""
    a = cell.part("a")
    if a is None:
        return _from_tanh(cell)
    tolerance = rounding(abs(cell.observed), cell.dtype)
    if cell.activation is not None and cell.activation.name not in ("Tanh", "Relu"):
        act = symbol(cell.activation)
        return (
            Working(symbols(f"h = {act}(a)", ROLES), numbers(f"{act}(", ("a", a), ")"), _of(cell.activation, a),
                    cell.observed, tolerance),
        )  # fmt: skip
    tanh = Working(
        symbols("h = tanh(a)", ROLES), numbers("tanh(", ("a", a), ")"), math.tanh(a), cell.observed, tolerance
    )
    relu = Working(
        symbols("h = max(0, a)", ROLES), numbers("max(0, ", ("a", a), ")"), max(0.0, a), cell.observed, tolerance
    )
    if cell.activation is not None:
        return (relu,) if cell.activation.name == "Relu" else (tanh,)
    return (relu,) if relu.agrees and not tanh.agrees else (tanh,)


def _of(activation: Activation, x: float) -> float:
    return float(activation.of(np.array(x)))


def _from_sigmoid(cell: _Cell) -> tuple[Working, ...]:
    """a = ln(p / (1 − p)): what must have gone into σ."""
    p = cell.observed
    if not _may_be(cell, "Sigmoid") or not 0 < p < 1:
        return ()
    formula = symbols("sum = ln(gate / (1 − gate))", ROLES)
    return (Working(formula, numbers("ln(", p, " / (1 − ", p, "))"), math.log(p) - math.log1p(-p), note=INVERTED),)


def _from_tanh(cell: _Cell) -> tuple[Working, ...]:
    """a = artanh(g): what must have gone into tanh."""
    g = cell.observed
    if not _may_be(cell, "Tanh") or not -1 < g < 1:
        return ()
    return (Working(symbols("sum = artanh(value)", ROLES), numbers("artanh(", g, ")"), float(np.arctanh(g)),
                    note=INVERTED),)  # fmt: skip


def _may_be(cell: _Cell, name: str) -> bool:
    """Whether this may be the cell's activation. Others are not worked backwards."""
    return cell.activation is None or cell.activation.name == name


_WORK: dict[str, Callable[[_Cell], tuple[Working, ...]]] = {
    "lstm.c": _memory,
    "lstm.h": _exposed,
    "lstm.i": _from_sigmoid,
    "lstm.f": _from_sigmoid,
    "lstm.o": _from_sigmoid,
    "lstm.g": _from_tanh,
    "gru.z": _from_sigmoid,
    "gru.r": _from_sigmoid,
    "gru.n": _from_tanh,
    "gru.h": _blended,
    "rnn.h": _activated,
}
