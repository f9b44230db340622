"""Pooling against sums written out by hand, token for token, and against properties of the formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.formulas.pooling import ACTIVATIONS, MODES, dense, layer_norm, normalise, pool

X = np.array([[1.0, -2.0], [3.0, 0.5], [-4.0, 6.0], [10.0, 10.0]], np.float32)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("cls", [1, -2]),
        ("lasttoken", [-4, 6]),
        ("max", [3, 6]),
        ("mean", [0, 1.5]),
        ("mean_sqrt_len_tokens", [0, 4.5 / math.sqrt(3)]),
        ("weightedmean", [(1 + 6 - 12) / 6, (-2 + 1 + 18) / 6]),
    ],
)
def test_each_mode_sees_only_what_the_mask_keeps(mode: str, expected: list[float]) -> None:
    mask = np.array([1, 1, 1, 0])
    assert pool(X, (mode,), mask) == pytest.approx(expected)
    assert pool(X[:3], (mode,)) == pytest.approx(expected)
    left_padded = np.concatenate([np.full((2, 2), 99, np.float32), X[:3]])
    assert pool(left_padded, (mode,), np.array([0, 0, 1, 1, 1])) == pytest.approx(expected)


def test_several_modes_stand_one_after_the_other() -> None:
    assert pool(X, ("mean", "cls")) == pytest.approx([2.5, 3.625, 1, -2])


def test_what_cannot_be_pooled() -> None:
    with pytest.raises(ValueError, match="no token"):
        pool(X, ("mean",), np.zeros(4))
    for modes in ((), ("median",)):
        with pytest.raises(ValueError, match="no such pooling"):
            pool(X, modes)


def test_sums_are_kept_in_double_precision() -> None:
    many = np.full((100_000, 1), np.float32(0.1))
    assert pool(many, ("mean",))[0] == pytest.approx(float(np.float32(0.1)), abs=1e-12)


def test_normalise_and_layer_norm() -> None:
    assert normalise(np.array([3.0, 4.0])) == pytest.approx([0.6, 0.8])
    assert normalise(np.zeros(3)).tolist() == [0, 0, 0]
    normed = layer_norm(np.array([1.0, 2, 3, 6]), np.full(4, 2.0), np.full(4, 0.5))
    assert normed.mean() == pytest.approx(0.5)
    assert normed.std() == pytest.approx(2, abs=1e-5)


def test_dense_and_its_activations() -> None:
    weight, bias = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([0.5, 0.25])
    assert dense(np.array([1.0, 1.0]), weight, bias, "ReLU") == pytest.approx([3.5, 0])
    assert dense(np.array([1.0, 1.0]), weight, None, "Tanh") == pytest.approx([math.tanh(3), math.tanh(-1)])
    x = np.array([-1.0, 0.0, 2.0])
    # Values of torch.nn.GELU, SiLU and Sigmoid (torch 2.13).
    assert ACTIVATIONS["GELU"](x) == pytest.approx([-0.158655254, 0, 1.954499736])
    assert ACTIVATIONS["SiLU"](x) == pytest.approx([-0.268941421, 0, 1.761594156])
    assert ACTIVATIONS["Sigmoid"](x) == pytest.approx([0.268941421, 0.5, 0.880797078])
    assert ACTIVATIONS["Identity"](x) is x


def test_all_modes_are_those_of_sentence_transformers() -> None:
    assert set(MODES) == {"cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"}
