"""The run before a run: tokens read first, so that the next ones find their keys and values in the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from embstudio.base.errors import InputError
from embstudio.session.engine import Engine
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.presents import in_common
from embstudio.session.feeding.sequences import Sequences
from embstudio.session.feeding.slots import Side, Slot
from embstudio.session.stop import Stop


def read_into_cache(
    engine: Engine, feeder: Feeder, sequences: Sequences, stop: Stop, caches: Mapping[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """The caches after a model has read some tokens, by the names of its own inputs; as many runs as it needs.

    sequences: its past is what `caches` hold already. Raises InputError if the model has no cache.
    """
    if not feeder.can_go_on:
        raise no_cache(feeder)
    own = sequences.ids(feeder.own)
    step = feeder.step or max(len(own), 1)
    held = dict(caches or {})
    presents = {slot.name: slot.cache.present for slot in feeder.caches if slot.cache and slot.cache.present}
    for start in range(0, len(own), step):
        piece = _part(sequences, feeder.own, start, start + step)
        values = engine.run(feeder.feeds(piece, held).feeds, list(presents.values()), stop)
        held |= dict(zip(presents, values, strict=True))
        if feeder.room is not None:
            held = {slot.name: _last(held[slot.name], slot, feeder.room) for slot in feeder.caches if slot.name in held}
    return held


def _last(cache: np.ndarray, slot: Slot, room: int) -> np.ndarray:
    """The last tokens of a cache, as many as there is room for."""
    if slot.cache is None or slot.cache.cross or slot.cache.grows is None:
        return cache
    length = cache.shape[slot.cache.grows]
    return np.take(cache, range(max(0, length - room), length), axis=slot.cache.grows)


def handed_over(outputs: Mapping[str, np.ndarray], feeder: Feeder) -> dict[str, np.ndarray]:
    """The outputs of one graph as caches of another that goes on from it, matched by the words in their names, then by
    their order. Raises InputError if one finds nothing that fits."""
    rest = dict(outputs)
    found: dict[str, np.ndarray] = {}
    for slot in feeder.caches:
        fitting = [name for name, value in rest.items() if _takes(slot, value)]
        if not fitting:
            raise InputError(
                "The part of the model that goes on from here wants a cache that the first part does not give.",
                where=slot.name, advice="Export both parts again, together.",
            )  # fmt: skip
        best = max(fitting, key=lambda name: in_common(slot.name, name))
        found[slot.name] = rest.pop(best)
    return found


def no_cache(feeder: Feeder) -> InputError:
    """Why tokens cannot be read into a cache."""
    if feeder.caches:
        return InputError(
            "This model takes a cache but does not give the next one, so its steps cannot be joined.",
            where=", ".join(slot.name for slot in feeder.caches[:2]), advice="Run the whole text without --cached.",
        )  # fmt: skip
    return InputError("This model has no cache: it reads the whole text each time.", advice="Run it without --cached.")


def _part(sequences: Sequences, own: Side, start: int, end: int) -> Sequences:
    """Some of the tokens, those before them in the cache."""
    past = sequences.past + start
    if own is Side.TARGET:
        return replace(sequences, target=sequences.target[start:end], past=past)
    return replace(
        sequences, source=sequences.source[start:end], segments=sequences.segments[start:end], past=past
    )  # fmt: skip


def _takes(slot: Slot, value: np.ndarray) -> bool:
    layout = slot.cache
    if layout is None or value.ndim != len(layout.sizes):
        return False
    return all(size is None or size == have for size, have in zip(layout.sizes, value.shape, strict=True))
