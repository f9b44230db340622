"""Pictures of large tables: each pixel the strongest of its block, found by plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.block_maximum import fit


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("holes", [False, True])
def test_each_pixel_is_the_strongest_of_its_block(kind: type, holes: bool) -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(23, 41)).astype(kind)
    values[rng.uniform(size=values.shape) < 0.2] *= 0  # zeros of both signs
    if holes:
        values[rng.uniform(size=values.shape) < 0.3] = np.nan
    rows, columns = 7, 12
    found = fit(values, rows, columns)
    assert found.dtype == kind
    for row in range(rows):
        for column in range(columns):
            down = slice(row * 23 // rows, (row + 1) * 23 // rows)
            across = slice(column * 41 // columns, (column + 1) * 41 // columns)
            cells = values[down, across]
            cells = cells[~np.isnan(cells)]
            assert found[row, column] == cells[np.abs(cells).argmax()]


def test_a_block_of_nothing_is_nothing() -> None:
    values = np.ones((4, 4), np.float32)
    values[:2, :2] = np.nan
    found = fit(values, 2, 2)
    assert np.isnan(found[0, 0])
    assert (found[found == found] == 1).all()
