"""How texts are run: together as far as that leaves the numbers as they are, which is found out by trying."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np

from embstudio.base.errors import StudioError
from embstudio.session.text_vectors.rows import Row
from embstudio.session.text_vectors.stacked import NotStackable

TOLERANCE = 1e-5  # of a vector's largest number, or of 1 where that is less


class Way(StrEnum):
    """From the fastest to the surest. The words say it to people."""

    PADDED = "in batches, padded: tried out, the vectors stay the same"
    SAME_LENGTH = "in batches of texts with as many tokens: padding would change this model's vectors"
    ALONE = "one text at a time: other texts beside it would change this model's vectors"
    TRACED = "one text at a time, as for a trace: run otherwise, this model's vectors would change"


Run = Callable[[Sequence[Row]], np.ndarray]  # rows → [rows, width]


def find_way(run: Run, rows: Sequence[Row], others: Sequence[Row], expected: np.ndarray) -> Way:
    """The fastest way that gives the expected vectors.

    rows: of different lengths. others: as long as the last of them, with other ids. expected: [rows + others, width].
    """
    together = [*rows, *others]
    if _same(lambda: run(together), expected):
        return Way.PADDED
    last = together[len(rows) - 1 :]
    if _same(lambda: run(last), expected[len(rows) - 1 :]):
        return Way.SAME_LENGTH
    if _same(lambda: np.concatenate([run([row]) for row in together]), expected):
        return Way.ALONE
    return Way.TRACED


def _same(values: Callable[[], np.ndarray], expected: np.ndarray) -> bool:
    try:
        found = values()
    except (StudioError, NotStackable):
        return False
    if found.shape != expected.shape:
        return False
    scale = np.maximum(1.0, np.abs(expected).max(axis=1, keepdims=True))
    return bool(np.all(np.abs(found - expected) <= TOLERANCE * scale))
