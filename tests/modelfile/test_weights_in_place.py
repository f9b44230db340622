"""A model whose weights stay in its file is the same model: the same graph, the same numbers, and nothing copied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.modelfile.external_data import read_external
from embstudio.modelfile.weights_in_place import LARGE, without_weights

RANDOM = np.random.default_rng(5)
LARGE_WEIGHT = RANDOM.normal(size=(200, 120)).astype(np.float32)
SMALL_WEIGHT = RANDOM.normal(size=(120, 3)).astype(np.float32)


def model(*weights: TensorProto) -> onnx.ModelProto:
    """y = x · large · small."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "large"], ["h"]), helper.make_node("MatMul", ["h", "small"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 200])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
        list(weights),
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(made, {"after": "the graph"})
    return made


@pytest.fixture
def whole() -> onnx.ModelProto:
    return model(numpy_helper.from_array(LARGE_WEIGHT, "large"), numpy_helper.from_array(SMALL_WEIGHT, "small"))


def test_only_large_weights_stay_behind_and_all_else_is_equal(whole: onnx.ModelProto, tmp_path: Path) -> None:
    contents = whole.SerializeToString()
    (tmp_path / "model.onnx").write_bytes(contents)
    found = without_weights(memoryview(contents), "model.onnx")
    assert found is not None
    assert len(found) < len(contents) - LARGE_WEIGHT.nbytes + 500
    light = onnx.ModelProto.FromString(found)
    large, small = light.graph.initializer
    assert large.data_location == TensorProto.EXTERNAL
    np.testing.assert_array_equal(read_external(large, tmp_path), LARGE_WEIGHT)
    assert small == whole.graph.initializer[1]
    large.CopyFrom(whole.graph.initializer[0])
    assert light == whole


def test_onnxruntime_computes_the_same(whole: onnx.ModelProto, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(whole.SerializeToString())
    found = without_weights(memoryview(path.read_bytes()), path.name)
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(tmp_path))
    x = RANDOM.normal(size=(4, 200)).astype(np.float32)
    values = [
        onnxruntime.InferenceSession(each, options, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
        for each in (found, str(path))
    ]
    np.testing.assert_array_equal(*values)


def test_weights_that_keep_their_numbers_otherwise_are_left_alone() -> None:
    listed = TensorProto(name="large", data_type=TensorProto.FLOAT, dims=[200, 120])
    listed.float_data.extend(LARGE_WEIGHT.ravel().tolist())
    small = numpy_helper.from_array(SMALL_WEIGHT, "small")
    assert without_weights(memoryview(model(listed, small).SerializeToString()), "m") is None
    elsewhere = TensorProto(name="large", data_type=1, dims=[200, 120], data_location=TensorProto.EXTERNAL)
    elsewhere.external_data.add(key="location", value="weights")
    assert without_weights(memoryview(model(elsewhere, small).SerializeToString()), "m") is None


@pytest.mark.parametrize("keep", [0, 1, 5, 1000, LARGE, -1, -30])
def test_what_is_cut_off_is_left_to_the_ordinary_reader(whole: onnx.ModelProto, keep: int) -> None:
    contents = whole.SerializeToString()
    cut = contents[:keep] if keep >= 0 else contents[: len(contents) + keep]
    assert without_weights(memoryview(cut), "m") is None


def test_damaged_files_never_raise(whole: onnx.ModelProto) -> None:
    contents = bytearray(whole.SerializeToString())
    frame = [place for place in range(len(contents)) if place < 200 or place > len(contents) - 2000]
    for place in RANDOM.choice(frame, 400):
        damaged = bytearray(contents)
        damaged[place] = int(RANDOM.integers(256))
        found = without_weights(memoryview(bytes(damaged)), "m")
        assert found is None or len(found) < len(contents)
