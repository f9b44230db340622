"""What all benches of the lab have in common: training that goes on in slices, can be looked at, and put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class State:
    """All that training goes on from at the beginning of an epoch. arrays: copies; facts: small, and picklable."""

    epoch: int
    arrays: tuple[np.ndarray, ...]
    facts: Any = None


@dataclass(frozen=True)
class Snapshot:
    """What is to be seen. arrays: the bench's own, not copies; facts: small, and picklable."""

    arrays: tuple[np.ndarray, ...]
    facts: Any


class Bench(Protocol):
    """A model in training. The same seed and the same commands give the same run, after `restore` as well."""

    @property
    def about(self) -> Any:
        """What does not change while it trains (a vocabulary); picklable."""
        ...

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        ...

    @property
    def epochs(self) -> int:
        """How many there shall be."""
        ...

    @property
    def share(self) -> float:
        """How much of the current epoch is done, from 0 to 1."""
        ...

    @property
    def examples(self) -> int:
        """How many examples have been learnt from since it was made, to tell the speed by."""
        ...

    def advance(self, seconds: float) -> None:
        """Train for about that long, at least a little, at most to the end of the epoch. Raises Diverged."""
        ...

    def step(self) -> None:
        """Train on one example, of which the snapshot then gives an account. Raises Diverged."""
        ...

    def change(self, settings: Any) -> None:
        """Go on with other settings. Raises InputError where they cannot be."""
        ...

    def snapshot(self) -> Snapshot:
        """What is to be seen now."""
        ...

    def state(self) -> State:
        """Where one can come back to; asked for where an epoch begins."""
        ...

    def restore(self, state: State) -> None:
        """Go back to a state."""
        ...


class Order(Protocol):
    """What a bench is made from; it travels to the child, so its class stands in a module."""

    def bench(self) -> Bench:
        """Raises StudioError: what was given cannot be trained on."""
        ...


class Diverged(Exception):
    """Training ran away. The text says by what one sees it."""
