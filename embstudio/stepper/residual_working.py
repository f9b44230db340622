"""How a value of the residual stream adds up: which terms may make it, and which of the orders agrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.precision import rounding_of
from embstudio.stepper.probe import Probe
from embstudio.stepper.working import Piece, Working, numbers
from embstudio.trace.points import Point
from embstudio.trace.trace import Trace


@dataclass(frozen=True)
class VectorSum:
    """A vector of the stream as a sum of others at one position.

    difference: the largest over all units of |Σ terms − observed|. tolerance: how far rounding separates the two there.
    """

    terms: tuple[str, ...]
    difference: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        return self.difference <= self.tolerance


def residual_workings(trace: Trace, point: Point, probe: Probe) -> tuple[Working, ...]:
    """The sum that makes a value of the residual stream. Of the orders in which blocks add up, the one that agrees.

    None for a vector that a norm makes of a sum (post-norm): that sum is a point of its own.
    """
    found = []
    for terms in residual_sums(point):
        if all(name in trace for name in terms):
            values = [float(trace[name].values[probe.index]) for name in terms]
            found.append(_sum_of(trace, probe, terms, values))
    agreeing = [working for working in found if working.agrees]
    if not agreeing and _normed(trace, point):
        return ()
    return tuple(agreeing[:1] or found[:1])


def vector_sum(trace: Trace, point: Point, pos: int) -> VectorSum | None:
    """The same for the whole vector at a position; None where the trace holds the terms of no such sum."""
    found = []
    for terms in residual_sums(point):
        if point.name in trace and all(name in trace for name in terms):
            rows = np.array([trace[name].values[pos] for name in terms], dtype=np.float64)
            observed = trace[point.name].values
            apart = np.abs(rows.sum(axis=0) - observed[pos])
            worst = int(apart.argmax())
            tolerance = rounding_of(float(np.abs(rows[:, worst]).sum()), observed)
            found.append(VectorSum(tuple(terms), float(apart[worst]), tolerance))
    agreeing = [each for each in found if each.agrees]
    return next(iter(agreeing or found), None)


def residual_sums(point: Point) -> list[list[str]]:
    """Terms that may make this point: one after the other, with cross-attention, or both in parallel."""
    at, part = point.prefix, point.name.rpartition(".")[2]
    if part == "sum":
        block, _, kind = at.rpartition(".")
        before = {"attn": ("resid_pre",), "cross_attn": ("resid_mid",)}.get(kind, ("resid_cross", "resid_mid"))
        return [[f"{block}.{name}", f"{at}.out"] for name in before]
    if part == "resid_pre":
        before_at = at[: at.rindex(".")] + f".{(point.layer or 0) - 1}"
        stack = f"{point.stack}." if point.stack else ""
        first = [["embed"], ["embed", "pos_embed"]]
        if point.layer:
            return [[f"{before_at}.resid_post"]]
        return [[stack + name for name in terms] for terms in first] + (first if stack else [])
    if part == "resid_mid":
        return [
            [f"{at}.resid_pre", f"{at}.attn.out"],
            [f"{at}.resid_pre", f"{at}.attn.out", f"{at}.cross_attn.out"],
        ]
    if part == "resid_cross":
        return [[f"{at}.resid_mid", f"{at}.cross_attn.out"]]
    return [
        [f"{at}.resid_cross", f"{at}.mlp.out"],
        [f"{at}.resid_mid", f"{at}.mlp.out"],
        [f"{at}.resid_pre", f"{at}.attn.out", f"{at}.mlp.out"],
    ]


def short(name: str) -> str:
    """`attn.out` of `blocks.3.attn.out`; the layer of a block before is kept: `3.resid_post`."""
    name = name.removeprefix("encoder.").removeprefix("decoder.")
    return name.split(".", 2)[2] if name.startswith("blocks.") else name


def _normed(trace: Trace, point: Point) -> bool:
    """Whether the model adds up first and makes the vector by a norm of that."""
    made_by = {"resid_mid": "attn.sum", "resid_cross": "cross_attn.sum", "resid_post": "mlp.sum"}
    part = made_by.get(point.name.rpartition(".")[2], "")
    return bool(part) and f"{point.prefix}.{part}" in trace


def _sum_of(trace: Trace, probe: Probe, terms: list[str], values: list[float]) -> Working:
    observed, total = probe.value(trace), sum(values)
    tolerance = rounding_of(sum(map(abs, values)), trace[probe.point].values)
    rest = observed - total
    note = ""
    if terms == ["embed"] and abs(rest) > tolerance:
        note = f"What remains is {signed(rest)}: the vector of the position, where the model adds one."
    pieces: list[str | float | tuple[str, float]] = []
    for value in values:
        pieces += [" + ", value] if pieces else [value]
    return Working(
        (Piece(f"{short(probe.point)} = " + " + ".join(map(short, terms))),),
        numbers(*pieces),
        total,
        observed,
        tolerance,
        note,
    )


def signed(value: float) -> str:
    """+0.1234 or −0.1234."""
    return f"{value:+.4g}".replace("-", "−")
