"""Files whose nodes stand in the wrong order: onnxruntime runs them as they are, and afterwards says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from embstudio.session.rewrite.sort_nodes import sort_nodes


def model(*nodes: onnx.NodeProto) -> onnx.ModelProto:
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n"]) for name in ("x", "y")]
    graph = helper.make_graph(list(nodes), "shuffled", ends[:1], ends[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def shuffled() -> onnx.ModelProto:
    return model(
        helper.make_node("Mul", ["b", "a"], ["y"]),
        helper.make_node("Add", ["a", "x"], ["b"]),
        helper.make_node("Neg", ["x"], ["a"]),
    )


def test_each_node_comes_after_those_it_reads() -> None:
    sorted_ = shuffled()
    assert sort_nodes(sorted_)
    onnx.checker.check_model(sorted_)  # it refuses nodes out of order
    assert [node.op_type for node in sorted_.graph.node] == ["Neg", "Add", "Mul"]
    x = np.array([1.0, -2.5], np.float32)
    before, after = (
        onnxruntime.InferenceSession(each.SerializeToString()).run(None, {"x": x})[0] for each in (shuffled(), sorted_)
    )
    np.testing.assert_array_equal(before, after)


def test_what_is_in_order_stays_as_it_is() -> None:
    ordered = model(helper.make_node("Neg", ["x"], ["a"]), helper.make_node("Abs", ["a"], ["y"]))
    before = ordered.SerializeToString()
    assert sort_nodes(ordered) == ()
    assert ordered.SerializeToString() == before


def test_a_circle_is_left_for_onnxruntime_to_name() -> None:
    circle = model(helper.make_node("Add", ["x", "y"], ["a"]), helper.make_node("Neg", ["a"], ["y"]))
    sort_nodes(circle)
    assert len(circle.graph.node) == 2


@pytest.mark.zoo
def test_an_old_export_of_gpt2(zoo: Path) -> None:
    old = onnx.load(zoo / "_public" / "gpt2_past.onnx")
    assert sort_nodes(old)
    assert sort_nodes(old) == ()
