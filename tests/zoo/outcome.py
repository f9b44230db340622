"""What became of one model of the zoo: opened, traced, and compared with PyTorch and with itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from embstudio.base.errors import StudioError
from embstudio.session.messages import Finding, ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Trace
from tests.zoo.case import Step, ZooCase

_POINTS = ("*.pattern", "*.resid_pre", "*.resid_post", "*final_norm")


@dataclass
class Outcome:
    """patterns, stream: the largest difference from PyTorch's; None where there is nothing to compare.

    problem: why the model could not be opened or run, as the person reads it.
    surplus, missing: names of attentions that PyTorch does not have, or that were not found.
    """

    layers: int = 0
    heads: int | None = None
    patterns: float | None = None
    stream: float | None = None
    surplus: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    repairs: tuple[str, ...] = ()
    said: tuple[str, ...] = field(default=())

    @property
    def broken_laws(self) -> tuple[str, ...]:
        return tuple(f"{finding.law} ({finding.where}: {finding.worst:.2g})" for finding in self.findings
                     if not finding.holds)  # fmt: skip

    def right(self, exact: bool) -> bool:
        """All attentions found and no other, the laws hold, and, where it is exact, the numbers are PyTorch's."""
        near = all(value is None or value <= 1e-4 for value in (self.patterns, self.stream))
        return not (self.problem or self.surplus or self.missing or self.broken_laws) and (near or not exact)


def examine(case: ZooCase) -> Outcome:
    """Open a model and run every step of its reference."""
    outcome = Outcome()
    try:
        ref = ModelRef(case.path)
        runner = Runner.open(ref)
        opened = runner.opened
        outcome.layers = len(opened.anatomy.blocks)
        outcome.heads = next((each.heads for block in opened.anatomy.blocks for each in block.attention), None)
        outcome.findings = opened.findings
        outcome.repairs = opened.repairs
        outcome.said = (*opened.repairs, *opened.notes, *opened.anatomy.unrecognised)
        for step in case.steps:
            _compare(outcome, step, runner.trace(TraceRequest(ref, feeds=step.feeds, points=_POINTS)))
    except StudioError as error:
        outcome.problem = f"{error.what} {error.where or ''} {error.detail or ''}".strip()
    return outcome


def _compare(outcome: Outcome, step: Step, trace: Trace) -> None:
    found = {name for name in trace.arrays if name.endswith(".pattern")}
    # An encoder alone is a model of its own: its blocks have no stack's name.
    named = {_as_named(name, found): value for name, value in step.patterns.items()}
    outcome.surplus += tuple(sorted(found - set(named))) if named else ()
    outcome.missing += tuple(sorted(set(named) - found))
    outcome.patterns = _worst(outcome.patterns, trace, {name: named[name] for name in found & set(named)})
    outcome.stream = _worst(outcome.stream, trace, _stream(step, trace))


def _as_named(name: str, found: set[str]) -> str:
    bare = name.removeprefix("encoder.")
    return bare if name not in found and bare in found else name


def _stream(step: Step, trace: Trace) -> dict[str, np.ndarray]:
    """The reference's hidden states by point: its last one is after the final norm, where there is such a norm."""
    points = {}
    for name, value in step.stream.items():
        stack, _, place = name.rpartition("last")
        if place == "" and name.endswith("last"):
            ends = [point for point in (f"{stack}final_norm", _last_post(stack, trace)) if point in trace]
            # Without a final norm the last hidden state is the stream itself; a head may also read it unnormalised.
            near = [point for point in ends if trace[point].values.shape == value.shape]
            if near:
                points[min(near, key=lambda point: _difference(trace[point].values, value))] = value
        elif name in trace:
            points[name] = value
        elif name.removeprefix("encoder.") in trace:
            points[name.removeprefix("encoder.")] = value
    return points


def _last_post(stack: str, trace: Trace) -> str:
    posts = [name for name in trace.arrays if name.startswith(f"{stack}blocks.") and name.endswith(".resid_post")]
    return max(posts, key=lambda name: int(name.split(".")[-2]), default="")


def _worst(before: float | None, trace: Trace, expected: Mapping[str, np.ndarray]) -> float | None:
    differences = [_difference(trace[name].values, value) for name, value in expected.items()]
    return max([*differences, *([] if before is None else [before])], default=None)


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).max(initial=0.0)) if a.shape == b.shape else float("inf")
