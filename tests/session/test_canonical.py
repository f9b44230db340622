"""Layouts turned round, against indexing by hand."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.anatomy.anatomy import PointSource
from embstudio.session.canonical import Canonical

K = "blocks.0.attn.k"
AXES = ("kv_head", "key", "d_head")


def test_batch_is_dropped_and_axes_are_put_in_order() -> None:
    value = np.random.default_rng(0).normal(size=(1, 2, 3, 4)).astype(np.float32)
    array = Canonical(PointSource(K, AXES, "k", ("batch", "kv_head", "d_head", "key")), {})(value)
    assert array.axes == AXES
    assert array.values.flags["C_CONTIGUOUS"]
    for head, key, unit in np.ndindex(2, 4, 3):
        assert array.values[head, key, unit] == value[0, head, unit, key]


@pytest.mark.parametrize("sizes", [{}, {"kv_head": 2}])
def test_batch_and_heads_in_one_dimension(sizes: dict[str, int]) -> None:
    value = np.arange(24.0).reshape(2, 3, 4)
    array = Canonical(PointSource(K, AXES, "k", ("batch kv_head", "key", "d_head")), sizes)(value)
    np.testing.assert_array_equal(array.values, value)


def test_heads_side_by_side_in_the_width() -> None:
    value = np.arange(24.0).reshape(1, 3, 8)
    array = Canonical(PointSource(K, AXES, "k", ("batch", "key", "kv_head d_head")), {"kv_head": 2})(value)
    for head, key, unit in np.ndindex(2, 3, 4):
        assert array.values[head, key, unit] == value[0, key, 4 * head + unit]


def test_half_precision_is_widened_exactly() -> None:
    value = np.array([[[0.1, 65504.0]]], np.float16)
    array = Canonical(PointSource("embed", ("pos", "d_model"), "e"), {})(value)
    assert array.values.dtype == np.float32
    np.testing.assert_array_equal(array.values, value[0].astype(np.float32))


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [((1, 3, 8, 1), {"kv_head": 2}), ((1, 3, 8), {}), ((1, 3, 8), {"kv_head": 3})],
)
def test_tensors_that_do_not_have_the_layout(shape: tuple[int, ...], sizes: dict[str, int]) -> None:
    canonical = Canonical(PointSource(K, AXES, "k", ("batch", "key", "kv_head d_head")), sizes)
    with pytest.raises(ValueError, match=K):
        canonical(np.zeros(shape))


def test_a_layout_with_axes_that_the_point_has_not() -> None:
    with pytest.raises(ValueError, match="are stated"):
        Canonical(PointSource(K, AXES, "k", ("batch", "query", "d_head")), {})


def test_heads_in_two_dimensions_apart_and_one_that_is_no_axis() -> None:
    value = np.random.default_rng(1).normal(size=(2, 1, 4, 3, 1, 5))
    layout = ("head:0", "batch", "query", "head:1", "one", "d_head")
    array = Canonical(PointSource("blocks.0.attn.q", ("head", "query", "d_head"), "q", layout), {})(value)
    for group, member, query, unit in np.ndindex(2, 3, 4, 5):
        assert array.values[3 * group + member, query, unit] == value[group, 0, query, member, 0, unit]


def test_one_key_head_without_an_axis_of_its_own() -> None:
    value = np.arange(12.0).reshape(1, 3, 4)
    array = Canonical(PointSource(K, AXES, "k", ("batch", "key", "d_head")), {})(value)
    np.testing.assert_array_equal(array.values, value)


def test_a_scale_that_the_graph_folded_in_is_taken_out() -> None:
    value = np.array([[[2.0, -4.0]]], np.float32)
    array = Canonical(PointSource("embed", ("pos", "d_model"), "e", (), 0.5), {})(value)
    assert array.values.dtype == np.float32
    np.testing.assert_array_equal(array.values, value[0] / 2)
