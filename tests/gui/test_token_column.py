"""Which tokens of a crowded column are written: none touches another, and as many as fit."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from embstudio.gui.plots.columns import Columns
from embstudio.gui.plots.token_column import choose


def one_by_one(count: int, rows: Columns, line: float, important: list[int]) -> list[int]:
    """The others from the top, each if it touches neither the one before nor an important one."""
    taken, others = [rows.centre(place) for place in important], []
    for place in range(count):
        y = rows.centre(place)
        if all(abs(y - other) >= line for other in taken):
            others.append(place)
            taken.append(y)
    return others


@pytest.mark.parametrize("count", [1, 7, 60, 500, 2048])
def test_as_many_as_fit_are_written_and_none_touches_another(count: int) -> None:
    chance = random.Random(count)
    for height in (40.3, 301.7, 333.1):
        rows = Columns(21.0, height, count)
        first = [chance.randrange(count) for _ in range(min(count, 8))]
        important, others = choose(range(count), rows, 12.0, first)
        assert others == one_by_one(count, rows, 12.0, important)
        heights = sorted(rows.centre(place) for place in (*important, *others))
        assert all(below - above >= 12.0 for above, below in pairwise(heights))
        assert not first or important[0] == first[0]
