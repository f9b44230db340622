"""What has to be said of some pairs before they are learnt from, and of what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embstudio.base.errors import StudioError
from embstudio.lab.pairs.conflicts import Conflict, conflicts
from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.pair_list import Pair, check_pairs
from embstudio.lab.pairs.settings import BAG, CONTRASTIVE, COSINE, LSTM, Settings

_MOST_TOLD = 4


@dataclass(frozen=True)
class Remarks:
    """sentences: one or two of each. contradicting: how many pairs contradict others."""

    sentences: tuple[str, ...]
    contradicting: int = 0


def remarks_on(pairs: Sequence[Pair], settings: Settings) -> Remarks:
    """Contradictions, pairs that teach nothing, and knobs that do not go together."""
    try:
        check_pairs(pairs)
        items = Items.of(pairs, settings.encoder)
    except StudioError as error:
        return Remarks((str(error),))
    found = conflicts(items, settings.encoder)
    said = [_contradiction(each, items, settings.encoder) for each in found[:_MOST_TOLD]]
    if len(found) > _MOST_TOLD:
        said.append(f"{len(found) - _MOST_TOLD:,} more pairs contradict others.")
    alone = [row for row, (a, b) in enumerate(items.ends.tolist(), 1) if a == b and items.same[row - 1]]
    if alone:
        rows = ", ".join(f"{row:,}" for row in alone[:_MOST_TOLD]) + (", …" if len(alone) > _MOST_TOLD else "")
        said.append(f"Pair {rows}: an item with itself is always at distance 0, and SAME teaches nothing.")
    if len(pairs) == 1 and settings.held_out:
        said.append("There is one pair only, so none is held out.")
    if settings.loss in (CONTRASTIVE, COSINE) and settings.margin <= settings.threshold and not items.same.all():
        said.append(
            "The margin is not beyond the threshold: DIFFERENT pairs are pushed up to the margin and no further, so "
            "come up to the threshold and may never pass it. Take a larger margin."
        )
    return Remarks(tuple(said), len(found))


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
