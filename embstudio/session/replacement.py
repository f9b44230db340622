"""A value that is to be replaced while a model runs: which, where, and by what. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HOW = {"set": ":=", "scale": "*=", "add": "+="}
"""How a value is replaced → how that is written."""

_TOLD = 4  # replacements that are named in a sentence


@dataclass(frozen=True)
class Replacement:
    """A gate or state of a recurrent layer, replaced as it is computed, so that everything after it follows.

    units: None for all. start, end: the tokens, by their place in the text, whichever way the layer reads; end is not
    among them, None: to the end of the text. how: of `HOW`; value: set to, multiplied by, or added.
    """

    point: str
    units: tuple[int, ...] | None = None
    start: int = 0
    end: int | None = None
    how: str = "set"
    value: float = 0.0

    def __str__(self) -> str:
        """As it is written: `lstm.0.forward.f[17]@3:=1`."""
        units = "" if self.units is None else f"[{','.join(map(str, self.units))}]"
        if self.end is None:
            tokens = "" if self.start == 0 else f"@{self.start}.."
        else:
            tokens = f"@{self.start}" if self.end == self.start + 1 else f"@{self.start}..{self.end - 1}"
        return f"{self.point}{units}{tokens}{HOW[self.how]}{self.value:g}"


def say_replacements(replacements: Sequence[Replacement]) -> str:
    """One sentence; "" for none."""
    if not replacements:
        return ""
    told = ", ".join(map(str, replacements[:_TOLD]))
    more = len(replacements) - _TOLD
    return f"Replaced while the model ran: {told}{f' and {more} more' if more > 0 else ''}. The rest follows from that."
