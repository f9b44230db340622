"""Rows written down briefly and read again."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.row_ranges import ranges_of, rows_of


def test_what_is_written() -> None:
    assert ranges_of(np.array([9, 0, 1, 2, 5, 4])) == "0-2,4-5,9"
    assert ranges_of(np.array([7])) == "7"
    assert ranges_of(np.zeros(0, int)) == ""


@pytest.mark.parametrize("count", [0, 1, 30, 999, 1000])
def test_what_is_written_is_read_again(count: int) -> None:
    rows = np.sort(np.random.default_rng(count).choice(1000, count, replace=False))
    assert rows_of(ranges_of(rows), 1000).tolist() == rows.tolist()


@pytest.mark.parametrize("text", ["x", "5-", "3-2", "-1", "0-1000", "1,,a"])
def test_what_is_no_such_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rows_of(text, 1000)
