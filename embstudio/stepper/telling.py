"""The value that says most about where the cursor stands, for when nobody has pointed at one."""

from __future__ import annotations

from embstudio.stepper.cursor import Place
from embstudio.stepper.probe import Probe
from embstudio.trace.trace import Trace

_STATES = {"lstm": "c", "gru": "h", "rnn": "h"}


def probe_at(trace: Trace, point: str, place: Place) -> Probe | None:
    """The value of a point at the cursor, each axis as near to the place as the point has it; None where the trace
    does not hold the point or it is empty. An attention weight is that of the key attended to most."""
    if point not in trace or 0 in trace[point].shape:
        return None
    array = trace[point]
    wanted = {"pos": place.token, "query": place.token, "key": place.token, "head": place.head,
              "kv_head": place.head, "unit": place.unit}  # fmt: skip
    index = [min(wanted.get(axis, 0), size - 1) for axis, size in zip(array.axes, array.shape, strict=True)]
    if array.axes == ("head", "query", "key"):
        index[2] = int(array.values[index[0], index[1]].argmax())
    return Probe(point, tuple(index))


def telling_probe(trace: Trace, place: Place) -> Probe | None:
    """The memory or state of a recurrent layer, the strongest attention weight, or the word's own vector; None for
    a trace that holds nothing."""
    for point in _candidates(trace, place.layer):
        probe = probe_at(trace, point, place)
        if probe is not None:
            return probe
    return None


def _candidates(trace: Trace, layer: int) -> list[str]:
    """Points worth showing first, the cursor's own layer before the others."""
    at_layer = [
        *(f"{kind}.{layer}.{way}.{state}" for kind, state in _STATES.items() for way in ("forward", "reverse")),
        *(f"{stack}blocks.{layer}.attn.pattern" for stack in ("", "encoder.", "decoder.")),
    ]
    elsewhere = [name for kind, state in _STATES.items() for name in trace.points(kind, state)]
    return [*at_layer, *elsewhere, *trace.points("pattern"), "embed", "logits", *trace.arrays]
