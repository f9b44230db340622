"""What of a trace can be stepped through: a model that takes several tokens together has fewer places than tokens."""

from __future__ import annotations

from dataclasses import replace

from embstudio.trace.trace import Trace


def by_token(trace: Trace) -> Trace:
    """The trace without the points that have another number of positions than there are tokens; a note names them.

    A trace without tokens (its inputs were not token ids) is left as it is.
    """
    unlike = {name: places for name in trace.arrays if (places := _places(trace, name)) is not None}
    if not unlike:
        return trace
    first = next(iter(unlike))
    others = len(unlike) - 1
    many = first if not others else f"{first} and {others} more like it"
    places, tokens = unlike[first], len(trace.along(first, "pos"))
    note = (
        f"Not shown, since the model takes several tokens together before it: {many}, with {places} positions for "
        f"{tokens} tokens. `embstudio trace` saves them."
    )
    kept = {name: array for name, array in trace.arrays.items() if name not in unlike}
    provenance = {name: trace.provenance[name] for name in kept}
    return replace(trace, arrays=kept, provenance=provenance, notes=(*trace.notes, note))


def _places(trace: Trace, name: str) -> int | None:
    """The number of positions of a point where it is not that of the tokens."""
    array = trace[name]
    if "pos" not in array.axes:
        return None
    tokens, places = len(trace.along(name, "pos")), array.size("pos")
    return places if tokens not in (0, places) else None
