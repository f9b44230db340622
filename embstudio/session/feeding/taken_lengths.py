"""The lengths of text that a graph takes, where it does not take any."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TakenLengths:
    """Texts of so many tokens; if `multiples`, of two, three, … times as many as well."""

    tokens: int
    multiples: bool = False
