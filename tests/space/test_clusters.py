"""k-means on groups that are known, and against Lloyd's conditions checked in float64."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.clusters import Clustering, KMeans

RNG = np.random.default_rng(0)
CENTRES = 10 * RNG.normal(size=(4, 5))
SIZES = (50, 40, 30, 20)
TRUTH = np.repeat(np.arange(4), SIZES)
ORDER = RNG.permutation(140)
VECTORS = (CENTRES[TRUTH] + RNG.normal(size=(140, 5)) + 30)[ORDER]


def last(method: KMeans, vectors: np.ndarray) -> Clustering:
    *_, found = method.results(vectors)
    return found


def test_groups_that_are_there_are_found_and_numbered_by_size() -> None:
    found = last(KMeans(4), VECTORS)
    assert np.array_equal(found.groups, TRUTH[ORDER])
    assert found.sizes.tolist() == list(SIZES)
    for group in range(4):
        np.testing.assert_allclose(found.centres[group], VECTORS[found.groups == group].mean(axis=0), rtol=1e-5)


def test_where_there_are_no_groups_every_row_is_with_its_nearest_centre() -> None:
    vectors = np.random.default_rng(1).normal(size=(3000, 8)) + 5
    found = last(KMeans(12, starts=2), vectors)
    squared = np.square(vectors[:, None] - found.centres[None]).sum(axis=-1)
    in_order = np.sort(squared, axis=1)
    assert np.array_equal(found.groups, squared.argmin(axis=1))
    np.testing.assert_allclose(found.distance, in_order[:, 0], atol=1e-4)
    np.testing.assert_allclose(found.margin, in_order[:, 1] - in_order[:, 0], atol=1e-4)
    assert found.spread == pytest.approx(in_order[:, 0].sum(), rel=1e-5)
    assert found.spread < 0.8 * np.square(vectors - vectors.mean(axis=0)).sum()


def test_more_tries_are_never_worse() -> None:
    spreads = [found.spread for found in KMeans(9, starts=6).results(VECTORS)]
    assert spreads == sorted(spreads, reverse=True)
    assert len(spreads) == 6


def test_rows_that_name_a_cluster() -> None:
    found = last(KMeans(4), VECTORS)
    for group, (central, distinctive) in enumerate(zip(found.central(3), found.distinctive(3), strict=True)):
        inside = np.flatnonzero(found.groups == group)
        squared = np.square(VECTORS[inside][:, None] - found.centres[None]).sum(axis=-1)
        own = squared[:, group]
        others = np.delete(squared, group, axis=1).min(axis=1)
        assert central.tolist() == inside[np.argsort(own)[:3]].tolist()
        assert distinctive.tolist() == inside[np.argsort(own - others)[:3]].tolist()


def test_length_does_not_count_under_cosine() -> None:
    longer = VECTORS * np.random.default_rng(3).uniform(0.1, 9, size=(140, 1))
    one, other = (last(KMeans(4, metric="cosine"), table) for table in (VECTORS, longer))
    assert np.array_equal(one.groups, other.groups)


def test_the_same_seed_gives_the_same() -> None:
    vectors = np.random.default_rng(1).normal(size=(500, 8))
    one, again, other = (last(KMeans(9, seed=seed, starts=1), vectors).groups for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_as_many_clusters_as_rows_and_equal_rows() -> None:
    assert last(KMeans(6), VECTORS[:6]).sizes.tolist() == [1] * 6
    found = last(KMeans(3), np.ones((5, 2)))
    assert found.spread == 0
    assert sum(found.sizes) == 5
    assert last(KMeans(1), VECTORS).groups.tolist() == [0] * 140


@pytest.mark.parametrize("method", [KMeans(0), KMeans(141), KMeans(2, metric="taxi")])
def test_what_cannot_be_grouped(method: KMeans) -> None:
    with pytest.raises(InputError):
        last(method, VECTORS)


def test_typical_rows_are_near_their_own_centre_compared_with_the_next() -> None:
    found = last(KMeans(4), VECTORS)
    apart = np.linalg.norm(VECTORS[:, None] - found.centres[None], axis=-1)
    for group, typical in enumerate(found.typical(3)):
        inside = np.flatnonzero(found.groups == group)
        ratio = apart[inside, group] / np.delete(apart[inside], group, axis=1).min(axis=1)
        assert typical.tolist() == sorted(inside[np.argsort(ratio)[:3]].tolist())
    assert last(KMeans(1), VECTORS).typical(2)[0].tolist() == [0, 1], "with one cluster no row is more so than another"


def test_of_the_most_typical_twentieth_the_first_rows_are_taken() -> None:
    vectors = np.random.default_rng(8).normal(size=(2000, 3))
    found = last(KMeans(2, starts=1), vectors)
    apart = np.linalg.norm(vectors[:, None] - found.centres[None], axis=-1)
    for group, typical in enumerate(found.typical(4)):
        inside = np.flatnonzero(found.groups == group)
        ratio = apart[inside, group] / apart[inside, 1 - group]
        pool = inside[np.argsort(ratio)[: round(0.05 * len(inside))]]
        assert typical.tolist() == np.sort(pool)[:4].tolist()


def test_of_many_rows_the_centres_are_found_on_some_and_each_row_is_with_its_nearest() -> None:
    vectors = np.random.default_rng(5).normal(size=(900, 4)) + 3
    found = last(KMeans(6, most_rows=200, starts=2), vectors)
    assert found.fitted == 200
    squared = np.square(vectors[:, None] - found.centres[None]).sum(axis=-1)
    assert np.array_equal(found.groups, squared.argmin(axis=1))


def test_a_long_first_try_shows_something_before_it_ends() -> None:
    vectors = np.random.default_rng(6).normal(size=(20_500, 2))
    first, *_, final = KMeans(7, starts=1, most_rounds=30).results(vectors)
    assert (first.start, first.finished, final.finished) == (0, False, True)
    assert first.spread > final.spread
