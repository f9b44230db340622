"""Operators on quantised numbers written out, against onnxruntime's kernels: at most one step of the result apart."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.kernels import Arrays, one_node, opened, operators, run

RNG = np.random.default_rng(11)
TYPES = pytest.mark.parametrize("dtype", ["uint8", "int8"])


def numbers(dtype: str, *shape: int) -> np.ndarray:
    limits = np.iinfo(dtype)
    return RNG.integers(limits.min, limits.max + 1, shape).astype(dtype)


def zero(dtype: str) -> np.ndarray:
    return np.array(120 if dtype == "uint8" else -3, dtype)


def scale(value: float) -> np.ndarray:
    return np.array(value, np.float32)


def check(
    operator: str, inputs: list[str], feeds: Arrays, weights: Arrays, *, step: float = 1, **given: object
) -> None:
    """step: by how much a result may differ; most do not at all."""
    model = one_node(operator, inputs, ["y"], feeds, weights, **given)
    expected, own = run(model, feeds)["y"], run(opened(model), feeds)["y"]
    assert own.dtype == expected.dtype
    apart = np.abs(own.astype(np.float64) - expected.astype(np.float64))
    assert apart.max() <= step
    assert (apart > step / 10).mean() < 0.02
    assert np.ptp(expected.astype(np.float64)) > 20 * step, "a result that hardly varies shows nothing"


def of(dtype: str, name: str, value: float) -> dict[str, np.ndarray]:
    return {f"{name}_scale": scale(value), f"{name}_zero": zero(dtype)}


TWO = ["a", "a_scale", "a_zero", "b", "b_scale", "b_zero", "y_scale", "y_zero"]
ONE = ["a", "a_scale", "a_zero", "y_scale", "y_zero"]


@TYPES
@pytest.mark.parametrize("opset", [11, 13, 17, 21])
@pytest.mark.parametrize(("operator", "step"), [("QLinearAdd", 0.04), ("QLinearMul", 0.06)])
def test_sums_and_products(operator: str, step: float, dtype: str, opset: int) -> None:
    feeds = {"a": numbers(dtype, 2, 5, 8), "b": numbers(dtype, 8)}
    weights = of(dtype, "a", 0.02) | of(dtype, "b", 0.03) | of(dtype, "y", step)
    check(operator, TWO, feeds, weights, opset=opset)


@TYPES
def test_zero_points_that_are_left_out_are_zero(dtype: str) -> None:
    """onnxruntime 1.32's own kernels take the process down without them, so the kernel gets zeros."""
    feeds = {"a": numbers(dtype, 2, 5, 8)}
    scales = {f"{name}_scale": scale(0.03) for name in ("a", "y")}
    zeros = {f"{name}_zero": np.array(0, dtype) for name in ("a", "y")}
    expected = run(one_node("QLinearLeakyRelu", ONE, ["y"], feeds, scales | zeros, alpha=0.1), feeds)["y"]
    own = run(opened(one_node("QLinearLeakyRelu", ONE, ["y"], feeds, scales, alpha=0.1)), feeds)["y"]
    assert own.dtype == expected.dtype
    assert np.abs(own.astype(int) - expected.astype(int)).max() <= 1


@TYPES
@pytest.mark.parametrize("opset", [11, 13, 17, 21])
@pytest.mark.parametrize("columns", [False, True], ids=["one scale", "a scale a column"])
def test_matrix_products(dtype: str, opset: int, columns: bool) -> None:
    feeds = {"a": numbers(dtype, 2, 5, 16)}
    weights = {"b": numbers("int8", 16, 12), **of(dtype, "a", 0.02), **of(dtype, "y", 0.12)}
    weights |= {"b_scale": scale(0.01), "b_zero": np.array(4, np.int8)}
    if columns:
        weights["b_scale"] = RNG.uniform(0.005, 0.02, 12).astype(np.float32)
        weights["b_zero"] = np.zeros(12, np.int8)
    check("QLinearMatMul", TWO, feeds, weights, opset=opset, domain="")


@pytest.mark.parametrize("opset", [11, 13, 17])
def test_products_of_data(opset: int) -> None:
    feeds = {"a": numbers("uint8", 2, 3, 5, 8), "b": numbers("uint8", 2, 3, 8, 5)}
    weights = of("uint8", "a", 0.02) | of("uint8", "b", 0.03) | of("uint8", "y", 0.2)
    check("QLinearMatMul", TWO, feeds, weights, opset=opset, domain="")


@TYPES
@pytest.mark.parametrize(
    ("opset", "axis", "meant"), [(17, -1, 17), (17, 1, 17), (12, -1, 12), (12, 1, 12), (17, 2, 12), (17, None, 13)]
)
def test_softmax(dtype: str, opset: int, axis: int | None, meant: int) -> None:
    feeds = {"a": numbers(dtype, 2, 5, 8)}
    low = np.array(0 if dtype == "uint8" else -128, dtype)
    weights = of(dtype, "a", 0.05) | {"y_scale": scale(1 / 256), "y_zero": low}
    attributes = {} if axis is None else {"axis": axis}
    names = ["a", "a_scale", "a_zero", "y_scale", "y_zero"]
    model = one_node("QLinearSoftmax", names, ["y"], feeds, weights, opset=opset, **attributes)
    model.graph.node[0].attribute.append(helper.make_attribute("opset", meant))
    expected, own = run(model, feeds)["y"], run(opened(model), feeds)["y"]
    assert np.abs(own.astype(int) - expected.astype(int)).max() <= 1


@TYPES
@pytest.mark.parametrize(
    ("operator", "attributes"),
    [("QLinearSigmoid", {}), ("QLinearLeakyRelu", {"alpha": 0.1})],
)
@pytest.mark.parametrize("opset", [13, 18])
def test_functions_of_one(operator: str, attributes: dict, dtype: str, opset: int) -> None:
    feeds = {"a": numbers(dtype, 2, 5, 8)}
    output = {"y_scale": scale(1 / 64 if operator != "QLinearSigmoid" else 1 / 256), "y_zero": zero(dtype)}
    if operator == "QLinearSigmoid":
        output["y_zero"] = np.array(np.iinfo(dtype).min, dtype)
    check(operator, ONE, feeds, of(dtype, "a", 0.02) | output, opset=opset, **attributes)


@TYPES
def test_pooling(dtype: str) -> None:
    feeds = {"a": numbers(dtype, 1, 3, 8, 8)}
    weights = of(dtype, "a", 0.02) | of(dtype, "y", 0.02)
    check("QLinearAveragePool", ONE, feeds, weights, kernel_shape=[2, 2], strides=[2, 2])
    check("QLinearGlobalAveragePool", ONE, feeds, of(dtype, "a", 0.02) | of(dtype, "y", 0.001))


@pytest.mark.parametrize("transposed", [0, 1])
@pytest.mark.parametrize("columns", [False, True], ids=["one scale", "a scale a column"])
@pytest.mark.parametrize("floats", [False, True], ids=["quantised", "floats"])
def test_gemm(transposed: int, columns: bool, floats: bool) -> None:
    names = ["a", "a_scale", "a_zero", "b", "b_scale", "b_zero", "c", "y_scale", "y_zero"]
    feeds = {"a": numbers("uint8", 5, 16)}
    weights = {"b": numbers("int8", *((12, 16) if transposed else (16, 12))), **of("uint8", "a", 0.02)}
    weights |= {"b_scale": scale(0.01), "b_zero": np.array(4, np.int8), "c": RNG.integers(-99, 99, 12).astype(np.int32)}
    if columns:
        weights["b_scale"] = RNG.uniform(0.005, 0.02, 12).astype(np.float32)
        weights["b_zero"] = np.zeros(12, np.int8)
    if not floats:
        weights |= of("uint8", "y", 0.12)
    check("QGemm", names, feeds, weights, step=1e-4 if floats else 1, transB=transposed, alpha=1.0)


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("channels", [False, True], ids=["one scale", "a scale a channel"])
def test_convolution(biased: bool, channels: bool) -> None:
    names = [*TWO, "bias"]
    feeds = {"a": numbers("uint8", 1, 3, 9)}
    weights = {"b": numbers("int8", 4, 3, 3), **of("uint8", "a", 0.02), **of("uint8", "y", 0.1)}
    weights |= {"b_scale": scale(0.01), "b_zero": np.array(0, np.int8)}
    if channels:
        weights["b_scale"] = RNG.uniform(0.005, 0.02, 4).astype(np.float32)
        weights["b_zero"] = np.zeros(4, np.int8)
    if biased:
        weights["bias"] = RNG.integers(-99, 99, 4).astype(np.int32)
    check("QLinearConv", names, feeds, weights, domain="", kernel_shape=[3], pads=[1, 1])


def test_choice_and_concatenation() -> None:
    names = ["which", *TWO]
    feeds = {"which": RNG.integers(0, 2, (5, 8)).astype(bool), "a": numbers("uint8", 5, 8), "b": numbers("uint8", 5, 8)}
    weights = of("uint8", "a", 0.02) | of("uint8", "b", 0.03) | of("uint8", "y", 0.03)
    check("QLinearWhere", names, feeds, weights)
    del feeds["which"]
    check("QLinearConcat", ["y_scale", "y_zero", *TWO[:6]], feeds, weights, axis=1)


def test_the_other_name_of_onnx_own_domain() -> None:
    feeds = {"a": numbers("uint8", 2, 5, 8), "b": numbers("uint8", 2, 8, 5)}
    weights = of("uint8", "a", 0.02) | of("uint8", "b", 0.03) | of("uint8", "y", 0.2)
    check("QLinearMatMul", TWO, feeds, weights, domain="ai.onnx")


def test_a_tensor_is_dequantised_once_however_many_read_it() -> None:
    feeds = {"a": numbers("uint8", 5, 8)}
    weights = of("uint8", "a", 0.02) | of("uint8", "y", 0.04)
    model = one_node("QLinearAdd", ["a", "a_scale", "a_zero"] * 2 + ["y_scale", "y_zero"], ["y"], feeds, weights)
    assert operators(opened(model)) == ["DequantizeLinear", "Add", "QuantizeLinear"]


def test_channels_last_stays_as_it_is() -> None:
    feeds = {"a": numbers("uint8", 1, 8, 8, 3)}
    weights = of("uint8", "a", 0.02) | of("uint8", "y", 0.02)
    model = one_node("QLinearGlobalAveragePool", ONE, ["y"], feeds, weights, channels_last=1)
    assert not open_up(model).repairs


def test_floats_that_the_graph_has_are_used() -> None:
    feeds = {"a": numbers("uint8", 5, 8)}
    weights = of("uint8", "a", 0.02) | of("uint8", "y", 0.04)
    model = one_node("QLinearAdd", ["a", "a_scale", "a_zero"] * 2 + ["y_scale", "y_zero"], ["y"], feeds, weights)
    before = helper.make_node("DequantizeLinear", ["a", "a_scale", "a_zero"], ["floats"])
    model.graph.node.insert(0, before)
    assert operators(opened(model)) == ["DequantizeLinear", "Add", "QuantizeLinear"]
    assert list(opened(model).graph.node[1].input) == ["floats", "floats"]
