"""Which rows a picture is made of."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.projections.drawing import Drawing, sample
from embstudio.space.projections.linear import PrincipalComponents
from embstudio.space.projections.tsne import Tsne


def test_all_rows_where_there_are_few() -> None:
    chosen = sample(np.zeros((7, 2)), Drawing(Tsne()))
    assert (chosen.rows, chosen.count, chosen.sentences) == (None, 7, ())


def test_a_sample_is_random_seeded_and_said() -> None:
    vectors = np.zeros((1000, 2))
    chosen = sample(vectors, Drawing(Tsne(), seed=3, most_rows=100))
    assert chosen.rows is not None
    assert len(np.unique(chosen.rows)) == chosen.count == 100
    assert np.array_equal(chosen.rows, np.sort(chosen.rows))
    assert chosen.sentences == ("100 of 1,000 vectors, drawn at random.",)
    again, other = (sample(vectors, Drawing(Tsne(), seed, most_rows=100)).rows for seed in (3, 4))
    assert np.array_equal(chosen.rows, again)
    assert not np.array_equal(chosen.rows, other)


def test_every_row_is_as_likely() -> None:
    vectors = np.zeros((10, 1))
    counts = np.zeros(10)
    for seed in range(2000):
        counts[sample(vectors, Drawing(Tsne(), seed, most_rows=3)).rows] += 1
    np.testing.assert_allclose(counts, 600, atol=5 * np.sqrt(600))


def test_rows_that_are_not_finite_are_left_out_and_counted() -> None:
    vectors = np.full((6, 2), 1e200)  # finite, though its square is not
    vectors[1, 0], vectors[4, 1] = np.nan, np.inf
    chosen = sample(vectors, Drawing(PrincipalComponents()))
    assert chosen.rows is not None
    assert chosen.rows.tolist() == [0, 2, 3, 5]
    assert chosen.sentences == ("2 vectors hold numbers that are not finite and are left out.",)
    assert len(sample(vectors, Drawing(PrincipalComponents(), most_rows=2)).sentences) == 2


@pytest.mark.parametrize("vectors", [np.zeros((0, 3)), np.full((2, 3), np.nan)])
def test_nothing_to_draw(vectors: np.ndarray) -> None:
    with pytest.raises(InputError, match="no vectors"):
        sample(vectors, Drawing(Tsne()))
