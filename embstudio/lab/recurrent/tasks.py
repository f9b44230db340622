"""What a task is: words, answers, and examples drawn by chance, of which some are kept aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from embstudio.base.errors import InputError

ASIDE = 5  # one example in so many is held out
_TRIES = 200
_PRIME = 2_147_483_647


@dataclass(frozen=True)
class Examples:
    """ids: [tokens, examples], time first. answers: [examples], places among the task's answers."""

    ids: np.ndarray
    answers: np.ndarray

    def __len__(self) -> int:
        return len(self.answers)

    def __getitem__(self, chosen: np.ndarray | slice) -> Examples:
        return Examples(self.ids[:, chosen], self.answers[chosen])


class Task(Protocol):
    """words: all that can stand in an example. answers: what is asked for. shortest: the least distance it has."""

    words: ClassVar[tuple[str, ...]]
    answers: ClassVar[tuple[str, ...]]
    shortest: ClassVar[int]

    def draw(self, chance: np.random.Generator, distance: int, count: int) -> Examples:
        """`count` examples, all of the same length: what has to be remembered stands `distance` steps before the end,
        and earlier than anything else that is asked for."""
        ...


def drawn(task: Task, chance: np.random.Generator, distance: int, count: int, *, held_out: bool) -> Examples:
    """`count` examples that are for training, or held out: no sequence is ever both.

    Which of the two a sequence is hangs on its own words alone. Raises InputError where too few are to be had.
    """
    parts: list[Examples] = []
    found = 0
    for _ in range(_TRIES):
        more = task.draw(chance, distance, count * (ASIDE if held_out else 2))
        kept = more[np.flatnonzero(is_held_out(more.ids) == held_out)]
        parts.append(kept)
        found += len(kept)
        if found >= count:
            ids = np.concatenate([part.ids for part in parts], axis=1)
            return Examples(ids, np.concatenate([part.answers for part in parts]))[:count]
    raise InputError("There are too few examples at this distance.", where=f"distance = {distance}",
                     advice="Take a larger distance.")  # fmt: skip


def is_held_out(ids: np.ndarray) -> np.ndarray:
    """Whether sequences [tokens, examples] are: by the polynomial hash of Rabin and Karp (1987), [examples] bool."""
    value = np.zeros(ids.shape[1], dtype=np.int64)
    for row in ids:
        value = (value * 1_000_003 + row + 1) % _PRIME
    return np.asarray(value % 1009 % ASIDE == 0)
