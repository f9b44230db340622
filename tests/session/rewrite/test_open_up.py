from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import ModelProto, numpy_helper

from embstudio.session.rewrite.open_up import open_up

_SCAN = """
<ir_version: 9, opset_import: ["" : 17]>
g (float[b, t, 8] x0) => (float[b, t, 8] y)
{
  y = Scan <num_scan_inputs = 1, body = layer (x, w) => (n) {
    q = MatMul (x, w)
    k = Transpose <perm = [0, 2, 1]> (x)
    s = MatMul (q, k)
    p = Softmax <axis = -1> (s)
    n = MatMul (p, x)
  }> (x0, stack)
}
"""


@pytest.fixture
def scan() -> ModelProto:
    model = onnx.parser.parse_model(_SCAN)
    model.graph.initializer.append(numpy_helper.from_array(np.ones((2, 8, 8), np.float32), "stack"))
    return model


def test_what_is_rewritten_is_a_copy(scan: ModelProto) -> None:
    before = scan.SerializeToString(deterministic=True)
    assert open_up(scan).repairs
    assert scan.SerializeToString(deterministic=True) == before


def test_large_weights_have_their_numbers_again(scan: ModelProto) -> None:
    """Also those that nothing was done to, and the small ones."""
    table = np.arange(4096, dtype=np.float32)
    scan.graph.initializer.extend([numpy_helper.from_array(table, "table"), numpy_helper.from_array(table[:3], "few")])
    opened = open_up(scan).model
    kept = {tensor.name: numpy_helper.to_array(tensor) for tensor in opened.graph.initializer}
    np.testing.assert_array_equal(kept["table"], table)
    np.testing.assert_array_equal(kept["few"], table[:3])


@pytest.mark.parametrize(
    "damage",
    [
        lambda node: node.input.pop(),
        lambda node: node.output.append("more"),
        lambda node: node.attribute.pop(0),
        lambda node: node.attribute[1].g.input.pop(),
        lambda node: node.attribute[1].g.output.pop(),
    ],
)
def test_a_damaged_operator_is_left_for_the_reader_to_name(
    damage: Callable[[onnx.NodeProto], object], scan: ModelProto
) -> None:
    (node,) = scan.graph.node
    assert [given.name for given in node.attribute] == ["num_scan_inputs", "body"]
    damage(node)
    opened = open_up(scan)
    assert opened.model is scan
    assert opened.repairs == ()
