"""The places of the window that a lesson can point at, set or press, by their names in words.

Each is a panel (a dock's name, or "" for the window itself) and the object name of a widget in it. tests/gui hold the
list against the window. Whatever else has an accessible name can be named as "panel: name", as a screen reader says it;
that cannot be checked without the window.
"""

from __future__ import annotations

from dataclasses import dataclass

PANELS = (
    "memory", "attention", "layers", "gradient", "lanes", "space", "prediction", "anatomy", "inspector", "watches",
    "lab",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """panel: the dock it is in. widget: its object name; "" is the whole panel."""

    panel: str
    widget: str = ""


PLACES: dict[str, Place] = {
    **{panel: Place(panel) for panel in PANELS},
    "sentence": Place("", "sentence"),
    "tokens": Place("", "TokenChips"),
    "model": Place("", "modelPicker"),
}


def place_of(words: str) -> Place | None:
    """The place that words stand for: one of `PLACES`, or "panel: accessible name". None for what is neither."""
    if words in PLACES:
        return PLACES[words]
    panel, colon, name = words.partition(":")
    if colon and panel.strip() in (*PANELS, "window") and name.strip():
        return Place("" if panel.strip() == "window" else panel.strip(), "~" + name.strip())
    return None
