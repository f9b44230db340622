"""Operators that move, repeat, pick and choose against central differences."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from tests.session.differentiate.differences import check, onnxruntime_session

RNG = np.random.default_rng(6)
X = RNG.normal(size=(2, 3, 4))
INT = np.int64


def ints(*values: int) -> np.ndarray:
    return np.array(values, INT)


@pytest.mark.parametrize(
    ("op", "weights", "attributes"),
    [
        ("Transpose", {}, {"perm": [1, 2, 0]}), ("Transpose", {}, {}), ("Reshape", {"s": ints(4, -1)}, {}),
        ("Reshape", {"s": ints(0, 12)}, {}), ("Unsqueeze", {"s": ints(0, 2)}, {}), ("Flatten", {}, {"axis": 2}),
        ("Expand", {"s": ints(5, 2, 3, 4)}, {}), ("Tile", {"s": ints(2, 1, 3)}, {}), ("Identity", {}, {}),
        ("Dropout", {}, {}), ("Cast", {}, {"to": 11}), ("Trilu", {}, {}), ("Trilu", {"s": np.array(1)}, {"upper": 0}),
        ("Slice", {"a": ints(1), "b": ints(3), "c": ints(2)}, {}),
        ("Slice", {"a": ints(-1, 2), "b": ints(-(2**63) + 1, 0), "c": ints(0, -1), "d": ints(-1, -2)}, {}),
        ("Slice", {"a": ints(0, -2), "b": ints(2**63 - 1, 100)}, {}),
        ("Pad", {"s": ints(0, 1, 2, 1, 0, 0)}, {}), ("Pad", {"s": ints(0, 1, 2, 0, 2, 1)}, {"mode": "reflect"}),
        ("Pad", {"s": ints(0, 1, 2, 1, 2, 1)}, {"mode": "edge"}),
        ("Gather", {"i": np.array([[0, 2], [2, -1]])}, {"axis": 1}), ("Gather", {"i": np.array(1)}, {"axis": 2}),
        ("Gather", {"i": np.array([3, 0])}, {"axis": -1}),
        ("GatherElements", {"i": np.array([[[0, 1, 1, 3]] * 3] * 2)}, {"axis": 2}),
        ("GatherND", {"i": np.array([[0, 1], [1, 2], [0, 1]])}, {}),
        ("GatherND", {"i": np.array([[[0]], [[2]]])}, {"batch_dims": 1}),
        ("CumSum", {"i": np.array(1)}, {}), ("CumSum", {"i": np.array(-1)}, {"exclusive": 1}),
        ("CumSum", {"i": np.array(2)}, {"reverse": 1}), ("CumSum", {"i": np.array(2)}, {"reverse": 1, "exclusive": 1}),
        ("Compress", {"c": np.array([True, False, True])}, {"axis": 1}),
        ("Compress", {"c": np.array([True, False] * 3)}, {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_one_operand(op: str, weights: dict, attributes: dict) -> None:
    check(helper.make_node(op, ["x", *weights], ["y"], **attributes), {"x": X}, weights)


def test_what_the_reference_does_not_know() -> None:
    node = helper.make_node("Pad", ["x", "s"], ["y"])
    check(node, {"x": X}, {"s": ints(0, -1, 2, 0, 0, -1)}, session=onnxruntime_session)
    node = helper.make_node("GatherElements", ["x", "i"], ["y"], axis=1)
    check(node, {"x": X}, {"i": np.array([[[0, -1, 1, 0]]])}, session=onnxruntime_session)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_depth_to_space(mode: str) -> None:
    check(helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=2, mode=mode), {"x": RNG.normal(size=(1, 8, 2, 3))})


def test_squeeze_by_input_by_attribute_and_of_all() -> None:
    x = X[:, :1, :, None]
    check(helper.make_node("Squeeze", ["x", "a"], ["y"]), {"x": x}, {"a": ints(1)})
    check(helper.make_node("Squeeze", ["x"], ["y"]), {"x": x})
    check(helper.make_node("Squeeze", ["x"], ["y"], axes=[1, 3]), {"x": x}, opset=11)


def test_slices_of_old_have_their_places_as_attributes() -> None:
    check(helper.make_node("Slice", ["x"], ["y"], starts=[1, 0], ends=[9, -1], axes=[1, 2]), {"x": X}, opset=9)


def test_sequences_turned_round() -> None:
    node = helper.make_node("ReverseSequence", ["x", "n"], ["y"], batch_axis=1, time_axis=0)
    check(node, {"x": RNG.normal(size=(4, 3, 2))}, {"n": ints(4, 1, 3)})


def test_joined_and_split() -> None:
    inputs = {"x": X, "b": RNG.normal(size=(2, 2, 4)), "c": RNG.normal(size=(2, 1, 4))}
    check(helper.make_node("Concat", ["x", "b", "c"], ["y"], axis=-2), inputs, wrt=["x", "b"])
    check(helper.make_node("Split", ["x", "s"], ["y", "z"], axis=1), {"x": X}, {"s": ints(1, 2)}, outputs=["y", "z"])
    check(helper.make_node("Split", ["x", "s"], ["y", "z"], axis=1), {"x": X}, {"s": ints(1, 2)}, outputs=["z"])
    check(helper.make_node("Split", ["x"], ["y", "z"], axis=1, num_outputs=2), {"x": X}, outputs=["y", "z"])
    check(helper.make_node("Split", ["x"], ["y", "z"], axis=2), {"x": X}, outputs=["y", "z"], opset=13)


def test_entries_put_by_index() -> None:
    updates = RNG.normal(size=(2, 2, 4))
    node = helper.make_node("ScatterElements", ["x", "i", "u"], ["y"], axis=1)
    index = np.array([[[0, 1, 2, 0], [2, 0, 1, 1]]] * 2)
    check(node, {"x": X, "u": updates}, {"i": index}, wrt=["x", "u"])
    node = helper.make_node("ScatterElements", ["x", "i", "u"], ["y"], axis=1, reduction="add")
    check(node, {"x": X, "u": updates}, {"i": index * 0}, wrt=["x", "u"])
    rows = np.array([[0, 1], [1, 2]])
    node = helper.make_node("ScatterND", ["x", "i", "u"], ["y"])
    check(node, {"x": X, "u": RNG.normal(size=(2, 4))}, {"i": rows}, wrt=["x", "u"])


def test_the_largest() -> None:
    nodes = [helper.make_node("TopK", ["x", "k"], ["y", "i"], axis=-1, largest=1)]
    check(nodes, {"x": X}, {"k": ints(2)})


def test_choices() -> None:
    condition = np.array([[True], [False], [True]])
    inputs = {"x": X, "b": RNG.normal(size=(4,))}
    check(helper.make_node("Where", ["c", "x", "b"], ["y"]), inputs, {"c": condition}, wrt=["x", "b"])
    check(helper.make_node("Where", ["d", "x", "b"], ["y"]), inputs, {"d": np.array([True, True, False, False])},
          wrt=["x", "b"])  # fmt: skip
    check(helper.make_node("Clip", ["x", "a", "b"], ["y"]), {"x": X}, {"a": np.array(-0.5), "b": np.array(0.7)})
    check(helper.make_node("Clip", ["x", "", "b"], ["y"]), {"x": X}, {"b": np.array(0.7)})
    check(helper.make_node("Mod", ["x", "b"], ["y"], fmod=1), {"x": X}, {"b": np.array([0.6])})


@pytest.mark.parametrize("inverse", [0, 1])
@pytest.mark.parametrize(("shape", "axis"), [((2, 5, 1), 1), ((2, 4, 2), -2), ((3, 4, 2), 0)], ids=str)
def test_fourier(shape: tuple[int, ...], axis: int, inverse: int) -> None:
    x = RNG.normal(size=shape)
    check(helper.make_node("DFT", ["x", "", "a"], ["y"], inverse=inverse), {"x": x}, {"a": np.array(axis)})
