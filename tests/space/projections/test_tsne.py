"""t-SNE's parts against their formulas written out in float64, and the whole on groups that are known."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.projections.affinities import conditional, symmetric
from embstudio.space.projections.repulsion import on_a_grid, pair_by_pair, repulsion
from embstudio.space.projections.snapshot import Snapshot
from embstudio.space.projections.tsne import Tsne, attraction, divergence


def blobs(each: int = 60, groups: int = 3, width: int = 10) -> np.ndarray:
    rng = np.random.default_rng(4)
    centres = 12 * rng.normal(size=(groups, width))
    return np.concatenate([centre + rng.normal(size=(each, width)) for centre in centres]).astype(np.float32)


def last(method: Tsne, vectors: np.ndarray, seed: int = 0) -> Snapshot:
    *_, picture = method.pictures(vectors, seed)
    return picture


def test_each_row_has_the_perplexity_asked_for() -> None:
    distances = np.sort(np.random.default_rng(0).gamma(3, 50, size=(40, 90)), axis=1)
    distances[3] *= 1e6
    p = conditional(distances, 30)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(-np.sum(p * np.log(p + 1e-300), axis=1)), 30, rtol=1e-4)


def test_rows_at_one_place_share_alike() -> None:
    np.testing.assert_allclose(conditional(np.zeros((2, 4)), 3), 0.25)


def test_affinities_are_the_mean_of_both_directions() -> None:
    neighbours, weights = np.array([[1, 2], [0, 2], [1, 0]]), np.array([[0.7, 0.3], [0.6, 0.4], [0.9, 0.1]])
    dense = np.zeros((3, 3))
    np.put_along_axis(dense, neighbours, weights, axis=1)
    dense = (dense + dense.T) / (2 * 3)
    P = symmetric(neighbours, weights)
    got = np.zeros((3, 3))
    got[P.row, P.column] = P.value
    np.testing.assert_allclose(got, dense, rtol=1e-6)
    assert P.starts.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    ("extent", "tolerance"), [(1e-3, 1e-5), (1.0, 1e-3), (30.0, 0.02), (100.0, 0.03), (300.0, 0.08)]
)
def test_repulsion_is_the_sum_over_all_pairs(extent: float, tolerance: float) -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(15, 2))[rng.integers(0, 15, 1500)] + 0.2 * rng.normal(size=(1500, 2))
    points *= extent / np.ptp(points)
    difference = points[:, None] - points[None]
    near = 1 / (1 + np.square(difference).sum(axis=-1))
    R = np.sum(near[..., None] ** 2 * difference, axis=1)
    exact = pair_by_pair(points)
    np.testing.assert_allclose(exact[0], R, atol=1e-12 * np.abs(R).max())
    assert exact[1] == pytest.approx(near.sum() - len(points))
    got, Z = on_a_grid(points)
    assert np.sqrt(np.mean((got - R) ** 2) / np.mean(R**2)) < tolerance
    assert pytest.approx(near.sum() - len(points), rel=2e-3) == Z
    np.testing.assert_allclose(got.sum(axis=0), 0, atol=1e-8 * np.abs(got).sum())  # every push has its counterpart


def test_gradient_is_that_of_the_divergence() -> None:
    rng = np.random.default_rng(2)
    neighbours = np.array([[j for j in range(8) if j != i] for i in range(8)])
    P = symmetric(neighbours, conditional(np.sort(rng.gamma(3, size=(8, 7)), axis=1), 3))
    points = 2 * rng.normal(size=(8, 2))
    pushes, Z = repulsion(points)
    gradient = 4 * (attraction(P, points) - pushes / Z)

    def kl(moved: np.ndarray) -> float:
        d2 = np.square(moved[:, None] - moved[None]).sum(axis=-1)
        q = 1 / (1 + d2)
        np.fill_diagonal(q, 0)
        return divergence(P, moved, float(q.sum()))

    slope = np.zeros_like(points)
    for place in np.ndindex(points.shape):
        step = np.zeros_like(points)
        step[place] = 1e-5
        slope[place] = (kl(points + step) - kl(points - step)) / 2e-5
    np.testing.assert_allclose(gradient, slope, atol=1e-6)


def test_groups_are_kept_and_the_divergence_falls() -> None:
    vectors = blobs()
    pictures = list(Tsne(iterations=200).pictures(vectors, seed=0))
    kl = [picture.measures["KL divergence"] for picture in pictures if picture.step in (275, 300, 450)]
    assert kl[0] > kl[-1] > 0
    points = pictures[-1].points.astype(np.float64)
    distances = np.square(points[:, None] - points[None]).sum(axis=-1)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :10]
    assert np.array_equal(nearest // 60, np.broadcast_to(np.arange(180)[:, None] // 60, nearest.shape))


def test_the_first_picture_is_pca_and_the_last_is_finished() -> None:
    pictures = list(Tsne(iterations=10).pictures(blobs(20), seed=0))
    assert "PCA" in pictures[0].stage
    assert pictures[0].step == 0
    assert [picture.finished for picture in pictures] == [False] * (len(pictures) - 1) + [True]


def test_of_many_rows_a_picture_of_its_own_comes_before_all_neighbours_are_found() -> None:
    rng = np.random.default_rng(5)
    vectors = (12 * rng.normal(size=(3, 8))[rng.integers(0, 3, 3100)] + rng.normal(size=(3100, 8))).astype(np.float32)
    stages: list[tuple[int, str]] = []
    for picture in Tsne(iterations=0).pictures(vectors, seed=1):
        stages.append((picture.step, picture.stage))
        if "all are found" not in picture.stage and picture.step:
            break
    assert stages[0] == (0, "PCA, from which t-SNE starts")
    assert [step for step, _ in stages] == list(range(len(stages)))  # each of them counts
    assert stages[1][1] == "bringing groups together by some of the neighbours; 17% of all are found"
    assert stages[-1][1] == "bringing groups together"


def test_the_same_again() -> None:
    vectors = blobs(30)
    assert np.array_equal(last(Tsne(iterations=5), vectors).points, last(Tsne(iterations=5), vectors).points)


def test_length_does_not_count_under_cosine() -> None:
    vectors = blobs(20)
    longer = vectors * np.random.default_rng(0).integers(1, 4, size=(60, 1)) * 2.0
    method = Tsne(metric="cosine", iterations=1)
    unit = [next(iter(method.pictures(table, 0))).points for table in (vectors, longer)]
    np.testing.assert_allclose(unit[0], unit[1], atol=1e-5)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 9])
def test_few_rows(rows: int) -> None:
    picture = last(Tsne(iterations=3), blobs()[:rows])
    assert picture.finished
    assert picture.points.shape == (rows, 2)
    assert np.isfinite(picture.points).all()


def test_equal_rows() -> None:
    assert np.isfinite(last(Tsne(iterations=3), np.ones((12, 4), np.float32)).points).all()


def test_options_that_make_no_sense() -> None:
    with pytest.raises(InputError, match="perplexity"):
        last(Tsne(perplexity=1), blobs())
    with pytest.raises(InputError, match="manhattan"):
        last(Tsne(metric="manhattan"), blobs())
