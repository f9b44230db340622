"""The knobs of the topics bench. No numpy: the window reads them before it is asked to train."""

from __future__ import annotations

import math
from dataclasses import dataclass

from embstudio.base.errors import InputError

# What cannot be changed without beginning anew.
FIXED = ("topics", "seed")
MOST_TOPICS = 100


@dataclass(frozen=True)
class Settings:
    """alpha: what each topic has in each document before any word is counted; small: documents of few topics. beta: the
    same for each word in each topic; small: topics of few words. epochs: sweeps over all words."""

    topics: int = 3
    alpha: float = 0.5
    beta: float = 0.1
    epochs: int = 100
    seed: int = 1

    def check(self) -> None:
        """Raises InputError for settings nothing can be sorted with."""
        limits = {"topics": (2, MOST_TOPICS), "epochs": (1, 10_000), "seed": (0, 2**31 - 1)}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise InputError(f"{name} must be from {low:,} to {high:,}.", where=f"{name} = {getattr(self, name):,}")
        for name in ("alpha", "beta"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"{name} must be larger than 0.", where=f"{name} = {value:g}")

    def needs_reset(self, other: Settings) -> tuple[str, ...]:
        """The knobs in which another one differs that take a beginning anew."""
        return tuple(name for name in FIXED if getattr(self, name) != getattr(other, name))
