"""The knobs of the recurrent bench. No numpy: the window reads them before it is asked to train."""

from __future__ import annotations

import math
from dataclasses import dataclass

from embstudio.base.errors import InputError

RNN, GRU, LSTM = "RNN", "GRU", "LSTM"
REMEMBER, AGREE, ORDER = "remember the first", "agree with the subject", "order of two"
TASKS = (REMEMBER, AGREE, ORDER)
ALL_LENGTHS, ONE_LENGTH = "all up to it", "it alone"
ADAM, SGD = "Adam", "SGD"
# What cannot be changed without beginning anew.
FIXED = ("rnn", "gru", "lstm", "task", "units", "forget", "scale", "seed")
BATCHES = 50  # in an epoch
_MOST = 2**25  # units² · batch · distance: a batch of this size takes about 60 ms for all cells


@dataclass(frozen=True)
class Settings:
    """distance: steps between what has to be remembered and the end. lengths: whether training sees shorter distances.
    forget: bias that the gates which keep begin with. scale: spectral radius of R at the start. clipping: of the norm
    of the gradient, 0 for none."""

    rnn: bool = True
    gru: bool = True
    lstm: bool = True
    task: str = REMEMBER
    distance: int = 20
    lengths: str = ONE_LENGTH
    units: int = 32
    forget: float = 2.0
    scale: float = 0.8
    clipping: float = 1.0
    optimiser: str = ADAM
    rate: float = 0.005
    batch: int = 32
    epochs: int = 30
    seed: int = 1

    @property
    def cells(self) -> tuple[str, ...]:
        """Those that are ticked."""
        return tuple(kind for kind, wanted in ((RNN, self.rnn), (GRU, self.gru), (LSTM, self.lstm)) if wanted)

    def check(self) -> None:
        """Raises InputError for settings nothing can be trained with."""
        if not self.cells:
            raise InputError("No cell is ticked.", where="RNN, GRU, LSTM", advice="Tick at least one of them.")
        limits = {
            "distance": (1, 200), "units": (2, 256), "batch": (1, 512), "epochs": (1, 2000), "seed": (0, 2**31 - 1),
            "forget": (-10, 10), "scale": (0, 20), "clipping": (0, 1e6), "rate": (0, 1e3),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise InputError(f"{name} must be from {low:,} to {high:,}.", where=f"{name} = {value:,}")
        if self.units**2 * self.batch * self.distance > _MOST:
            raise InputError("One batch of this size would take so long that training could not be paused.",
                             where=f"{self.units:,} units, batch {self.batch:,}, distance {self.distance:,}",
                             advice="Take fewer units, a smaller batch or a shorter distance.")  # fmt: skip
        if not self.rate > 0:
            raise InputError("The rate must be larger than 0.", where=f"rate = {self.rate:g}")
        for value, known in (
            (self.task, TASKS), (self.lengths, (ALL_LENGTHS, ONE_LENGTH)), (self.optimiser, (ADAM, SGD)),
        ):  # fmt: skip
            if value not in known:
                raise InputError("There is no such choice.", where=value)

    def needs_reset(self, other: Settings) -> tuple[str, ...]:
        """The knobs in which another one differs that take a beginning anew."""
        return tuple(name for name in FIXED if getattr(self, name) != getattr(other, name))
