"""What to feed a graph for a sequence of token ids: the ids themselves and the inputs that go with them.

Inputs are recognised by type, shape and the word in their name that every exporter uses; nothing is guessed beyond
that. What is left over is named in an InputError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import numpy as np

from embstudio.anatomy.anatomy import Anatomy, TensorInfo
from embstudio.base.errors import InputError

_INTEGERS = ("int64", "int32")
_NUMBERS = (*_INTEGERS, "float32", "float16", "bool")

# (word in the name, types it may have, value for [1, length])
_COMPANIONS: tuple[tuple[str, tuple[str, ...], Callable[[int], np.ndarray]], ...] = (
    ("mask", _NUMBERS, lambda length: np.ones((1, length))),
    ("type", _INTEGERS, lambda length: np.zeros((1, length))),
    ("segment", _INTEGERS, lambda length: np.zeros((1, length))),
    ("position", _INTEGERS, lambda length: np.arange(length)[None]),
)


def make_feeds(anatomy: Anatomy, ids: Sequence[int]) -> dict[str, np.ndarray]:
    """Feeds for one sequence of token ids, batch 1. Raises InputError, naming the input that cannot be made up."""
    if anatomy.ids_input is None:
        raise InputError(
            "This model has no input that takes token ids.", where=_list(anatomy.inputs),
            advice="`embstudio trace MODEL --feeds IN.npz` runs it with inputs of your own.",
        )  # fmt: skip
    return {tensor.name: _feed(tensor, anatomy.ids_input, ids) for tensor in anatomy.inputs}


def check_feeds(anatomy: Anatomy, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Feeds given by name, in the types of the graph; what goes with the ids of one sequence (masks, positions) may be
    left out and is made up. Raises InputError for a missing, surplus or unfit one."""
    known = {tensor.name: tensor for tensor in anatomy.inputs}
    given = {name: _typed(known[name], value) for name, value in feeds.items() if name in known}
    made = _companions(anatomy, given)
    surplus = [name for name in feeds if name not in known]
    missing = [name for name in known if name not in given and name not in made]
    if surplus or missing:
        raise InputError(
            "The feeds are not the inputs of this model.",
            where="; ".join(
                part for part in (f"missing: {', '.join(missing)}" if missing else "",
                                  f"unknown: {', '.join(surplus)}" if surplus else "") if part
            ),
            advice=f"It takes {_list(anatomy.inputs)}.",
        )  # fmt: skip
    return {**given, **made}


def _companions(anatomy: Anatomy, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The inputs not given that can be made up from the ids given; none for several sequences."""
    ids = given.get(anatomy.ids_input or "")
    if ids is None or ids.ndim != 2 or len(ids) != 1:
        return {}
    made = {}
    for tensor in anatomy.inputs:
        if tensor.name not in given:
            with suppress(InputError):  # it is then missing, which the caller says
                made[tensor.name] = _feed(tensor, anatomy.ids_input or "", ids[0])
    return made


def _feed(tensor: TensorInfo, ids_input: str, ids: Sequence[int]) -> np.ndarray:
    length = len(ids)
    if tensor.name == ids_input:
        value = np.array([ids], _integers(tensor, ids))
    else:
        name = tensor.name.lower()
        fitting = [make for word, types, make in _COMPANIONS if word in name and tensor.dtype in types]
        if not fitting or len(tensor.shape) != 2:
            raise InputError(
                "embstudio does not know what to feed an input of this model.", where=_describe(tensor),
                advice="`embstudio trace MODEL --feeds IN.npz` runs it with inputs of your own.",
            )  # fmt: skip
        value = fitting[0](length)
    for axis, size in enumerate(tensor.shape[:2]):
        if isinstance(size, int) and size != value.shape[axis]:
            noun = ("sequence" if axis == 0 else "token") + ("" if size == 1 else "s")
            raise InputError(
                f"This model takes exactly {size} {noun} at a time, and this is {value.shape[axis]}.",
                where=_describe(tensor),
                advice="Export it with dynamic axes, or give your own inputs: `embstudio trace MODEL --feeds IN.npz`.",
            )
    return value.astype(tensor.dtype)


def _integers(tensor: TensorInfo, ids: Sequence[int]) -> np.dtype:
    """The integer type in which ids are fed. Raises InputError for an id that it cannot hold: it would wrap around."""
    own = np.dtype(tensor.dtype)
    dtype = own if own.kind in "iu" else np.dtype(np.int64)
    limits = np.iinfo(dtype)
    unfit = [id_ for id_ in ids if not limits.min <= id_ <= limits.max]
    if unfit:
        raise InputError(
            f"The token id {unfit[0]} does not fit into the model's input.", where=_describe(tensor),
            advice=f"Give ids from {max(limits.min, 0)} to {limits.max}.",
        )  # fmt: skip
    return dtype


def _typed(tensor: TensorInfo, value: np.ndarray) -> np.ndarray:
    if tensor.dtype == str(value.dtype):
        return value
    try:
        wanted = np.dtype(tensor.dtype)
    except TypeError:
        wanted = value.dtype  # a type that numpy does not know: onnxruntime decides
    if not np.can_cast(value.dtype, wanted, "same_kind"):
        raise InputError(
            f"A feed has the wrong type: {value.dtype}.", where=_describe(tensor),
            advice=f"Store it as {tensor.dtype}.",
        )  # fmt: skip
    return value.astype(wanted)


def _describe(tensor: TensorInfo) -> str:
    shape = ", ".join("?" if size is None else str(size) for size in tensor.shape)
    return f"{tensor.name}: {tensor.dtype} [{shape}]"


def _list(tensors: Sequence[TensorInfo]) -> str:
    return "; ".join(map(_describe, tensors))
