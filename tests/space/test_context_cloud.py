"""A word's vectors compared: every number against a plain calculation, pair by pair."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from embstudio.space.context_cloud import ContextLayer, common_plane, cosines, pairs, to_own, unit

RANDOM = np.random.default_rng(5)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / math.sqrt(a @ a) / math.sqrt(b @ b))


def layer_of(tokens: np.ndarray, places: list[int]) -> ContextLayer:
    return ContextLayer(tokens[places], tokens.mean(axis=0), unit(tokens).sum(axis=0), len(tokens))


def test_cosines_are_those_of_each_two() -> None:
    x, y = RANDOM.normal(size=(4, 7)), RANDOM.normal(size=(3, 7))
    expected = [[cosine(a, b) for b in y] for a in x]
    np.testing.assert_allclose(cosines(x, y), expected, atol=1e-12)
    assert np.all(cosines(x) <= 1)


def test_a_vector_of_zeros_has_no_cosine() -> None:
    x = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    found = cosines(x)
    assert np.isnan(found[1]).all()
    assert np.isnan(found[:, 1]).all()
    assert found[0, 2] == pytest.approx(math.sqrt(0.5))
    assert pairs(found, ["a", "a", "a"]).counts == (1, 0, 1)
    assert to_own(x, x) == pytest.approx(1)


def test_pairs_are_of_one_group_or_of_two() -> None:
    x, groups = RANDOM.normal(size=(6, 5)), ["a", "b", "a", "", "b", "a"]
    found = pairs(cosines(x), groups)
    within = [cosine(x[i], x[j]) for i, j in itertools.combinations(range(6), 2) if groups[i] == groups[j] != ""]
    across = [
        cosine(x[i], x[j]) for i, j in itertools.combinations(range(6), 2)
        if groups[i] and groups[j] and groups[i] != groups[j]
    ]  # fmt: skip
    everything = [cosine(x[i], x[j]) for i, j in itertools.combinations(range(6), 2)]
    assert found.within == pytest.approx(np.mean(within))
    assert found.across == pytest.approx(np.mean(across))
    assert found.all == pytest.approx(np.mean(everything))
    assert found.counts == (4, 6, 15)


def test_without_two_of_a_group_there_is_no_mean() -> None:
    found = pairs(cosines(RANDOM.normal(size=(2, 3))), ["a", "b"])
    assert math.isnan(found.within)
    assert not math.isnan(found.across)
    alone = pairs(cosines(RANDOM.normal(size=(1, 3))), ["a"])
    assert math.isnan(alone.all)
    assert alone.counts == (0, 0, 0)
    assert pairs(np.zeros((0, 0)), []).counts == (0, 0, 0)


def test_any_two_tokens_is_the_mean_over_all_pairs_of_them() -> None:
    tokens = RANDOM.normal(size=(9, 4)) + 2
    expected = np.mean([cosine(a, b) for a, b in itertools.combinations(tokens, 2)])
    assert layer_of(tokens, [0, 3]).any_two == pytest.approx(expected)
    assert math.isnan(layer_of(tokens[:1], [0]).any_two)


def test_centring_takes_the_mean_of_all_tokens_away() -> None:
    tokens = RANDOM.normal(size=(20, 4)) + 50
    layer = layer_of(tokens, [2, 11])
    assert cosines(layer.vectors)[0, 1] > 0.99  # all of them point the same way
    centred = layer.centred()
    a, b = tokens[2] - tokens.mean(axis=0), tokens[11] - tokens.mean(axis=0)
    assert cosines(centred.vectors)[0, 1] == pytest.approx(cosine(a, b))
    assert math.isnan(centred.any_two)


def test_the_cosine_with_its_own_static_vector() -> None:
    x, static = RANDOM.normal(size=(5, 6)), RANDOM.normal(size=(5, 6))
    assert to_own(x, static) == pytest.approx(np.mean([cosine(a, b) for a, b in zip(x, static, strict=True)]))
    assert math.isnan(to_own(np.zeros((2, 3)), np.ones((2, 3))))


@pytest.mark.parametrize("width", [3, 40])
def test_the_plane_shows_how_occurrences_differ_and_not_how_the_layers_do(width: int) -> None:
    drift, sense = np.zeros(width), np.zeros(width)
    drift[0], sense[1] = 1.0, 1.0
    signs = np.array([1, 1, -1, -1])
    layers = [
        10 * drift + strength * signs[:, None] * sense + 0.01 * RANDOM.normal(size=(4, width))
        for strength in (0.0, 0.5, 1.0, 3.0)
    ]
    plane = common_plane(layers)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)
    assert abs(plane.axes[0, 1]) > 0.99  # the first axis is the sense
    placed = plane.place(layers[-1])
    assert set(np.sign(placed[:2, 0])) != set(np.sign(placed[2:, 0]))
    u = unit(layers[-1])
    apart = u - u.mean(axis=0)
    expected = ((apart @ plane.axes.T) ** 2).sum() / (apart**2).sum()
    assert plane.share(layers[-1]) == pytest.approx(expected)
    np.testing.assert_allclose(placed, (u - plane.origin) @ plane.axes.T)


def test_the_axes_are_those_of_a_principal_component_analysis() -> None:
    layers = [RANDOM.normal(size=(5, 8)) for _ in range(3)]
    apart = np.concatenate([unit(each) - unit(each).mean(axis=0) for each in layers])
    values, vectors = np.linalg.eigh(apart.T @ apart)
    axes = common_plane(layers).axes
    for axis, direction in zip(axes, vectors.T[::-1], strict=False):
        assert abs(axis @ direction) == pytest.approx(1, abs=1e-6)
    assert values[-1] > values[-2]


def test_a_word_that_stands_once_is_seen_moving() -> None:
    layers = [np.array([[1.0, 0, 0]]), np.array([[0, 1.0, 0]]), np.array([[0, 0, 1.0]])]
    plane = common_plane(layers)
    placed = np.concatenate([plane.place(each) for each in layers])
    assert np.linalg.norm(placed[0] - placed[1]) > 0.5
    assert math.isnan(plane.share(layers[0]))


def test_layers_of_two_widths_have_no_plane_in_common() -> None:
    with pytest.raises(ValueError, match="one width"):
        common_plane([np.ones((2, 3)), np.ones((2, 4))])
    with pytest.raises(ValueError, match="occurrences"):
        common_plane([np.ones((0, 3))])
