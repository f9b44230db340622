"""Models rounded to float16, held against numpy rounding at the same places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from embstudio.base.errors import UnsupportedModelError
from embstudio.base.paths import models_dir
from embstudio.session.engine import load
from embstudio.session.execution.half import halved
from embstudio.session.execution.way import CPU
from tests.session.execution.conftest import Made

SEED = np.random.default_rng(7)


def run(path: Path, x: np.ndarray) -> np.ndarray:
    session = load(path.read_bytes(), path, [CPU], half=True)
    (value,) = session.run(["y"], {"x": x})
    assert value.dtype == np.float16
    return np.asarray(value)


def test_weights_and_what_goes_from_one_operation_to_the_next_are_rounded(model: Made) -> None:
    weight, bias = SEED.normal(size=(4, 3)).astype(np.float32), SEED.normal(size=3).astype(np.float32)
    path = model(
        [helper.make_node("MatMul", ["x", "w"], ["xw"]), helper.make_node("Add", ["xw", "b"], ["y"])],
        {"w": weight, "b": bias},
    )
    x = SEED.normal(size=(5, 4)).astype(np.float32)
    half = np.float16
    product = (x.astype(half).astype(np.float64) @ weight.astype(half).astype(np.float64)).astype(half)
    expected = (product.astype(np.float64) + bias.astype(half).astype(np.float64)).astype(half)
    assert np.abs(run(path, x).astype(float) - expected.astype(float)).max() <= np.spacing(half(4))


def test_what_float16_cannot_hold_is_cut_to_its_largest_number(model: Made) -> None:
    path = model([helper.make_node("Add", ["x", "mask"], ["y"])], {"mask": np.array([-3.4e38, 1e6, -np.inf, 0], "f4")})
    (row,) = run(path, np.zeros((1, 4), np.float32))
    assert row.tolist() == [-65504, 65504, -np.inf, 0]


def test_operators_without_float16_stay_between_casts(model: Made) -> None:
    """Range is defined for float32 and whole numbers only."""
    path = model(
        [
            helper.make_node("Range", ["start", "limit", "delta"], ["steps"]),
            helper.make_node("Mul", ["x", "steps"], ["y"]),
        ],
        {"start": np.float32(0), "limit": np.float32(4), "delta": np.float32(1)},
    )
    assert run(path, np.full((1, 4), 0.3, np.float32))[0, 1] == np.float16(0.3)
    assert run(path, np.full((1, 4), 0.25, np.float32)).tolist() == [[0, 0.25, 0.5, 0.75]]


def test_bodies_casts_and_constants_too(model: Made) -> None:
    def branch(name: str, factor: float) -> onnx.GraphProto:
        constant = helper.make_node("Constant", [], [f"{name}_c"], value_float=factor)
        product = helper.make_node("Mul", ["x", f"{name}_c"], [f"{name}_y"])
        result = helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, None)
        return helper.make_graph([constant, product], name, [], [result])

    path = model(
        [
            helper.make_node("Cast", ["yes"], ["one"], to=TensorProto.FLOAT),
            helper.make_node("If", ["yes"], ["z"], then_branch=branch("a", 0.1), else_branch=branch("b", 0.2)),
            helper.make_node("Add", ["z", "one"], ["y"]),
        ],
        {"yes": np.bool_(True)},
    )
    (row,) = run(path, np.ones((1, 4), np.float32))
    assert row.tolist() == [float(np.float16(0.1) + np.float16(1))] * 4


def test_weights_in_a_file_beside_the_model_are_rounded(model: Made, tmp_path: Path) -> None:
    weight = SEED.normal(size=(4, 300)).astype(np.float32)
    path = model([helper.make_node("MatMul", ["x", "w"], ["y"])], {"w": weight})
    proto = onnx.load(path)
    onnx.save(proto, path, save_as_external_data=True, location="w.data", size_threshold=0)
    proto = onnx.load_from_string(halved(path.read_bytes(), tmp_path))
    (stored,) = (onnx.numpy_helper.to_array(each) for each in proto.graph.initializer)
    assert np.array_equal(stored, weight.astype(np.float16))


def test_what_cannot_be_rounded_is_said(tmp_path: Path, model: Made) -> None:
    path = model([helper.make_node("MatMul", ["x", "w"], ["y"])], {"w": np.zeros((4, 300), np.float32)})
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="w.data", size_threshold=0)
    (tmp_path / "w.data").unlink()
    with pytest.raises(UnsupportedModelError, match="cannot be rounded"):
        halved(path.read_bytes(), tmp_path)


@pytest.mark.parametrize("name", ["sentiment-lstm", "next-word-shared", "sentences"])
def test_no_float32_is_left_but_what_is_fed_and_what_an_operator_insists_on(name: str) -> None:
    path = models_dir() / name / "model.onnx"
    proto = onnx.load_from_string(halved(path.read_bytes(), path.parent))
    assert all(tensor.data_type != TensorProto.FLOAT for tensor in proto.graph.initializer)
    assert all(value.type.tensor_type.elem_type != TensorProto.FLOAT for value in proto.graph.output)
