"""The knobs of the bench of pairs. No numpy: the window reads them before it is asked to train."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from embstudio.base.errors import InputError

TABLE, BAG, LSTM = ENCODERS = ("table of vectors", "bag of words", "LSTM")
CONTRASTIVE, COSINE, TRIPLET = LOSSES = ("contrastive", "cosine", "triplet")
TANH, LINEAR = LAYERS = ("tanh", "linear")
SGD, ADAM = OPTIMISERS = ("SGD", "Adam")
MOST_COSINE = 2.0  # 1 − cos is from 0 to 2
# What cannot be changed without beginning anew.
FIXED = ("encoder", "layer", "loss", "dimensions", "optimiser", "held_out", "seed")


@dataclass(frozen=True)
class Settings:
    """threshold: a distance beyond it is taken as DIFFERENT. margin: how far DIFFERENT items are pushed apart; of
    triplets, by how much the square of the distance to the negative shall be the larger one.

    layer: of the bag of words. held_out: share of the pairs that is not learnt from. stop_at: share of the training's
    pairs that are right, at which it ends after an epoch; 0: never.
    """

    encoder: str = TABLE
    layer: str = TANH
    loss: str = CONTRASTIVE
    threshold: float = 2.0
    margin: float = 2.0
    dimensions: int = 3
    optimiser: str = SGD
    rate: float = 0.1
    epochs: int = 100
    held_out: float = 0.25
    stop_at: float = 0.0
    seed: int = 1

    def check(self) -> None:
        """Raises InputError for settings nothing can be trained with."""
        for name, known in (
            ("encoder", ENCODERS), ("layer", LAYERS), ("loss", LOSSES), ("optimiser", OPTIMISERS),
        ):  # fmt: skip
            if getattr(self, name) not in known:
                raise InputError(f"There is no such {name}.", where=f"{name} = {getattr(self, name)}",
                                 advice=f"There are: {', '.join(known)}.")  # fmt: skip
        for name, (low, high) in {"dimensions": (1, 300), "epochs": (1, 10_000), "seed": (0, 2**31 - 1)}.items():
            if not low <= getattr(self, name) <= high:
                raise InputError(f"{name} must be from {low:,} to {high:,}.", where=f"{name} = {getattr(self, name):,}")
        for name in ("rate", "threshold", "margin"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"The {name} must be larger than 0.", where=f"{name} = {value:g}")
        if not 0 <= self.held_out <= 0.9:
            raise InputError("The share that is held out must be from 0 to 0.9.", where=f"{self.held_out:g}")
        if not 0 <= self.stop_at <= 1:
            raise InputError("The accuracy to stop at must be from 0 to 1.", where=f"{self.stop_at:g}")
        if self.loss == COSINE:
            self._check_cosine()

    def needs_reset(self, other: Settings) -> tuple[str, ...]:
        """The knobs in which another one differs that take a beginning anew."""
        changed = tuple(name for name in FIXED if getattr(self, name) != getattr(other, name))
        # The layer is the bag's alone.
        return tuple(name for name in changed if name != "layer" or BAG in (self.encoder, other.encoder))

    def turned(self, knobs: Iterable[tuple[str, str]]) -> Settings:
        """With some knobs by name and text, as lists of pairs bring them; unknown ones are passed over."""
        kinds = {each.name: type(getattr(self, each.name)) for each in fields(self)}
        wanted = {}
        for name, text in knobs:
            try:
                wanted[name] = kinds[name](text)
            except (KeyError, ValueError):
                continue
        return replace(self, **wanted)

    def _check_cosine(self) -> None:
        for name in ("threshold", "margin"):
            value = getattr(self, name)
            if value >= MOST_COSINE:
                raise InputError(
                    f"The {name} must be below {MOST_COSINE:g} here: a cosine distance, 1 − cos, is never larger.",
                    where=f"{name} = {value:g}", advice="Take 0.5, or another loss.",
                )  # fmt: skip
