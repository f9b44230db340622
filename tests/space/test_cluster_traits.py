"""The values of metadata that tell clusters apart, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.space import cluster_traits
from embstudio.space.cluster_traits import Trait, traits

GROUPS = np.array([0, 0, 0, 0, 1, 1, 1, 1, -1, -1])
KIND = ("a", "a", "a", "b", "b", "b", "b", "b", "c", "c")


def test_the_value_that_is_a_clusters_own() -> None:
    first, second = traits(GROUPS, 2, {"kind": KIND})
    assert first == [Trait("kind", "a", 3 / 4, 3 / 8)]
    assert second == [Trait("kind", "b", 1.0, 5 / 8)]
    assert first[0].telling == pytest.approx(0.75 * math.log2(2))


def test_the_most_telling_column_comes_first_and_one_that_tells_nothing_not_at_all() -> None:
    even = ("x", "y") * 5
    side = ("l",) * 4 + ("r",) * 4 + ("", "")
    first, second = traits(GROUPS, 2, {"kind": KIND, "even": even, "side": side})
    assert [trait.column for trait in first] == ["side", "kind"]
    assert [trait.column for trait in second] == ["side", "kind"]


def test_columns_that_name_rows_are_left_out() -> None:
    many = tuple(str(row) for row in range(200))
    groups = np.arange(200) % 2
    assert traits(groups, 2, {"id": many, "same": ("x",) * 200}) == [[], []]


def test_of_many_rows_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_traits, "_LOOKED_AT", 400)
    random = np.random.default_rng(2)
    groups = random.integers(0, 2, size=5000)
    column = ["ab"[group] if random.random() < 0.9 else "c" for group in groups.tolist()]
    (first,), (second,) = traits(groups, 2, {"kind": column})
    assert (first.value, second.value) == ("a", "b")
    assert first.share == pytest.approx(0.9, abs=0.06)
