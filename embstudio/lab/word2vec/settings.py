"""The knobs of the word2vec bench. No numpy: the window reads them before it is asked to train."""

from __future__ import annotations

import math
from dataclasses import dataclass

from embstudio.base.errors import InputError

SKIP_GRAM, CBOW = "skip-gram", "CBOW"
OURS, GENSIM = "ours, in steps", "gensim, fast"
NEGATIVES, SOFTMAX = "negative sampling", "full softmax"
# What cannot be changed without beginning anew.
FIXED = ("trainer", "threads", "model", "loss", "dimensions", "rarest", "seed")


@dataclass(frozen=True)
class Settings:
    """window: words on each side. subsampling: t of Mikolov et al. 2013, 0 for none. rate: at the start; it falls
    evenly to a hundredth at the end of all epochs. rarest: words that occur less often are left out. threads: of
    gensim, 0 for one less than there are cores; ours has one."""

    model: str = SKIP_GRAM
    loss: str = NEGATIVES
    window: int = 2
    dimensions: int = 40
    negatives: int = 5
    subsampling: float = 0.0
    rate: float = 0.05
    epochs: int = 60
    rarest: int = 1
    seed: int = 1
    trainer: str = OURS
    threads: int = 0

    def check(self) -> None:
        """Raises InputError for settings nothing can be trained with."""
        limits = {
            "window": (1, 50), "dimensions": (2, 1000), "negatives": (1, 100), "epochs": (1, 10_000),
            "rarest": (1, 1_000_000), "seed": (0, 2**31 - 1), "threads": (0, 64),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise InputError(f"{name} must be from {low:,} to {high:,}.", where=f"{name} = {getattr(self, name):,}")
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise InputError("The rate must be larger than 0.", where=f"rate = {self.rate:g}")
        if not 0 <= self.subsampling <= 1:
            raise InputError("Subsampling must be from 0 to 1.", where=f"subsampling = {self.subsampling:g}")
        if self.model not in (SKIP_GRAM, CBOW) or self.loss not in (NEGATIVES, SOFTMAX):
            raise InputError("There is no such model.", where=f"{self.model}, {self.loss}")
        if self.trainer not in (OURS, GENSIM):
            raise InputError("There is no such trainer.", where=self.trainer)
        if self.trainer == GENSIM and self.loss == SOFTMAX:
            raise InputError(
                "gensim has no full softmax.", where=f"{self.trainer}, {self.loss}",
                advice="Take negative sampling, or our own trainer.",
            )  # fmt: skip

    def needs_reset(self, other: Settings) -> tuple[str, ...]:
        """The knobs in which another one differs that take a beginning anew."""
        return tuple(name for name in FIXED if getattr(self, name) != getattr(other, name))
