"""The graph's inputs for several texts in one run: each text's own, one on top of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.slots import Role, Side, Slot
from embstudio.session.text_vectors.rows import Row

_OF_TOKENS = (Role.IDS, Role.TYPES, Role.POSITIONS)


class NotStackable(Exception):
    """An input has no axis for several texts."""


def length_of(feeder: Feeder, rows: Sequence[Row]) -> int:
    """Tokens that each of the rows has with its padding. Raises InputError for more than the graph takes."""
    longest = max(map(len, rows))
    if feeder.multiple is not None:
        return longest + -longest % feeder.multiple
    return feeder.length(Side.SOURCE) or longest


def stacked(feeder: Feeder, rows: Sequence[Row], length: int) -> dict[str, np.ndarray]:
    """Everything the graph takes for all rows at once, each padded to `length` tokens.

    Raises NotStackable, or InputError for an input that cannot be made up.
    """
    made = {}
    for slot in feeder.slots:
        pads = [{Side.SOURCE: length - len(row)} for row in rows]
        values = [feeder.value(slot, row.sequences, pad)[0] for row, pad in zip(rows, pads, strict=True)]
        made[slot.name] = _together(slot, values)
    return made


def _together(slot: Slot, values: Sequence[np.ndarray]) -> np.ndarray:
    first, axis = values[0], _axis(slot)
    if len(values) == 1:
        return first
    if axis is not None and axis < first.ndim and first.shape[axis] == 1 and _is_open(slot, axis):
        return np.concatenate(values, axis=axis)
    if all(np.array_equal(first, value) for value in values) and (first.ndim == 0 or axis is None):
        return first  # such as places, or a number of tokens, that are the same for all
    raise NotStackable(slot.name)


def _axis(slot: Slot) -> int | None:
    """The axis along which texts stand; None where there is none."""
    shape = slot.tensor.shape
    if slot.cache is not None:
        return slot.cache.batch
    if slot.square or not shape or (len(shape) == 1 and slot.role in _OF_TOKENS):
        return None
    # One number for each part of a rotation, and only then the texts (`feeding.values.row`).
    parts = len(shape) == 3 and slot.role in _OF_TOKENS and isinstance(shape[0], int) and not isinstance(shape[2], int)
    return 1 if parts else 0


def _is_open(slot: Slot, axis: int) -> bool:
    return not isinstance(slot.tensor.shape[axis], int)
