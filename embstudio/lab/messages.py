"""What a window and the process that trains say to each other. No numpy: whoever starts the process imports this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from embstudio.base.errors import StudioError

if TYPE_CHECKING:
    from embstudio.lab.bench import Order, State


class Standing(Enum):
    """What a bench is doing."""

    PAUSED = "paused"
    RUNNING = "running"
    FINISHED = "finished"
    DIVERGED = "diverged"


@dataclass(frozen=True)
class Begin:
    """Down, first. state: where to go on from, if not from the beginning."""

    order: Order
    state: State | None = None


@dataclass(frozen=True)
class Run:
    """Down: train until all epochs are done or something else is said."""


@dataclass(frozen=True)
class Pause:
    """Down."""


@dataclass(frozen=True)
class Step:
    """Down: pause, and learn from one example."""


@dataclass(frozen=True)
class Rewind:
    """Down: pause, and go to the beginning of an epoch (0: the start), or the last kept before it."""

    epoch: int


@dataclass(frozen=True)
class Change:
    """Down: go on with other settings."""

    settings: Any


@dataclass(frozen=True)
class Pace:
    """Down: train at most so many epochs a second; 0: as fast as it goes."""

    epochs: float


@dataclass(frozen=True)
class Taken:
    """Down: the report that was sent last is copied; another may come."""


@dataclass(frozen=True)
class Recall:
    """Down: show the state at the end of an epoch, or the last kept before it; training goes on as it was."""

    epoch: int


@dataclass(frozen=True)
class Recalled:
    """Up, for each Recall in turn."""

    state: State


Command = Run | Pause | Step | Rewind | Change | Pace


@dataclass(frozen=True)
class Made:
    """Up, first: the bench is there. tables: shape and dtype of each array of its snapshots."""

    about: Any
    tables: tuple[tuple[tuple[int, ...], str], ...]


@dataclass(frozen=True)
class Report:
    """Up: where training is. epochs: planned. kept: how far one can go back and forth. speed: examples a second, while
    it runs. why: what went wrong, if it diverged. facts: the bench's own; the arrays come beside the report."""

    standing: Standing
    epoch: int
    share: float
    epochs: int
    kept: tuple[int, int]
    speed: float
    facts: Any
    why: str = ""
    refused: StudioError | None = None  # what was asked for last and could not be
    since: float = 0.0  # when it came to stand so, by time.monotonic()


@dataclass(frozen=True)
class Ended:
    """Up, last, where it cannot go on."""

    error: StudioError
