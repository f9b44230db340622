"""Pairs that ask for what cannot be: the same items SAME and DIFFERENT, at once or by way of others."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from embstudio.lab.pairs.items import Items


@dataclass(frozen=True)
class Conflict:
    """pair: the one that says DIFFERENT. way: items from its first to its second, each SAME as the next; by: the pairs
    that say so. Where the encoder cannot tell its two items from each other, `way` is those two and `by` is empty."""

    pair: int
    way: tuple[int, ...]
    by: tuple[int, ...]

    @property
    def direct(self) -> bool:
        """Whether no distance at all can be right for all of its pairs."""
        return len(self.by) < 2


MOST = 50  # conflicts that are looked for


def conflicts(items: Items, encoder: str) -> tuple[Conflict, ...]:
    """Those of the first 50 pairs that have one, by the shortest way each."""
    keys = [items.key(item, encoder) for item in range(len(items.names))]
    ways: dict[Hashable, list[tuple[int, int, int]]] = {}  # key → pair, the item with that key, the other one
    for number, ((left, right), same) in enumerate(zip(items.ends.tolist(), items.same.tolist(), strict=True)):
        if same:
            ways.setdefault(keys[left], []).append((number, left, right))
            ways.setdefault(keys[right], []).append((number, right, left))
    found: list[Conflict] = []
    together = _together(keys, ways)
    for number, ((left, right), same) in enumerate(zip(items.ends.tolist(), items.same.tolist(), strict=True)):
        if not same and len(found) < MOST and together[keys[left]] == together[keys[right]]:
            way = _way(keys, ways, left, right)
            assert way is not None
            found.append(Conflict(number, *way))
    return tuple(found)


def _together(
    keys: list[tuple[object, ...]], ways: dict[Hashable, list[tuple[int, int, int]]]
) -> dict[Hashable, Hashable]:
    """One of them for each group of keys that SAME pairs join."""
    found: dict[Hashable, Hashable] = {}
    for first in keys:
        waiting = [] if first in found else [first]
        while waiting:
            here = waiting.pop()
            found[here] = first
            waiting.extend(keys[there] for _, _, there in ways.get(here, ()) if keys[there] not in found)
    return found


def _way(
    keys: list[tuple[object, ...]], ways: dict[Hashable, list[tuple[int, int, int]]], left: int, right: int
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Items and pairs from one item to the other over SAME pairs, by the fewest of them; None: there is no way."""
    if keys[left] == keys[right]:
        return (left, right), ()
    before: dict[Hashable, tuple[int, int, int] | None] = {keys[left]: None}
    waiting = deque([keys[left]])
    while waiting:
        here = waiting.popleft()
        for step in ways.get(here, ()):
            there = keys[step[2]]
            if there in before:
                continue
            before[there] = step
            if there == keys[right]:
                return _back(keys, before, right)
            waiting.append(there)
    return None


def _back(
    keys: list[tuple[object, ...]], before: dict[Hashable, tuple[int, int, int] | None], right: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    items, by = [right], []
    step = before[keys[right]]
    while step is not None:
        number, here, _there = step
        items.append(here)
        by.append(number)
        step = before[keys[here]]
    return tuple(reversed(items)), tuple(reversed(by))
