"""Walking from vector to vector, back and forth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.space.files.options import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio


@pytest.fixture
def studio() -> Studio:
    studio = Studio(lambda *_: None, lambda _: None)
    words = VectorSet(("a", "b", "c"), np.eye(3, dtype=np.float32))
    studio.vector_sets._add(Path("first.txt"), LoadOptions(), words)
    return studio


def test_back_and_forward(studio: Studio) -> None:
    walk = studio.vector_walk
    for row in (0, 2, 1):
        walk.go(row)
    walk.back()
    walk.back()
    assert (walk.row, walk.can_go_back, walk.can_go_forward) == (0, True, True)
    walk.forward()
    assert walk.row == 2
    walk.go(0)
    assert not walk.can_go_forward
    walk.back()
    assert walk.row == 2


def test_another_set_begins_anew(studio: Studio) -> None:
    walk = studio.vector_walk
    walk.go(2)
    words = VectorSet(("x",), np.ones((1, 2), np.float32))
    studio.vector_sets._add(Path("second.txt"), LoadOptions(), words)
    assert (walk.row, walk.can_go_back) == (None, False)


def test_the_comparison_says_what_is_done_to_the_vectors(studio: Studio) -> None:
    walk = studio.vector_walk
    told: list[str] = []
    walk.changed.connect(lambda: told.append(walk.comparison.words))
    walk.compare(whiten=True, unit=True)
    walk.compare(unit=True)
    walk.compare(whiten=False, unit=False)
    assert told == ["centred, whitened, unit length", ""]
