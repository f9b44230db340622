"""Points whose places are not the tokens', and inputs that nothing reads: what a trial run and the file tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.modelfile.model_file import ModelFile
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.opening import open_model
from embstudio.session.runner import Runner

Node = helper.make_node
D = 8
RANDOM = np.random.default_rng(0)
SIZES = {"E": (20, D), "Wq": (D, D), "Wk": (D, D), "Wv": (D, D), "Wo": (D, D), "W_pair": (2 * D, D)}


def attention(x: str, out: str) -> list[onnx.NodeProto]:
    return [
        *(Node("MatMul", [x, f"W{name}"], [name]) for name in "qkv"), Node("Transpose", ["k"], ["kT"], perm=[0, 2, 1]),
        Node("MatMul", ["q", "kT"], ["scores"]), Node("Softmax", ["scores"], ["pattern"], axis=-1),
        Node("MatMul", ["pattern", "v"], ["z"]), Node("MatMul", ["z", "Wo"], ["attn"]), Node("Add", [x, "attn"], [out]),
    ]  # fmt: skip


def save(path: Path, nodes: list[onnx.NodeProto], *more: onnx.ValueInfoProto) -> Path:
    weights = {name: RANDOM.normal(size=size).astype(np.float32) for name, size in SIZES.items()}
    numbers = {"pairs": np.array([0, -1, 2 * D]), **weights}
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "tokens"]), *more],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "places", D])],
        [numpy_helper.from_array(values, name) for name, values in numbers.items()],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_places_that_hold_two_tokens_each_are_left_out(tmp_path: Path) -> None:
    nodes = [
        Node("Gather", ["E", "ids"], ["x"]), Node("Reshape", ["x", "pairs"], ["two"]),
        Node("MatMul", ["two", "W_pair"], ["half"]), *attention("half", "y"),
    ]  # fmt: skip
    path = save(tmp_path / "model.onnx", nodes)
    opening = open_model(ModelFile(path), "")
    assert [point.name for point in opening.anatomy.points] == ["embed"]
    (told,) = [sentence for sentence in opening.anatomy.missing if "left out" in sentence]
    assert told.endswith("for a place there is not a token's: 3 for 6 tokens.")
    trace = Runner.open(ModelRef(path)).trace(TraceRequest(ModelRef(path), ids=(1, 2, 3, 4)))
    assert list(trace.arrays) == ["embed"]


def test_places_of_tokens_are_all_kept(tmp_path: Path) -> None:
    path = save(tmp_path / "model.onnx", [Node("Gather", ["E", "ids"], ["x"]), *attention("x", "y")])
    opening = open_model(ModelFile(path), "")
    assert {"embed", "blocks.0.resid_pre", "blocks.0.attn.pattern"} <= {point.name for point in opening.anatomy.points}
    assert not any("left out" in sentence for sentence in opening.anatomy.missing)


def test_an_input_that_nothing_reads_is_told_of(tmp_path: Path) -> None:
    idle = helper.make_tensor_value_info("token_type_ids", TensorProto.INT64, ["batch", "tokens"])
    path = save(tmp_path / "model.onnx", [Node("Gather", ["E", "ids"], ["x"]), *attention("x", "y")], idle)
    told = open_model(ModelFile(path), "").anatomy.unrecognised
    assert "Inputs that nothing in the model reads: token_type_ids." in told


@pytest.mark.zoo
def test_an_input_without_use_after_opening_up_is_told_of_there_alone(zoo: Path) -> None:
    opening = open_model(ModelFile(zoo / "_deployed" / "opt-s2s-t5-merged" / "model.onnx"), "")
    assert any("'use_cache_branch' has no effect any more" in sentence for sentence in opening.repairs)
    assert not any("use_cache_branch" in sentence for sentence in opening.anatomy.unrecognised)
