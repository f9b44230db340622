"""How one cell has fared so far: what was lost and what was right, on examples it learnt from and on others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TRAIN = ("epoch", "loss", "accuracy", "norm", "clipped")
HELD = ("epoch", "loss", "accuracy")


@dataclass(frozen=True)
class Past:
    """What a course is put back from. stopped: why the cell learns no more, "" while it does."""

    train: tuple[tuple[float, ...], ...] = ()
    held: tuple[tuple[float, ...], ...] = ()
    steps: int = 0
    stopped: str = ""
    stopped_at: float = 0.0


class Course:
    """train: rows of TRAIN, each the mean over a stretch of batches; held: rows of HELD.

    norm: of the gradient before clipping; clipped: the share of steps that were.
    """

    def __init__(self) -> None:
        self.stopped, self.stopped_at = "", 0.0
        self._train: list[tuple[float, ...]] = []
        self._held: list[tuple[float, ...]] = []
        self._sums = np.zeros(5)  # loss, right, norm, clipped, examples of a batch each
        self._batches = 0

    @property
    def train(self) -> np.ndarray:
        """[n, 5]."""
        return np.array(self._train, dtype=np.float64).reshape(-1, len(TRAIN))

    @property
    def held(self) -> np.ndarray:
        """[n, 3]."""
        return np.array(self._held, dtype=np.float64).reshape(-1, len(HELD))

    def learnt(self, loss: float, right: int, norm: float, examples: int, *, clipped: bool) -> None:
        """Take a batch; the norm is that of its gradient before clipping."""
        self._sums += (loss * examples, right, norm, clipped, examples)
        self._batches += 1

    def close(self, at: float) -> None:
        """End a stretch at so many epochs."""
        if self._batches:
            loss, right, norm, clipped, examples = self._sums.tolist()
            self._train.append((at, loss / examples, right / examples, norm / self._batches, clipped / self._batches))
            self._sums, self._batches = np.zeros(5), 0

    def tested(self, at: float, loss: float, accuracy: float) -> None:
        """Take what came out on held-out examples; another test at the same place counts instead of the first."""
        self._held = [row for row in self._held if row[0] != at] + [(at, loss, accuracy)]

    def past(self, steps: int) -> Past:
        """To come back to, where no stretch is open."""
        return Past(tuple(self._train), tuple(self._held), steps, self.stopped, self.stopped_at)

    def take(self, past: Past) -> None:
        """Go back."""
        self._train, self._held = list(past.train), list(past.held)
        self.stopped, self.stopped_at = past.stopped, past.stopped_at
        self._sums, self._batches = np.zeros(5), 0
