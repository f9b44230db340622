"""Which rows a picture is made of."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.projections.drawing import Drawing, sample
from embstudio.space.projections.linear import PrincipalComponents, RandomDirections
from embstudio.space.projections.method import Method
from embstudio.space.projections.tsne import Tsne
from embstudio.space.projections.umap import Umap


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
    assert chosen.sentences[0] == "2 vectors hold numbers that are not finite and are left out."
    assert len(sample(vectors, Drawing(PrincipalComponents(), most_rows=2)).sentences) == 3


@pytest.mark.parametrize(
    ("kind", "size"), [(np.float64, 1e200), (np.float64, 1e308), (np.float64, 1e100), (np.float32, 1e38)]
)
@pytest.mark.parametrize("method", [PrincipalComponents(), Tsne(iterations=1), Umap(epochs=5), RandomDirections()])
def test_numbers_too_large_to_be_squared_are_drawn_smaller(kind: type, size: float, method: Method) -> None:
    usual = np.random.default_rng(0).uniform(-1, 1, size=(50, 4))
    vectors = (usual * size).astype(kind)
    chosen = sample(vectors, Drawing(method))
    assert chosen.halvings > 0
    assert chosen.sentences == (f"The numbers are too large to be squared: drawn divided by 2^{chosen.halvings}.",)
    table = chosen.table(vectors)
    assert 0.5 <= np.abs(table).max() < 1
    assert np.array_equal(np.ldexp(table, chosen.halvings), vectors)  # not a digit is lost
    *_, last = Drawing(method).results(table)
    assert np.isfinite(last.points).all()
    assert np.ptp(last.points) > 0
    axes = chosen.dressed(last).axes
    if axes is not None:
        scaled = vectors.astype(np.longdouble)
        np.testing.assert_allclose(
            last.points, (scaled - scaled.mean(axis=0)) @ axes.T.astype(np.longdouble), atol=1e-5
        )


def test_usual_numbers_are_drawn_as_they_are() -> None:
    for vectors in (np.full((3, 2), 60_000, np.float16), np.full((3, 2), 1e10, np.float32)):
        chosen = sample(vectors, Drawing(Tsne()))
        assert (chosen.halvings, chosen.sentences) == (0, ())
        assert chosen.table(vectors) is vectors


@pytest.mark.parametrize("vectors", [np.zeros((0, 3)), np.full((2, 3), np.nan)])
def test_nothing_to_draw(vectors: np.ndarray) -> None:
    with pytest.raises(InputError, match="no vectors"):
        sample(vectors, Drawing(Tsne()))
