"""What is taken apart comes back equal, through JSON; what is of another shape is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.reader import read
from embstudio.base.records import as_plain, from_plain
from embstudio.modelfile import catalogue
from embstudio.modelfile.model_file import ModelFile


@dataclass(frozen=True)
class Part:
    name: str
    size: int | str | None
    share: float = 1.0


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...]
    pair: tuple[int, str]
    known: bool
    counts: dict[str, int] = field(default_factory=dict)
    extra: Part | None = None


WHOLE = Whole((Part("a", 3), Part("b", "n", 0.5), Part("c", None)), (1, "x"), True, {"total": 7}, Part("d", 1))


def test_there_and_back() -> None:
    assert from_plain(Whole, json.loads(json.dumps(as_plain(WHOLE)))) == WHOLE


@pytest.mark.parametrize("name", ["sentiment-lstm", "next-word", "words"])
def test_anatomies_there_and_back(name: str) -> None:
    anatomy = read(ModelFile(Path(catalogue.find(name).path)).graph)
    assert from_plain(Anatomy, json.loads(json.dumps(as_plain(anatomy)))) == anatomy


@pytest.mark.parametrize(
    "change",
    [{"parts": 3}, {"parts": [3]}, {"pair": [1]}, {"pair": ["x", 1]}, {"known": 1}, {"counts": {"total": "7"}},
     {"extra": {"name": "d"}}, {"more": 1}, {"counts": []}],
    ids=str,
)  # fmt: skip
def test_another_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"wanted|not a|none of"):
        from_plain(Whole, {**as_plain(WHOLE), **change})


def test_what_is_missing_is_refused() -> None:
    plain = as_plain(WHOLE)
    del plain["pair"]
    with pytest.raises(ValueError, match="not a Whole"):
        from_plain(Whole, plain)
