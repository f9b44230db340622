"""UMAP's parts against their definitions, and the whole on groups that are known."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.projections import umap
from embstudio.space.projections.memberships import degrees, memberships
from embstudio.space.projections.neighbour_graph import NeighbourGraph
from embstudio.space.projections.snapshot import Snapshot
from embstudio.space.projections.umap import Umap, curve
from embstudio.space.trust import TrustMeasure


def blobs(each: int = 60, groups: int = 3, width: int = 10) -> np.ndarray:
    rng = np.random.default_rng(4)
    centres = 12 * rng.normal(size=(groups, width))
    return np.concatenate([centre + rng.normal(size=(each, width)) for centre in centres]).astype(np.float32)


def last(method: Umap, vectors: np.ndarray, seed: int = 0) -> Snapshot:
    *_, picture = method.pictures(vectors, seed)
    return picture


def test_the_nearest_belongs_wholly_and_all_together_as_many_as_the_paper_says() -> None:
    distances = np.sort(np.random.default_rng(0).gamma(3, 50, size=(40, 15)), axis=1)
    got = degrees(distances)
    np.testing.assert_allclose(got[:, 0], 1)
    np.testing.assert_allclose(got.sum(axis=1), np.log2(16), rtol=1e-6)
    # exp(−(d − ρ) / σ): the logarithm is a straight line in d.
    slopes = -np.log(got[:, 1:]) / (distances[:, 1:] - distances[:, :1])
    np.testing.assert_allclose(slopes, np.broadcast_to(slopes[:, :1], slopes.shape), rtol=1e-6)


def test_rows_at_one_place_belong_wholly() -> None:
    np.testing.assert_allclose(degrees(np.zeros((2, 4))), 1)
    np.testing.assert_allclose(degrees(np.array([[0.0, 0.0, 2.0, 3.0]]))[0, :3], 1)


def test_either_or_both() -> None:
    graph = NeighbourGraph(np.array([[1, 2], [0, 2], [1, 0]]), np.array([[1, 2], [1, 1.5], [1.5, 2]], np.float32))
    one_way = np.zeros((3, 3))
    np.put_along_axis(one_way, graph.rows, degrees(graph.distances), axis=1)
    pairs = memberships(graph)
    got = np.zeros((3, 3))
    got[pairs.row, pairs.column] = pairs.degree
    np.testing.assert_allclose(got, one_way + one_way.T - one_way * one_way.T, rtol=1e-6)


@pytest.mark.parametrize(  # by scipy.optimize.curve_fit, as in umap-learn
    ("minimum_distance", "a", "b"), [(0.1, 1.57694346, 0.89506088), (0.5, 0.58303002, 1.33416699)]
)
def test_the_curve_is_that_of_the_authors(minimum_distance: float, a: float, b: float) -> None:
    assert curve(minimum_distance) == pytest.approx((a, b), rel=1e-5)


@pytest.mark.parametrize("strangers", [False, True])
def test_pull_and_push_are_slopes_of_the_cross_entropy(strangers: bool) -> None:
    a, b = curve(0.1)
    difference = np.random.default_rng(0).uniform(0.8, 3, size=(20, 2)).astype(np.float32)

    def log_likelihood(moved: np.ndarray) -> np.ndarray:
        near = 1 / (1 + a * np.square(moved).sum(axis=1) ** b)
        return np.log(1 - near) if strangers else np.log(near)

    force = (umap._repulsion if strangers else umap._attraction)(difference, a, b)
    for axis in range(2):
        step = np.eye(2)[axis] * 1e-6
        slope = (log_likelihood(difference + step) - log_likelihood(difference - step)) / 2e-6
        np.testing.assert_allclose(force[:, axis], slope, rtol=2e-3)  # of which a thousandth keeps strangers finite


def test_groups_are_kept() -> None:
    vectors = blobs()
    pictures = list(Umap(epochs=200).pictures(vectors, seed=0))
    assert "PCA" in pictures[0].stage
    assert [picture.finished for picture in pictures] == [False] * (len(pictures) - 1) + [True]
    points = pictures[-1].points.astype(np.float64)
    centres = points.reshape(3, 60, 2).mean(axis=1)
    nearest = np.square(points[:, None] - centres).sum(axis=-1).argmin(axis=1)
    assert np.array_equal(nearest, np.repeat(np.arange(3), 60))
    *_, trust = TrustMeasure(points, 10).results(vectors)
    *_, of_pca = TrustMeasure(pictures[0].points, 10).results(vectors)
    assert trust.overall[0] > max(0.92, of_pca.overall[0])  # groups are round: there is little more to be kept


def test_the_same_seed_is_the_same_picture() -> None:
    one, again, other = (last(Umap(epochs=5), blobs(30), seed).points for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.allclose(one, other)


def test_three_dimensions() -> None:
    assert last(Umap(dimensions=3, epochs=5), blobs(20)).points.shape == (60, 3)


@pytest.mark.parametrize("rows", [1, 2, 3, 9])
def test_few_rows(rows: int) -> None:
    picture = last(Umap(epochs=3), blobs()[:rows])
    assert picture.finished
    assert np.isfinite(picture.points).all()


def test_equal_rows() -> None:
    assert np.isfinite(last(Umap(epochs=3), np.ones((12, 4), np.float32)).points).all()


def test_options_that_make_no_sense() -> None:
    for method in (Umap(neighbours=1), Umap(minimum_distance=-1), Umap(metric="taxi")):
        with pytest.raises(InputError):
            last(method, blobs())
