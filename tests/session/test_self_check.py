"""What opening a model finds out about its own numbers, and about the copy it works on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from embstudio.modelfile.model_file import ModelFile
from embstudio.session.opening import open_model


@pytest.fixture
def bert(data: Path) -> Path:
    return data / "bert-ts-sdpa" / "model.onnx"


def test_a_real_export_is_found_right(bert: Path) -> None:
    opening = open_model(ModelFile(bert), "")
    laws = {finding.law: finding for finding in opening.findings}
    assert {"q kᵀ = raw scores", "softmax(scores) = pattern", "rows of the pattern sum to 1",
            "pattern v = z"} <= set(laws)  # fmt: skip
    assert all(finding.holds and finding.worst < 1e-5 for finding in laws.values())
    sums = laws.pop("sums of the residual stream")
    assert sums.places == 2 * len(opening.anatomy.blocks)
    assert all(finding.places == len(opening.anatomy.blocks) for finding in laws.values())


def test_a_model_whose_weights_are_not_numbers_is_found_out(bert: Path, tmp_path: Path) -> None:
    proto = onnx.load(bert)
    for tensor in proto.graph.initializer:
        if len(tensor.dims) == 2 and tensor.dims[0] == tensor.dims[1]:
            broken = numpy_helper.to_array(tensor).copy()
            broken[:] = np.nan
            tensor.CopyFrom(numpy_helper.from_array(broken, tensor.name))
    path = tmp_path / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    assert not all(finding.holds for finding in open_model(ModelFile(path), "").findings)


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["opt-s2s-t5-decoder", "opt-s2s-t5-merged"])
def test_a_part_that_needs_another_is_tried_out_with_random_numbers(zoo: Path, name: str) -> None:
    opening = open_model(ModelFile(zoo / "_deployed" / name / "model.onnx"), "")
    assert "encoder_hidden_states" in opening.notes[0]
    assert len(opening.findings) == 5
    assert all(finding.holds and finding.worst < 1e-5 for finding in opening.findings)


def test_a_model_of_one_length_is_tried_out_with_that(tmp_path: Path) -> None:
    """A mask of 9 × 9 is a constant of the graph, as exporters leave it that were given a text of 9 tokens."""
    random = np.random.default_rng(0)
    weights = {"E": (20, 8), "Q": (8, 8), "K": (8, 8), "V": (8, 8), "O": (8, 8), "mask": (9, 9)}
    nodes = [
        helper.make_node("Gather", ["E", "ids"], ["x"]),
        *(helper.make_node("MatMul", ["x", name], [name.lower()]) for name in "QKV"),
        helper.make_node("Unsqueeze", ["q", "one"], ["q4"]),
        helper.make_node("Unsqueeze", ["k", "one"], ["k4"]),
        helper.make_node("Unsqueeze", ["v", "one"], ["v4"]),
        helper.make_node("Transpose", ["k4"], ["kt"], perm=[0, 1, 3, 2]),
        helper.make_node("MatMul", ["q4", "kt"], ["raw"]),
        helper.make_node("Add", ["raw", "mask"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["pattern"], axis=-1),
        helper.make_node("MatMul", ["pattern", "v4"], ["z4"]),
        helper.make_node("Squeeze", ["z4", "one"], ["z"]),
        helper.make_node("MatMul", ["z", "O"], ["out"]),
        helper.make_node("Add", ["x", "out"], ["y"]),
    ]
    tensors = [numpy_helper.from_array(random.normal(size=s).astype(np.float32), n) for n, s in weights.items()]
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["batch", "tokens", 8])],
        [*tensors, numpy_helper.from_array(np.array([1], np.int64), "one")],
    )  # fmt: skip
    path = tmp_path / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    opening = open_model(ModelFile(path), "")
    assert opening.notes == ()
    assert {"q kᵀ = raw scores", "pattern v = z"} <= {finding.law for finding in opening.findings}
    assert all(finding.holds for finding in opening.findings)
