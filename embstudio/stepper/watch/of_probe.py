"""The value that a person points at, as an expression to watch or to stop at."""

from __future__ import annotations

from embstudio.stepper.probe import Probe
from embstudio.trace import points

_HEADS = ("head", "kv_head")


def watch_of(probe: Probe) -> str:
    """The expression for the same value at every token: `lstm.0.forward.c[17]`, `blocks.3.attn.pattern[2, 4]`."""
    axes = points.parse(probe.point).kind.axes
    index = probe.index
    if len(index) > 1 and axes[0] in _HEADS:
        return f"{probe.point}[{index[0]}, {index[-1]}]"
    return f"{probe.point}[{index[-1]}]"


def break_of(probe: Probe) -> str:
    """The condition that tells most: a change of sign, or, of what lies between 0 and 1, crossing the middle."""
    value = watch_of(probe)
    if points.parse(probe.point).kind.scale == "unit":
        return f"flips({value} > 0.5)"
    return f"changes_sign({value})"
