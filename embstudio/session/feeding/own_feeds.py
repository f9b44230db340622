"""Feeds of the person's own: completed, checked, and read for the tokens they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from embstudio.base.errors import InputError
from embstudio.session.feeding import values, wanted
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.sequences import Sequences
from embstudio.session.feeding.slots import Role, Side


def complete(feeder: Feeder, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Feeds of the person's own, in the types of the graph; what goes with the ids of one sequence may be left
    out and is made up. Raises InputError for a missing, surplus or unfit one."""
    known = {slot.name: slot.tensor for slot in feeder.slots}
    typed = {name: values.typed(known[name], value) for name, value in given.items() if name in known}
    made = _companions(feeder, typed)
    surplus = [name for name in given if name not in known]
    missing = [name for name in known if name not in typed and name not in made]
    if surplus or missing:
        parts = [f"{word}: {', '.join(names)}" for word, names in (("missing", missing), ("unknown", surplus))
                 if names]  # fmt: skip
        raise InputError(
            "The feeds are not the inputs of this model.", where="; ".join(parts),
            advice=f"It takes {wanted.listed([slot.tensor for slot in feeder.slots])}.",
        )  # fmt: skip
    return {name: typed[name] if name in typed else made[name] for name in known}


def refuse_empty(feeder: Feeder, feeds: Mapping[str, np.ndarray]) -> None:
    """Raises InputError for a feed without numbers, caches apart: onnxruntime's recurrent operators take the whole
    process down with them when they are given one."""
    for slot in feeder.slots:
        if slot.cache is None and feeds[slot.name].size == 0:
            raise InputError(
                "There is nothing to run: a feed is empty.", where=f"{slot.name}: {list(feeds[slot.name].shape)}",
                advice="Give one token at least, and one sequence.",
            )  # fmt: skip


def say_shorter(feeder: Feeder, feeds: Mapping[str, np.ndarray], tokens: int) -> list[str]:
    """A sentence for each feed that says the text is shorter than it is: recurrent layers stop there."""
    return [
        f"By {slot.name} the text has {int(feeds[slot.name].reshape(-1)[0])} of its {tokens} tokens: past those, "
        "recurrent layers that are told so give 0."
        for slot in feeder.slots
        if slot.role is Role.NEW_LENGTH and feeds[slot.name].reshape(-1)[0] < tokens
    ]


def sequences_in(feeder: Feeder, feeds: Mapping[str, np.ndarray]) -> Sequences:
    """The rows of ids that feeds hold, and how many tokens their cache has. Raises InputError for more than one
    sequence that the graph does not ask for: a trace has no batch."""
    rows: dict[Side, tuple[int, ...]] = {}
    for slot in feeder.ids_slots:
        ids = feeds.get(slot.name, np.zeros((1, 0), np.int64))
        if ids.ndim > 1 and ids.shape[0] not in (1, feeder.batch):
            raise InputError(
                "A trace is of one sequence.", where=f"{slot.name}: {list(ids.shape)}",
                advice="Give a batch of one.",
            )  # fmt: skip
        row = ids[0] if ids.ndim > 1 else ids
        rows[slot.side] = tuple(int(id_) for id_ in row.reshape(-1))
    return Sequences(rows.get(Side.SOURCE, ()), target=rows.get(Side.TARGET, ()), past=past_in(feeder, feeds))


def past_in(feeder: Feeder, feeds: Mapping[str, np.ndarray]) -> int:
    """How many tokens the cache in some feeds holds."""
    lengths = [
        feeds[slot.name].shape[slot.cache.grows]
        for slot in feeder.caches
        if slot.cache and not slot.cache.cross and slot.cache.grows is not None and slot.name in feeds
    ]
    return max(lengths, default=0)


def source_length(feeder: Feeder, feeds: Mapping[str, np.ndarray]) -> int:
    """How many tokens the encoder of another file read, whose work is in some feeds; or how many vectors there are."""
    if feeder.hidden is not None and feeder.hidden.name in feeds:
        return int(feeds[feeder.hidden.name].shape[1])
    lengths = [
        feeds[slot.name].shape[slot.cache.grows]
        for slot in feeder.caches
        if slot.cache and slot.cache.cross and slot.cache.grows is not None and slot.name in feeds
    ]
    lengths += [
        feeds[slot.name].shape[slot.counts]
        for slot in feeder.slots
        if slot.counts is not None and slot.name in feeds and feeds[slot.name].ndim > slot.counts
    ]
    return max(lengths, default=0)


def _companions(feeder: Feeder, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The inputs not given that can be made up from the ids given; none for several sequences."""
    if any(slot.name not in given or (given[slot.name].ndim > 1 and len(given[slot.name]) != 1)
           for slot in feeder.ids_slots):  # fmt: skip
        return {}
    if not feeder.ids_slots:
        return {}
    sequences, made = sequences_in(feeder, given), {}
    if not sequences.source:
        sequences = replace(sequences, source=(0,) * source_length(feeder, given))
    for slot in feeder.slots:
        if slot.name not in given and slot.role is not Role.IDS:
            try:
                made[slot.name], _ = feeder.value(slot, sequences, {})
            except InputError:
                continue  # it is then missing, which the caller says
    return made
