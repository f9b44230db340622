"""Products, reductions, norms and softmax against central differences."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from tests.session.differentiate.differences import ReferenceSession, check, gradients, model_of, onnxruntime_session

RNG = np.random.default_rng(4)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape)


X = normal(2, 3, 4)


@pytest.mark.parametrize(
    ("a", "b"),
    [((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (2, 4, 5)),
     ((2, 1, 3, 4), (3, 4, 2)), ((3, 4), (2, 4, 5)), ((4,), (2, 4, 5)), ((2, 3, 4), (4,)), ((2, 3, 4), (1, 4, 2))],
    ids=str,
)  # fmt: skip
def test_matrix_products_by_both_operands(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    inputs = {"x": normal(*a), "b": normal(*b)}
    check(helper.make_node("MatMul", ["x", "b"], ["y"]), inputs, wrt=["x", "b"])
    check(helper.make_node("MatMul", ["x", "b"], ["y"]), {"x": inputs["x"]}, {"b": inputs["b"]})
    check(helper.make_node("MatMul", ["b", "x"], ["y"]), {"x": inputs["b"]}, {"b": inputs["x"]})


def test_a_product_of_few_rows_and_few_columns_leaves_the_rest_at_zero() -> None:
    x, W = normal(1, 6, 4), normal(4, 9)
    model = model_of([helper.make_node("MatMul", ["x", "W"], ["y"])], {"x": x}, {"W": W}, ["y"], 20)
    seeds = np.zeros((2, 1, 6, 9))
    seeds[0, 0, 2, 5], seeds[1, 0, 4, 8] = 3, -2
    found = gradients(model, {"x": x}, {"y": seeds}, ["x"])["x"]
    np.testing.assert_allclose(found, seeds @ W.T, atol=1e-12)


@pytest.mark.parametrize("turned", [(0, 0), (1, 0), (0, 1), (1, 1)], ids=str)
@pytest.mark.parametrize("c", [(3, 5), (5,), (1, 5), (3, 1), ()], ids=str)
def test_gemm(turned: tuple[int, int], c: tuple[int, ...]) -> None:
    a, b = normal(3, 4), normal(4, 5)
    node = helper.make_node("Gemm", ["x", "b", "c"], ["y"], alpha=0.5, beta=1.5, transA=turned[0], transB=turned[1])
    inputs = {"x": a.T.copy() if turned[0] else a, "b": b.T.copy() if turned[1] else b, "c": np.asarray(normal(*c))}
    check(node, inputs, wrt=["x", "b", "c"])


def test_a_factor_that_is_undefined_spoils_only_what_hangs_on_it() -> None:
    v = normal(3, 2)
    v[1] = np.nan
    model = model_of([helper.make_node("MatMul", ["p", "v"], ["y"])], {"p": normal(1, 2, 3)}, {"v": v}, ["y"], 20)
    seeds = np.zeros((1, 1, 2, 2))
    seeds[0, 0, 0, 0] = 1
    found = gradients(model, {"p": normal(1, 2, 3)}, {"y": seeds}, ["p"])["p"][0, 0]
    np.testing.assert_array_equal(found[0], [v[0, 0], np.nan, v[2, 0]])
    np.testing.assert_array_equal(found[1], 0)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [("ij,jk->ik", [(2, 3), (3, 4)]), ("bhqd,bhkd->bhqk", [(1, 2, 3, 4), (1, 2, 5, 4)]), ("ij->ji", [(2, 3)]),
     ("aecd,abcd->acbe", [(1, 2, 3, 4), (1, 5, 3, 4)]), ("...ij,...jk->...ik", [(2, 2, 3), (2, 3, 4)]),
     ("...ij,jk", [(2, 2, 3), (3, 4)]), ("ij,j->", [(2, 3), (3,)]), ("ijk->i", [(2, 3, 4)]),
     ("ij,ik->i", [(2, 3), (2, 4)]), ("...a,...a->...", [(1, 2, 3), (4, 1, 3)]), ("i,j,k->ijk", [(2,), (3,), (2,)])],
)  # fmt: skip
def test_einsum(equation: str, shapes: list[tuple[int, ...]]) -> None:
    names = "xyzuv"[: len(shapes)]
    inputs = {name: normal(*shape) for name, shape in zip(names, shapes, strict=True)}
    check(helper.make_node("Einsum", list(names), ["out"], equation=equation), inputs, wrt=list(names),
          outputs=["out"])  # fmt: skip


@pytest.mark.parametrize(
    ("x", "w", "attributes"),
    [
        ((2, 3, 7), (4, 3, 3), {}), ((1, 4, 6), (4, 1, 3), {"group": 4, "pads": [1, 1]}),
        ((1, 4, 9), (6, 2, 3), {"group": 2, "strides": [2], "pads": [2, 1], "dilations": [2]}),
        ((1, 2, 5, 6), (3, 2, 2, 3), {"strides": [2, 1], "pads": [1, 0, 0, 2]}), ((1, 3, 5), (4, 3, 1), {}),
        ((1, 2, 7), (3, 2, 3), {"auto_pad": "SAME_UPPER", "strides": [2]}),
        ((1, 2, 8), (3, 2, 3), {"auto_pad": "SAME_LOWER", "strides": [2]}),
        ((1, 2, 8), (3, 2, 3), {"auto_pad": "VALID"}),
    ],
    ids=str,
)  # fmt: skip
def test_convolution(x: tuple[int, ...], w: tuple[int, ...], attributes: dict) -> None:
    inputs = {"x": normal(*x), "w": normal(*w), "b": normal(w[0])}
    check(helper.make_node("Conv", ["x", "w", "b"], ["y"], **attributes), inputs, wrt=["x", "w", "b"])


@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("axes", [None, [1], [-1], [0, 2]], ids=str)
@pytest.mark.parametrize(
    "op", ["Sum", "Mean", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp", "Prod"]
)  # fmt: skip
def test_reductions(op: str, axes: list[int] | None, keepdims: int) -> None:
    x = np.abs(X) + 0.3 if op == "LogSum" else X
    weights = {} if axes is None else {"axes": np.array(axes)}
    check(helper.make_node(f"Reduce{op}", ["x", *weights], ["y"], keepdims=keepdims), {"x": x}, weights)
    old = {} if axes is None else {"axes": axes}
    if op != "Sum":  # its axes became an input earlier
        check(helper.make_node(f"Reduce{op}", ["x"], ["y"], keepdims=keepdims, **old), {"x": x}, opset=13)


def test_reductions_of_zeros_and_of_no_axes() -> None:
    x = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]])
    check(helper.make_node("ReduceProd", ["x", "axes"], ["y"]), {"x": x}, {"axes": np.array([1])})
    node = helper.make_node("ReduceSum", ["x", "axes"], ["y"], noop_with_empty_axes=1)
    found = check(node, {"x": x}, {"axes": np.zeros(0, np.int64)})
    assert found["x"].std() > 0


def test_equal_extremes_share_the_gradient() -> None:
    x = np.array([[1.0, 3.0, 3.0]])
    model = model_of([helper.make_node("ReduceMax", ["x"], ["y"])], {"x": x}, {}, ["y"], 20)
    found = gradients(model, {"x": x}, {"y": np.ones((1, 1, 1))}, ["x"])["x"][0]
    np.testing.assert_array_equal(found, [[0, 0.5, 0.5]])


@pytest.mark.parametrize("op", ["GlobalAveragePool", "GlobalMaxPool"])
def test_pooling_of_all_places(op: str) -> None:
    """onnx's reference takes the channels together."""
    check(helper.make_node(op, ["x"], ["y"]), {"x": X[:1, :1]})


@pytest.mark.parametrize("op", ["AveragePool", "MaxPool"])
@pytest.mark.parametrize(
    "attributes",
    [{"kernel_shape": [3]}, {"kernel_shape": [2], "strides": [2], "ceil_mode": 1},
     {"kernel_shape": [3], "pads": [1, 1]},
     {"kernel_shape": [3], "strides": [2], "pads": [1, 0]}, {"kernel_shape": [2], "auto_pad": "SAME_UPPER"},
     {"kernel_shape": [3], "dilations": [2], "strides": [2]}],
    ids=str,
)  # fmt: skip
def test_pooling_of_windows(op: str, attributes: dict) -> None:
    """onnxruntime has the mean in single precision only."""
    x, session = normal(2, 3, 7), onnxruntime_session if op == "MaxPool" else ReferenceSession
    check(helper.make_node(op, ["x"], ["y"], **attributes), {"x": x}, session=session)
    if op == "AveragePool":
        node = helper.make_node(op, ["x"], ["y"], count_include_pad=1, **attributes)
        check(node, {"x": x}, session=session)


def test_pooling_of_windows_in_two_axes() -> None:
    x = normal(1, 2, 5, 6)
    check(helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 3], strides=[2, 1]), {"x": x})


@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax"])
def test_softmax(op: str) -> None:
    for axis in (-1, 0, 1):
        check(helper.make_node(op, ["x"], ["y"], axis=axis), {"x": X})
    check(helper.make_node(op, ["x"], ["y"]), {"x": X}, opset=13)


def test_softmax_of_old_takes_all_later_axes_for_one() -> None:
    old = model_of([helper.make_node("Softmax", ["x"], ["y"], axis=1)], {"x": X}, {}, ["y"], 11)
    flat = model_of(
        [
            helper.make_node("Reshape", ["x", "wide"], ["f"]),
            helper.make_node("Softmax", ["f"], ["s"], axis=-1),
            helper.make_node("Reshape", ["s", "shape"], ["y"]),
        ],
        {"x": X}, {"wide": np.array([2, 12]), "shape": np.array([2, 3, 4])}, ["y"], 13,
    )  # fmt: skip

    class Session:
        """The values of the newer form, which is the same function."""

        def __init__(self, contents: bytes) -> None:
            pass

        def run(self, names: list[str], feeds: dict[str, np.ndarray], options: object = None) -> list[np.ndarray]:
            e = np.exp(feeds["x"])
            values = {"y": e / e.sum(axis=(1, 2), keepdims=True)}
            return [values[name] if name in values else np.array(feeds["x"].shape) for name in names]

    seeds = {"y": normal(3, 2, 3, 4)}
    expected = gradients(flat, {"x": X}, seeds, ["x"])["x"]
    np.testing.assert_allclose(gradients(old, {"x": X}, seeds, ["x"], Session)["x"], expected, atol=1e-12)


def test_a_row_that_is_masked_throughout_passes_nothing_back() -> None:
    """As the exports of scaled dot product attention have it: what is not a number is replaced by 0."""
    mask = np.array([[0.0, -np.inf, 0.0], [-np.inf] * 3])
    nodes = [
        helper.make_node("Add", ["x", "mask"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["p"], axis=-1),
        helper.make_node("IsNaN", ["p"], ["undefined"]),
        helper.make_node("Where", ["undefined", "zero", "p"], ["pattern"]),
        helper.make_node("MatMul", ["pattern", "v"], ["y"]),
    ]
    with np.errstate(invalid="ignore"):
        found = check(nodes, {"x": normal(2, 3)}, {"mask": mask, "zero": np.array(0.0), "v": normal(3, 2)})
    np.testing.assert_array_equal(found["x"][:, 1], 0)


@pytest.mark.parametrize("axis", [-1, 1])
def test_layer_norm(axis: int) -> None:
    shape = X.shape[axis % 3 :]
    inputs = {"x": X, "scale": normal(*shape), "bias": normal(*shape)}
    node = helper.make_node("LayerNormalization", ["x", "scale", "bias"], ["y"], axis=axis, epsilon=1e-3)
    check(node, inputs, wrt=["x", "scale", "bias"], tolerance=1e-5)


def test_rms_norm() -> None:
    node = helper.make_node("RMSNormalization", ["x", "scale"], ["y"], axis=-1, epsilon=1e-3)
    check(node, {"x": X, "scale": normal(4)}, wrt=["x", "scale"], opset=23, tolerance=1e-5)


def test_norms_with_weights_for_each_channel() -> None:
    x, weights = normal(2, 4, 3), {"s": normal(4), "b": normal(4), "m": normal(4), "v": np.abs(normal(4)) + 0.1}
    check(helper.make_node("BatchNormalization", ["x", *weights], ["y"]), {"x": x}, weights)
    weights = {"s": weights["s"], "b": weights["b"]}
    check(helper.make_node("InstanceNormalization", ["x", *weights], ["y"]), {"x": x}, weights)
    node = helper.make_node(
        "GroupNormalization", ["x", *weights], ["y"], num_groups=2, stash_type=11
    )  # in double precision
    check(node, {"x": x}, weights, opset=21, session=onnxruntime_session)


def test_mean_and_variance_over_some_axes() -> None:
    """The same as written out, for onnx's reference has it in single precision only."""
    seeds = {"y": normal(3, *X.shape)}
    model = model_of(
        [helper.make_node("MeanVarianceNormalization", ["x"], ["y"], axes=[0, 2])], {"x": X}, {}, ["y"], 20
    )
    nodes = [
        helper.make_node("ReduceMean", ["x", "axes"], ["mean"]),
        helper.make_node("Sub", ["x", "mean"], ["shifted"]),
        helper.make_node("Mul", ["shifted", "shifted"], ["squares"]),
        helper.make_node("ReduceMean", ["squares", "axes"], ["variance"]),
        helper.make_node("Sqrt", ["variance"], ["deviation"]),
        helper.make_node("Div", ["shifted", "deviation"], ["y"]),
    ]
    written_out = model_of(nodes, {"x": X}, {"axes": np.array([0, 2])}, ["y"], 20)
    expected = gradients(written_out, {"x": X}, seeds, ["x"])["x"]
    found = gradients(model, {"x": X.astype(np.float32)}, seeds, ["x"])["x"]
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("p", [1, 2])
def test_vectors_of_length_one(p: int) -> None:
    node = helper.make_node("LpNormalization", ["x"], ["y"], p=p, axis=1)
    check(node, {"x": X}, session=onnxruntime_session)  # onnx's reference forgets the sign of p = 1
