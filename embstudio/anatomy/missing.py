"""Which of the usual points were not found, as sentences: one for each kind of point and cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_MOST_NAMED = 3


def missing_sentences(lacking: Iterable[tuple[str, str, str]], blocks: Sequence[str]) -> tuple[str, ...]:
    """lacking: (block, kind of point, cause or ""); blocks: the names of all blocks.

    "mlp.hidden: not found in any of 12 blocks (mixture of experts: no single hidden layer)."
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for block, kind, cause in lacking:
        grouped.setdefault((kind, cause), []).append(block)
    together: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (kind, cause), places in grouped.items():
        together.setdefault((tuple(dict.fromkeys(places)), cause), []).append(kind)
    return tuple(
        f"{', '.join(kinds)}: not found in {_where(places, blocks)}{f' ({cause})' if cause else ''}."
        for (places, cause), kinds in together.items()
    )


def _where(places: Sequence[str], blocks: Sequence[str]) -> str:
    if len(blocks) == 1:
        return "the only block"
    if len(places) == len(blocks):
        return f"any of {len(blocks)} blocks"
    if len(places) <= _MOST_NAMED:
        return " and ".join((", ".join(places[:-1]), places[-1]) if len(places) > 1 else places)
    return f"{len(places)} of {len(blocks)} blocks, {places[0]} the first"
