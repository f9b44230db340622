"""What has to be said of some pairs before they are learnt from, and of what came of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import StudioError
from embstudio.gui.style.numbers import four
from embstudio.lab.pairs.conflicts import Conflict, conflicts
from embstudio.lab.pairs.items import Items, named
from embstudio.lab.pairs.losses import cosine_distance, distance
from embstudio.lab.pairs.pair_list import LABELS, PairList, check_pairs
from embstudio.lab.pairs.settings import BAG, CONTRASTIVE, COSINE, LSTM, TABLE, TRIPLET, Settings
from embstudio.lab.pairs.split import Split, split

_MOST_TOLD = 4


@dataclass(frozen=True)
class Remarks:
    """of_pairs, of_knobs: sentences; notes: quieter ones. contradicting: how many pairs contradict others."""

    of_pairs: tuple[str, ...]
    of_knobs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    contradicting: int = 0


def remarks_on(given: PairList, settings: Settings) -> Remarks:
    """Contradictions, pairs that teach nothing, and knobs that do not go together."""
    pairs = given.pairs
    try:
        check_pairs(pairs)
        items = Items.of(pairs, settings.encoder)
    except StudioError as error:
        return Remarks((str(error),))
    found = conflicts(items, settings.encoder)
    said = [_contradiction(each, items, settings.encoder) for each in found[:_MOST_TOLD]]
    if len(found) > _MOST_TOLD:
        said.append(f"{len(found) - _MOST_TOLD:,} more pairs contradict others.")
    notes = _beginning(given, settings)
    alone = [row for row, (a, b) in enumerate(items.ends.tolist(), 1) if a == b and items.same[row - 1]]
    if alone:
        rows = ", ".join(f"{row:,}" for row in alone[:_MOST_TOLD]) + (", …" if len(alone) > _MOST_TOLD else "")
        said.append(f"Pair {rows}: an item with itself is always at distance 0, and SAME teaches nothing.")
    if len(pairs) == 1 and settings.held_out:
        notes.append("There is one pair only, so none is held out.")
    knobs = []
    parts = split(items, settings.held_out, settings.seed)
    notes.extend(_unseen(items, parts, settings))
    if settings.loss == TRIPLET:
        knobs.append(_of_triplets(len(parts.triplets)))
    if settings.loss in (CONTRASTIVE, COSINE) and settings.margin <= settings.threshold and not items.same.all():
        knobs.append(
            "The margin is not beyond the threshold: DIFFERENT pairs are pushed up to the margin and no further, so "
            "come up to the threshold and may never pass it. Take a larger margin."
        )
    return Remarks(tuple(said), tuple(knobs), tuple(notes), len(found))


def _of_triplets(count: int) -> str:
    if not count:
        return "No triplet can be made of these pairs: that takes an item in a SAME pair and in a DIFFERENT one."
    return (
        f"{count:,} triplets are made of the pairs. They ask that SAME be nearer than DIFFERENT, not that either "
        "be on its side of the threshold: verdicts by it may stay wrong."
    )


def _unseen(items: Items, parts: Split, settings: Settings) -> list[str]:
    """What only held-out pairs have: nothing is learnt of it."""
    if not parts.held.any():
        return []
    held, learnt = (set(items.ends[which].reshape(-1).tolist()) for which in (parts.held, ~parts.held))
    if settings.encoder == TABLE:
        count, what = len(held - learnt), "items"
    else:
        words = [
            {w for item in each for w in items.ids[item, : items.lengths[item]].tolist()} for each in (held, learnt)
        ]
        count, what = len(words[0] - words[1]), "words"
    if not count:
        return []
    some = f"{count:,} {what} are" if count > 1 else f"One {what.removesuffix('s')} is"
    return [f"{some} in held-out pairs only: nothing is learnt of {'them' if count > 1 else 'it'}."]


def _beginning(given: PairList, settings: Settings) -> list[str]:
    """How a single pair with vectors to begin with starts: right, or wrong."""
    starts = {name: np.array([values]) for name, values in given.starts if len(values) == settings.dimensions}
    if settings.encoder != TABLE or len(given.pairs) != 1 or settings.loss == TRIPLET:
        return []
    pair = given.pairs[0]
    left, right = named(pair.left), named(pair.right)
    if left not in starts or right not in starts:
        return []
    measure, what = (cosine_distance, "1 − cos") if settings.loss == COSINE else (distance, "distance")
    apart = float(measure(starts[left], starts[right])[0])
    guess = apart <= settings.threshold
    verdict = "and right" if guess == pair.same else "and wrong: training has to correct it"
    return [
        f"{left} begins at {_numbers(starts[left])} and {right} at {_numbers(starts[right])}: {what} {four(apart)}. At "
        f"threshold {settings.threshold:g} the first guess is {LABELS[not guess]}, {verdict}."
    ]


def _numbers(vector: np.ndarray) -> str:
    return f"[{', '.join(f'{value:g}' for value in vector[0].tolist())}]"


def _contradiction(found: Conflict, items: Items, encoder: str) -> str:
    way = [f"“{items.names[item]}”" for item in found.way]
    row = found.pair + 1
    if not found.by:
        why = {BAG: "have the same words in the same shares, whatever their order", LSTM: "have the same words"}
        if items.ends[found.pair, 0] == items.ends[found.pair, 1]:
            return (
                f"Pair {row:,}: {way[0]} is never DIFFERENT from itself. Its distance is always 0, and it stays wrong."
            )
        return (
            f"Pair {row:,} is DIFFERENT, but {way[0]} and {way[1]} {why.get(encoder, 'are one item')}: the {encoder} "
            "gives both one vector, and it stays wrong."
        )
    if found.direct:
        return (
            f"{way[0]} and {way[-1]} are labelled both SAME (pair {found.by[0] + 1:,}) and DIFFERENT (pair {row:,}). "
            "It trains on, is pulled and pushed by turns, and cannot be right on both."
        )
    chain = " = ".join(way)
    by = ", ".join(f"{pair + 1:,}" for pair in found.by)
    return (
        f"{chain} by pairs {by}, but pair {row:,} says {way[0]} ≠ {way[-1]}. "
        "It trains on; pull and push work against each other, and it settles between them, often wrong on one."
    )
