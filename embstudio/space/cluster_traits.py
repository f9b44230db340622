"""What the members of a cluster have in common in a column of metadata: the value that is theirs more than others'.

Of a cluster's values the one is taken that tells it apart most: p · log(p / q) is highest, with p its share in the
cluster and q in the whole set. Summed over all values that is how far the cluster's shares are from the set's (Kullback
and Leibler 1951).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

MOST_VALUES = 50  # different ones, beyond which a column names rows rather than kinds
_LOOKED_AT = 100_000  # rows, drawn at random where there are more


@dataclass(frozen=True)
class Trait:
    """share: of the cluster's members with this value. usual: of all vectors."""

    column: str
    value: str
    share: float
    usual: float

    @property
    def telling(self) -> float:
        """p · log₂(p / q): bits; 0 where it says nothing."""
        return self.share * float(np.log2(self.share / self.usual)) if self.share > 0 else 0.0


def traits(groups: np.ndarray, count: int, columns: Mapping[str, Sequence[str]]) -> list[list[Trait]]:
    """For each of `count` clusters a trait for each column of kinds, the most telling first, if it tells anything.

    groups: [n] the cluster of each row, −1 for none; rows without a cluster count for nothing.
    """
    rows = np.flatnonzero(groups >= 0)
    if len(rows) > _LOOKED_AT:
        rows = np.sort(np.random.default_rng(0).choice(rows, _LOOKED_AT, replace=False))
    found: list[list[Trait]] = [[] for _ in range(count)]
    for name, column in columns.items():
        codes, values = _coded([column[row] for row in rows.tolist()])
        if not 2 <= len(values) <= MOST_VALUES:
            continue
        table = np.zeros((count, len(values)))
        np.add.at(table, (groups[rows], codes), 1)
        usual = table.sum(axis=0) / max(len(rows), 1)
        for cluster, counted in enumerate(table):
            shares = counted / max(counted.sum(), 1)
            told = np.where(shares > 0, shares * np.log2(np.where(shares > 0, shares, 1) / usual), 0)
            best = int(told.argmax())
            if told[best] > 0:
                found[cluster].append(Trait(name, values[best], float(shares[best]), float(usual[best])))
    return [sorted(each, key=lambda trait: -trait.telling) for each in found]


def _coded(texts: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Each text's place among the different ones, which are cut off where they are too many."""
    places: dict[str, int] = {}
    codes = np.zeros(len(texts), np.intp)
    for at, text in enumerate(texts):
        codes[at] = places.setdefault(text, len(places))
        if len(places) > MOST_VALUES:
            break
    return codes, list(places)
