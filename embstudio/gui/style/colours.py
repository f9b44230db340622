"""Colours: one meaning each, safe for colour-blind eyes (Okabe and Ito 2008), the same hues in light and dark.

No numpy here: the window's first paint needs these.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """Every colour of one theme, as #rrggbb."""

    name: str
    window: str  # behind everything
    panel: str  # behind pictures and lists
    raised: str  # buttons, chips
    border: str
    text: str
    muted: str  # secondary text; readable on panel (contrast ≥ 4.5)
    accent: str  # the cursor, focus and links, and nothing else
    on_accent: str  # text on accent
    zero: str  # what a value of 0 looks like, in every map
    negative: str  # the far ends of the signed map
    positive: str
    input_gate: str
    forget_gate: str
    output_gate: str
    candidate: str
    memory: str
    hidden: str
    query: str
    key: str
    value: str
    attention: str
    residual: str
    warning: str
    error: str

    def role(self, point_part: str) -> str:
        """The colour of a gate, state or attention part by the last part of its point name: "f", "q", "pattern"."""
        return getattr(self, _ROLES.get(point_part, "residual"))  # type: ignore[no-any-return]


_ROLES = {
    "i": "input_gate", "f": "forget_gate", "o": "output_gate", "g": "candidate", "c": "memory", "h": "hidden",
    "z": "forget_gate", "r": "input_gate", "n": "candidate", "a": "candidate",
    "q": "query", "k": "key", "v": "value", "pattern": "attention", "scores": "attention",
}  # fmt: skip

LIGHT = Colours(
    name="light", window="#ECEEF1", panel="#FFFFFF", raised="#F7F8FA", border="#C9CED6", text="#1B1F26",
    muted="#586170", accent="#6B3FD4", on_accent="#FFFFFF", zero="#F1F2F4", negative="#1F5FA8", positive="#B23A24",
    input_gate="#00835F", forget_gate="#BF5300", output_gate="#0068A3", candidate="#A66F00", memory="#AD5485",
    hidden="#2583B8", query="#0068A3", key="#A66F00", value="#00835F", attention="#3E4A5C", residual="#6B7482",
    warning="#9A6700", error="#B3261E",
)  # fmt: skip

DARK = Colours(
    name="dark", window="#16181D", panel="#1D2026", raised="#282C34", border="#3A404B", text="#E7EAEF",
    muted="#9AA3B2", accent="#A78BFA", on_accent="#16181D", zero="#2A2E36", negative="#6FB1F2", positive="#F08A6C",
    input_gate="#1DB98B", forget_gate="#F07A2B", output_gate="#4AA8E0", candidate="#EFB443", memory="#DE93BC",
    hidden="#7CC6F0", query="#4AA8E0", key="#EFB443", value="#1DB98B", attention="#D5DCE8", residual="#9AA3B2",
    warning="#E3B341", error="#FF8A80",
)  # fmt: skip

THEMES = {"dark": DARK, "light": LIGHT}
