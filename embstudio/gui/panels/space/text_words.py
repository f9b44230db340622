"""Several texts compared by one metric: the numbers of all pairs, and which are nearest, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.distances import METRICS, cosine_similarity
from embstudio.gui.panels.space.distance_words import TITLES
from embstudio.gui.panels.space.text_rows import LETTERS
from embstudio.gui.style.numbers import four

SIMILARITY = "cosine similarity"
CHOICES = (SIMILARITY, *TITLES.values())  # metrics as they are offered
_NAMES = {title: name for name, title in TITLES.items()}
_SAME = 1e-9  # of the reach of the numbers: pairs that differ by less are as near as each other


@dataclass(frozen=True)
class Likeness:
    """values: [n, n] of the texts at `places`, NaN where the metric is undefined. larger_is_nearer: of a likeness."""

    metric: str
    places: tuple[int, ...]
    values: np.ndarray
    larger_is_nearer: bool

    @property
    def pairs(self) -> list[tuple[float, int, int]]:
        """All pairs that have a number, the nearest first: (number, row, column) with row < column."""
        rows, columns = np.triu_indices(len(self.values), 1)
        numbers = self.values[rows, columns]
        order = np.argsort(-numbers if self.larger_is_nearer else numbers, kind="stable")
        found = [(float(numbers[at]), int(rows[at]), int(columns[at])) for at in order]
        return [pair for pair in found if not np.isnan(pair[0])]

    @property
    def reach(self) -> tuple[float, float]:
        """The numbers of the farthest and of the nearest pair; zeros where there is none."""
        pairs = self.pairs
        return (pairs[-1][0], pairs[0][0]) if pairs else (0.0, 0.0)

    @property
    def level(self) -> bool:
        """Whether all pairs are as near as each other."""
        farthest, nearest = self.reach
        return farthest == nearest


def likeness(title: str, places: Sequence[int], vectors: np.ndarray) -> Likeness:
    """Compare vectors [n, width] each with each. title: of `CHOICES`. places: of the texts among the fields."""
    x = vectors.astype(np.float64)
    name = _NAMES.get(title, "cosine")
    metric = METRICS[name]
    with np.errstate(over="ignore", invalid="ignore"):
        compare = cosine_similarity if title == SIMILARITY else metric.compare
        values = compare(x[:, None], x[None])
    undefined = metric.undefined(x)
    values = np.where(undefined[:, None] | undefined[None], np.nan, values)
    return Likeness(title, tuple(places), values, title == SIMILARITY or metric.larger_is_nearer)


def nearest_words(found: Likeness) -> str:
    """Which pair is nearest and which farthest."""
    pairs = found.pairs
    if not pairs:
        return f"No two of these have a {found.metric}."
    said = [f"Nearest: {_pair(found, pairs[0])}."]
    if found.level:
        return " ".join([*said, "All are as near as each other."] if len(pairs) > 1 else said)
    if abs(pairs[1][0] - pairs[0][0]) <= _SAME * abs(pairs[-1][0] - pairs[0][0]):
        said.append(f"As near: {_pair(found, pairs[1])}.")
    return " ".join([*said, f"Farthest: {_pair(found, pairs[-1])}."])


def colour_words(found: Likeness) -> str:
    """What the colours run between."""
    if not found.pairs:
        return ""
    if found.level:
        return "All pairs have the same number, and so the same colour."
    low, high = sorted(found.reach)
    fullest = "largest" if found.larger_is_nearer else "smallest"
    return f"Colours run from {four(low)} to {four(high)}; the fullest is the nearest pair's, the {fullest}."


def _pair(found: Likeness, pair: tuple[float, int, int]) -> str:
    value, row, column = pair
    first, second = (LETTERS[found.places[each]] for each in (row, column))
    return f"{first} and {second} ({four(value)})"
