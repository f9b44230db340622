"""What of a trace can be stepped through: a model that takes several tokens together has fewer places than tokens."""

from __future__ import annotations

from dataclasses import replace

from embstudio.trace.places import taken_together
from embstudio.trace.trace import Trace

_RECURRENT = ("rnn.", "gru.", "lstm.")  # what is drawn by its own positions, each shared by several tokens


def by_token(trace: Trace) -> Trace:
    """The trace without the points that have another number of positions than there are tokens; a note names them.
    Gates and states of recurrent layers stay where each position belongs to a whole number of tokens, which is said.

    A trace without tokens (its inputs were not token ids) is left as it is.
    """
    unlike = {name: places for name in trace.arrays if (places := _places(trace, name)) is not None}
    if not unlike:
        return trace
    shared = {name: each for name in unlike if name.startswith(_RECURRENT) and (each := taken_together(trace, name))}
    left_out = {name: places for name, places in unlike.items() if name not in shared}
    notes = [
        f"{each} tokens share each step of {', '.join(_layers(shared, each))}, since the model takes them together."
        for each in sorted(set(shared.values()))
    ]
    if left_out:
        notes.append(_left_out_in_words(trace, left_out))
    kept = {name: array for name, array in trace.arrays.items() if name not in left_out}
    provenance = {name: trace.provenance[name] for name in kept}
    return replace(trace, arrays=kept, provenance=provenance, notes=(*trace.notes, *notes))


def _places(trace: Trace, name: str) -> int | None:
    """The number of positions of a point where it is not that of the tokens."""
    array = trace[name]
    if "pos" not in array.axes:
        return None
    tokens, places = len(trace.along(name, "pos")), array.size("pos")
    return places if tokens not in (0, places) else None


def _layers(shared: dict[str, int], each: int) -> list[str]:
    """lstm.0, lstm.1: the layers of the points whose positions so many tokens share."""
    return list(dict.fromkeys(".".join(name.split(".")[:2]) for name, count in shared.items() if count == each))


def _left_out_in_words(trace: Trace, left_out: dict[str, int]) -> str:
    first = next(iter(left_out))
    others = len(left_out) - 1
    many = first if not others else f"{first} and {others} more like it"
    return (
        f"Not shown, since the model takes several tokens together before it: {many}, with {left_out[first]} "
        f"positions for {len(trace.along(first, 'pos'))} tokens. `embstudio trace` saves them."
    )
