"""Errors keep their kind and all their words on the way from the worker."""

from __future__ import annotations

import pickle

import pytest

from embstudio.base import errors
from embstudio.base.errors import StudioError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StudioError)]


@pytest.mark.parametrize("kind", KINDS)
def test_pickling_keeps_everything(kind: type[StudioError]) -> None:
    error = kind("It broke.", where="a.onnx", advice="Mend it.", detail="0x3")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert (back.what, back.where, back.advice, back.detail) == ("It broke.", "a.onnx", "Mend it.", "0x3")
    assert str(back) == "It broke. (a.onnx) Mend it."


def test_only_what_is_known_is_said() -> None:
    assert str(StudioError("It broke.")) == "It broke."
    assert str(StudioError("It broke.", advice="Mend it.")) == "It broke. Mend it."
