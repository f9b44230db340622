"""The arrays that are fed: one function a kind of input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.base.errors import InputError
from embstudio.modelfile.tensor_info import TensorInfo
from embstudio.session.feeding import wanted
from embstudio.session.feeding.slots import Slot


def row(tensor: TensorInfo, numbers: Sequence[int], batch: int) -> np.ndarray:
    """Numbers of the tokens as [length], [batch, length] or [n, batch, length]; of more axes the last are fixed and
    every entry is the same. Raises InputError for a number that the input's type cannot hold: it would wrap around."""
    value = np.array(list(numbers), _integers(tensor, numbers))
    rank = len(tensor.shape)
    if rank == 0:
        value = value[:1].reshape(())
    elif rank == 2:
        value = np.tile(value, (batch, 1))
    elif rank == 3 and isinstance(tensor.shape[0], int) and not isinstance(tensor.shape[2], int):
        value = np.tile(value, (tensor.shape[0], batch, 1))  # one for each part of a rotation (Qwen2-VL)
    elif rank >= 3:
        value = np.broadcast_to(value.reshape(1, -1, *[1] * (rank - 2)), (batch, len(value), *_fixed(tensor)))
    return np.ascontiguousarray(value, _dtype(tensor))


def mask(slot: Slot, past: int, new: int, padded: int, batch: int, *, causal: bool) -> np.ndarray:
    """Which tokens may be seen: [batch, keys], or for each query [batch, 1, queries, keys]. causal: each query sees
    the keys up to its own place; a square one is [queries, keys]. A rank of 1 holds the number of tokens."""
    tensor, rank = slot.tensor, len(slot.tensor.shape)
    if rank <= 1:
        return filled(tensor, past + new, batch, new)
    keys = np.concatenate([np.ones(past + new), np.zeros(padded)])
    size = tensor.shape[-1]
    if isinstance(size, int):
        # A cache of fixed length stands before the new tokens: empty in front, or without the first of many.
        keys = np.concatenate([np.zeros(max(0, size - len(keys))), keys])[-size:]
    seen = keys[None]
    if rank > 2 or slot.square:
        queries = 1 if tensor.shape[-2] == 1 else new + padded
        seen = np.broadcast_to(keys, (queries, len(keys)))
        if causal and queries > 1:
            seen = seen * np.tri(queries, len(keys), len(keys) - queries)
        if not slot.square:
            around = (batch, *[n if isinstance(n, int) else 1 for n in tensor.shape[1:-2]])
            seen = np.broadcast_to(seen, (*around, *seen.shape))
    else:
        seen = np.tile(seen, (batch, 1))
    return np.ascontiguousarray(np.where(seen > 0, slot.visible, slot.hidden).astype(_dtype(tensor)))


def empty(slot: Slot, batch: int) -> np.ndarray:
    """A cache of no tokens, or of nothing but zeros where its length is fixed; a state of zeros. Raises InputError if
    nobody says how large it is: onnxruntime refuses a wrong size even of an empty one."""
    assert slot.cache is not None
    try:
        shape = slot.cache.shape(batch, 0)
    except ValueError:
        raise wanted.size_missing(slot.tensor) from None
    fixed = [size if isinstance(size, int) else shape[axis] for axis, size in enumerate(slot.tensor.shape)]
    return np.zeros(fixed, _dtype(slot.tensor))


def made_up(slot: Slot, batch: int, length: int, random: np.random.Generator) -> np.ndarray:
    """Random numbers for an input that only a person has: small ones of a normal distribution, zeros for integers."""
    tensor, dtype = slot.tensor, _dtype(slot.tensor)
    if slot.cache is not None:
        try:
            shape = slot.cache.shape(batch, length)
        except ValueError:
            raise wanted.size_missing(tensor) from None
    else:
        shape = tuple(
            size if isinstance(size, int) else (length if _counts_tokens(slot, axis) else batch)
            for axis, size in enumerate(tensor.shape)
        )
    return (random.normal(size=shape) if dtype.kind == "f" else np.zeros(shape)).astype(dtype)


def _counts_tokens(slot: Slot, axis: int) -> bool:
    return axis > 0 if slot.counts is None else axis == slot.counts


def filled(tensor: TensorInfo, value: float, batch: int, length: int) -> np.ndarray:
    """The same number everywhere. Raises InputError where an axis has no length."""
    return np.full(_shape(tensor, batch, length), value, _dtype(tensor))


def default(tensor: TensorInfo, batch: int, length: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """What is fed to an input of no known purpose, and the sentence that says so. Raises InputError for rows of
    floats and for shapes that nobody can guess: pictures, sound, vectors."""
    kind = _dtype(tensor).kind
    if kind not in ("i", "u", "b", "f") or (kind == "f" and len(tensor.shape) > 1) or len(tensor.shape) > 3:
        raise wanted.not_known(tensor)
    value = 1 if kind == "f" else 0
    told = {"f": "1", "b": "false"}.get(kind, "0")
    return filled(tensor, value, batch, length), (
        f"embstudio does not know what the input {wanted.describe(tensor)} is for: it was fed {told} throughout.",
    )  # fmt: skip


def typed(tensor: TensorInfo, value: np.ndarray) -> np.ndarray:
    """A feed of the person's own in the type of the graph. Raises InputError where something would be lost."""
    if tensor.dtype == str(value.dtype):
        return value
    try:
        wished = _dtype(tensor)
    except TypeError:
        wished = value.dtype  # a type that numpy does not know: onnxruntime decides
    if not np.can_cast(value.dtype, wished, "same_kind"):
        raise InputError(
            f"A feed has the wrong type: {value.dtype}.", where=wanted.describe(tensor),
            advice=f"Store it as {tensor.dtype}.",
        )  # fmt: skip
    return value.astype(wished)


def _dtype(tensor: TensorInfo) -> np.dtype:
    """The type to feed. Raises InputError for one that numpy does not know."""
    try:
        return np.dtype(tensor.dtype)
    except TypeError:
        raise wanted.not_known(tensor) from None


def _shape(tensor: TensorInfo, batch: int, length: int) -> tuple[int, ...]:
    own: list[int | None] = [batch, length]
    if len(tensor.shape) == 1 and tensor.shape[0] not in (1, None) and batch == 1:
        own = [batch]
    sizes = [
        size if isinstance(size, int) else (own[axis] if axis < len(own) else None)
        for axis, size in enumerate(tensor.shape)
    ]
    known = [size for size in sizes if size is not None]
    if len(known) != len(sizes):
        raise wanted.not_known(tensor)
    return tuple(known)


def _fixed(tensor: TensorInfo) -> tuple[int, ...]:
    sizes = [size for size in tensor.shape[2:] if isinstance(size, int)]
    if len(sizes) != len(tensor.shape) - 2:
        raise wanted.not_known(tensor)
    return tuple(sizes)


def _integers(tensor: TensorInfo, numbers: Sequence[int]) -> np.dtype:
    own = _dtype(tensor)
    dtype = own if own.kind in "iu" else np.dtype(np.int64)
    limits = np.iinfo(dtype)
    unfit = [number for number in numbers if not limits.min <= number <= limits.max]
    if unfit:
        raise InputError(
            f"The token id {unfit[0]} does not fit into the model's input.", where=wanted.describe(tensor),
            advice=f"Give ids from {max(limits.min, 0)} to {limits.max}.",
        )  # fmt: skip
    return dtype
