"""Sums, products, powers and activations against central differences, and at their kinks against PyTorch's choice."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from onnx import helper

from tests.session.differentiate.differences import check, gradients, model_of

RNG = np.random.default_rng(3)
X = RNG.normal(size=(2, 3, 4)) + 0.05
POSITIVE = np.abs(X) + 0.5
WITHIN = np.tanh(X) * 0.9


@pytest.mark.parametrize("other", [(2, 3, 4), (4,), (3, 1), (1, 1, 1), (), (5, 2, 3, 4)], ids=str)
@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"])
def test_two_operands_with_broadcasting(op: str, other: tuple[int, ...]) -> None:
    b = np.asarray(np.abs(RNG.normal(size=other)) + 0.5)
    check(helper.make_node(op, ["x", "b"], ["y"]), {"x": POSITIVE, "b": b}, wrt=["x", "b"])


@pytest.mark.parametrize("op", ["Sum", "Mean", "Max", "Min"])
def test_any_number_of_operands(op: str) -> None:
    inputs = {"x": X, "b": RNG.normal(size=(3, 4)), "c": RNG.normal(size=(4,))}
    check(helper.make_node(op, ["x", "b", "c"], ["y"]), inputs, wrt=["x", "b", "c"])


def test_a_tensor_multiplied_by_itself() -> None:
    check(helper.make_node("Mul", ["x", "x"], ["y"]), {"x": X})
    nodes = [helper.make_node("Add", ["x", "x"], ["a"]), helper.make_node("Mul", ["a", "x"], ["y"])]
    check(nodes, {"x": X})


@pytest.mark.parametrize(
    ("op", "x", "attributes"),
    [
        ("Neg", X, {}), ("Abs", X, {}), ("Sqrt", POSITIVE, {}), ("Reciprocal", POSITIVE, {}), ("Exp", X, {}),
        ("Log", POSITIVE, {}), ("Sin", X, {}), ("Cos", X, {}), ("Tan", WITHIN, {}), ("Asin", WITHIN, {}),
        ("Acos", WITHIN, {}), ("Atan", X, {}), ("Sinh", X, {}), ("Cosh", X, {}), ("Asinh", X, {}),
        ("Acosh", POSITIVE + 1, {}), ("Atanh", WITHIN, {}), ("Relu", X, {}), ("Sigmoid", X, {}), ("Tanh", X, {}),
        ("Softsign", X, {}), ("Softplus", X, {}), ("Gelu", X, {"approximate": "tanh"}), ("Mish", X, {}),
        ("HardSigmoid", X, {}),
        ("HardSigmoid", X, {"alpha": 0.4, "beta": 0.3}), ("HardSwish", 2 * X, {}), ("Elu", X, {"alpha": 0.7}),
        ("Celu", X, {"alpha": 0.7}), ("Selu", X, {}), ("Selu", X, {"alpha": 1.2, "gamma": 0.8}), ("LeakyRelu", X, {}),
        ("LeakyRelu", X, {"alpha": 0.3}), ("ThresholdedRelu", X, {"alpha": 0.4}), ("Identity", X, {}),
        ("Shrink", 2 * X, {"lambd": 0.6}),
    ],
    ids=lambda value: "" if isinstance(value, np.ndarray) else str(value),
)  # fmt: skip
def test_functions_of_one_operand(op: str, x: np.ndarray, attributes: dict) -> None:
    check(helper.make_node(op, ["x"], ["y"], **attributes), {"x": x})


@pytest.mark.parametrize(
    ("op", "of"), [("Erf", math.erf), ("Gelu", lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2)]
)
def test_the_error_function(op: str, of: Callable[[float], float]) -> None:
    """onnx's reference has it in single precision only."""
    model = model_of([helper.make_node(op, ["x"], ["y"])], {"x": X}, {}, ["y"], 20)
    found = gradients(model, {"x": X}, {"y": np.ones((1, *X.shape))}, ["x"])["x"][0]
    slope = np.vectorize(lambda x: (of(x + 1e-6) - of(x - 1e-6)) / 2e-6)(X)
    np.testing.assert_allclose(found, slope, atol=1e-8)


def test_a_learned_leak() -> None:
    check(helper.make_node("PRelu", ["x", "s"], ["y"]), {"x": X, "s": np.array([0.1, 0.2, 0.3, 0.4])}, wrt=["x", "s"])


def one(op: str, x: list[float], more: dict[str, np.ndarray] | None = None) -> np.ndarray:
    """dy/dx of each entry of x by itself."""
    inputs = {"x": np.array(x, np.float64)}
    model = model_of([helper.make_node(op, ["x", *(more or {})], ["y"])], inputs, more or {}, ["y"], 20)
    return gradients(model, inputs, {"y": np.ones((1, len(x)))}, ["x"])["x"][0]


def test_kinks_are_taken_as_pytorch_takes_them() -> None:
    np.testing.assert_array_equal(one("Relu", [-1, 0, 1]), [0, 0, 1])
    np.testing.assert_array_equal(one("Abs", [-1, 0, 1]), [-1, 0, 1])
    np.testing.assert_array_equal(one("Max", [-1, 0, 1], {"b": np.zeros(3)}), [0, 0.5, 1])
    np.testing.assert_array_equal(one("Clip", [-1, 0, 1], {"a": np.array(0.0), "b": np.array(1.0)}), [0, 1, 1])
    np.testing.assert_array_equal(one("Pow", [0.0, 2.0], {"p": np.array(2.0)}), [0, 4])
    np.testing.assert_array_equal(one("Pow", [0.0, 2.0], {"p": np.array(0.0)}), [0, 0])


def test_an_infinite_slope_that_nothing_hangs_on_passes_nothing_back() -> None:
    inputs = {"x": np.array([0.0, 4.0])}
    model = model_of([helper.make_node("Sqrt", ["x"], ["y"])], inputs, {}, ["y"], 20)
    found = gradients(model, inputs, {"y": np.array([[0.0, 1.0], [1.0, 0.0]])}, ["x"])["x"]
    np.testing.assert_array_equal(found, [[0, 0.25], [np.inf, 0]])


def test_infinite_masks_pass_nothing_back() -> None:
    mask = np.array([0.0, -np.inf, 0.0, -np.inf])
    nodes = [
        helper.make_node("Add", ["x", "mask"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["p"]),
        helper.make_node("Mul", ["p", "v"], ["y"]),
    ]
    v = RNG.normal(size=(4,))
    check(nodes, {"x": X}, {"mask": mask, "v": v})
