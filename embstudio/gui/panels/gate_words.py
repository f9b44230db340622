"""What a gate's value says in words."""

from __future__ import annotations

from embstudio.gui.style.numbers import percent
from embstudio.trace.points import parse

_SAYS = {
    "lstm.i": "stores {} of the candidate",
    "lstm.f": "keeps {} of its memory",
    "lstm.o": "shows {} of its memory",
    "gru.z": "keeps {} of its old state",
    "gru.r": "lets the candidate see {} of the old state",
}


def word(point: str) -> str:
    """The name of a point in words: "forget gate" of lstm.0.forward.f."""
    return parse(point).kind.meaning.partition(":")[0].partition(" (")[0].removeprefix("the ")


def saying(point: str, value: float) -> str:
    """What a gate does at this value: "keeps 97.3 % of its memory"; empty for what is not a gate."""
    parts = point.split(".")
    text = _SAYS.get(f"{parts[0]}.{parts[-1]}", "")
    return text.format(percent(value)) if text else ""
