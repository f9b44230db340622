"""What is to be seen of recurrent cells in training; it travels to the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.recurrent.learner import Flow


@dataclass(frozen=True)
class About:
    """words: by their ids. answers: what is asked for. parameters: of each cell."""

    task: str
    cells: tuple[str, ...]
    words: tuple[str, ...]
    answers: tuple[str, ...]
    parameters: tuple[int, ...]


@dataclass(frozen=True)
class Followed:
    """One example. ids: [T]. answer: its place. learnt: whether it is the first of the batch that a step learnt from;
    else it is held out."""

    ids: np.ndarray
    answer: int
    learnt: bool


@dataclass(frozen=True)
class Guesses:
    """Of the followed example. chances: [T, answers], what the read-out makes of h after each token, though only the
    last is learnt. flow: of it alone. after: the chance of the right answer once the step was taken."""

    chances: np.ndarray
    flow: Flow
    after: float | None


@dataclass(frozen=True)
class CellFacts:
    """train, held: see `course`. flow: over held-out examples; start: the same before any training. by_distance: share
    of right answers at each of the distances. largest: singular value of R. guesses: None where the cell is stopped
    and so took no step."""

    kind: str
    train: np.ndarray
    held: np.ndarray
    flow: Flow
    start: Flow
    by_distance: np.ndarray
    largest: float
    guesses: Guesses | None
    stopped: str
    stopped_at: float


@dataclass(frozen=True)
class Facts:
    """distances: at which accuracy was asked; distance: the task's own. nothing: the loss of a blind guess."""

    cells: tuple[CellFacts, ...]
    followed: Followed
    distances: tuple[int, ...]
    distance: int
    nothing: float
