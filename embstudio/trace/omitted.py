"""What a trace had no room for, in words."""

from __future__ import annotations

from embstudio.trace.points import parse
from embstudio.trace.trace import Trace


def omitted_in_words(trace: Trace) -> str:
    """One sentence: how much was left out and which points, layers taken together; "" where nothing was."""
    if not trace.omitted:
        return ""
    layers: dict[str, list[int]] = {}
    for name in trace.omitted:
        point = parse(name)
        stack = f"{point.stack}." if point.stack else ""
        layers.setdefault(stack + point.kind.template, []).append(point.layer or 0)
    listed = ", ".join(kind.replace("{layer}", _span(found)) for kind, found in layers.items())
    whole = trace.nbytes + sum(trace.omitted.values())
    return f"Of {_mebibytes(whole)} only {_mebibytes(trace.nbytes)} are captured; left out: {listed}."


def _span(layers: list[int]) -> str:
    return str(layers[0]) if len(layers) == 1 else f"{min(layers)}-{max(layers)}"


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
