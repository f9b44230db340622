"""Which pairs are learnt from and which are held out, and the triplets they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.pairs.items import Items

MOST_TRIPLETS = 20_000  # of either kind; of more, so many are drawn by the seed


@dataclass(frozen=True)
class Split:
    """held: [pairs], which are held out. triplets, held_triplets: [n, 3] items: anchor, positive, negative; and
    sources, held_sources: [n, 2], the SAME and the DIFFERENT pair each is made of."""

    held: np.ndarray
    triplets: np.ndarray
    sources: np.ndarray
    held_triplets: np.ndarray
    held_sources: np.ndarray


def split(items: Items, share: float, seed: int) -> Split:
    """Hold out that share of the pairs, by the seed; pairs of the same two items stay on one side, and one pair at
    least is learnt from. A triplet is held out where either of its pairs is."""
    groups: dict[tuple[int, int], int] = {}
    group = np.array([groups.setdefault((min(a, b), max(a, b)), len(groups)) for a, b in items.ends.tolist()])
    chance = np.random.default_rng([seed, 1])
    count = min(len(groups) - 1, round(share * len(groups)))
    held = np.isin(group, chance.permutation(len(groups))[:count])
    triplets, sources = _triplets(items, chance)
    out = held[sources].any(axis=1) if len(sources) else np.zeros(0, bool)
    return Split(held, triplets[~out], sources[~out], triplets[out], sources[out])


def _triplets(items: Items, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """All that can be made: a SAME pair, and a DIFFERENT one that has an item in common with it, the anchor."""
    apart: dict[int, list[tuple[int, int]]] = {}  # anchor → DIFFERENT pair and its other item
    for number, (left, right) in enumerate(items.ends.tolist()):
        if not items.same[number] and left != right:
            apart.setdefault(left, []).append((number, right))
            apart.setdefault(right, []).append((number, left))
    near = [  # SAME pair, anchor, positive
        (number, anchor, positive)
        for number in np.flatnonzero(items.same).tolist()
        for anchor, positive in (items.ends[number].tolist(), items.ends[number].tolist()[::-1])
        if anchor != positive and anchor in apart
    ]
    upto = np.cumsum([len(apart[anchor]) for _, anchor, _ in near], dtype=np.int64)
    count = int(upto[-1]) if near else 0
    # Of one item in thousands of pairs there are millions; they are not written out to draw some.
    chosen = np.arange(count) if count <= MOST_TRIPLETS else np.sort(chance.choice(count, MOST_TRIPLETS, replace=False))
    triplets, sources = [], []
    for place, which in zip(np.searchsorted(upto, chosen, side="right").tolist(), chosen.tolist(), strict=True):
        number, anchor, positive = near[place]
        other, negative = apart[anchor][which - int(upto[place])]
        triplets.append((anchor, positive, negative))
        sources.append((number, other))
    return np.array(triplets, np.intp).reshape(-1, 3), np.array(sources, np.intp).reshape(-1, 2)
