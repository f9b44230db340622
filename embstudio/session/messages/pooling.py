"""How a model makes one vector of the tokens'."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pooling:
    """How the tokens' vectors become one. mode: of `formulas.pooling.MODES`; several with "+" between."""

    mode: str = "mean"
    normalise: bool = False
