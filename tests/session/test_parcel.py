"""Replies taken apart and put together again, wherever their arrays are."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.session import parcel
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace


def journey(reply: object) -> tuple[object, parcel.Parcel]:
    packed = parcel.pack(reply)
    block = memoryview(bytearray(parcel.room(packed.sizes) + 100))
    parcel.write(packed, block)
    return parcel.unpack(packed.head, [bytearray(part) for part in parcel.cut(block, packed.sizes)]), packed


@pytest.mark.parametrize("length", [1, 5000])
def test_a_trace_arrives_as_it_was(length: int) -> None:
    rng = np.random.default_rng(0)
    arrays = {
        "embed": NamedArray(rng.normal(size=(length, 3)).astype(np.float32), ("pos", "d_model")),
        "logits": NamedArray(rng.normal(size=(length, 7)).T.copy().T, ("pos", "vocab")),  # Fortran order
    }
    tokens = tuple(Token(f"w{at}", f"w{at}", at) for at in range(length))
    trace = Trace("m", "t", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))
    arrived, packed = journey(trace)
    assert isinstance(arrived, Trace)
    assert arrived.tokens == tokens
    assert arrived.provenance == trace.provenance
    for name, array in arrays.items():
        np.testing.assert_array_equal(arrived[name].values, array.values)
        assert arrived[name].values.flags.writeable == array.values.flags.writeable
    assert len(packed.buffers) == (2 if length > 1 else 0)
    assert sum(packed.sizes) == (trace.nbytes if length > 1 else 0)


def test_arrays_that_are_not_contiguous_and_empty_ones() -> None:
    arrays = [np.arange(40_000.0)[::2], np.empty((0, 5)), np.arange(20_000)]
    arrived, _ = journey(arrays)
    for array, other in zip(arrays, arrived, strict=True):  # type: ignore[call-overload]
        np.testing.assert_array_equal(array, other)


def test_an_error_keeps_its_kind_and_words() -> None:
    arrived, _ = journey(InputError("What.", where="where", advice="Advice.", detail="detail"))
    assert isinstance(arrived, InputError)
    assert (arrived.what, arrived.where, arrived.advice, arrived.detail) == ("What.", "where", "Advice.", "detail")
