"""Quantised tables: the vectors as onnxruntime looks them up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.reader import read
from embstudio.anatomy.table_values import table_values
from embstudio.modelfile.onnx_graph import graph_of

Node = helper.make_node
ROWS, WIDTH = 20, 32
RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (ROWS, WIDTH), np.uint8)
SCALE, ZERO = np.array(0.02, np.float32), np.array(120, np.uint8)
ROW_SCALES, ROW_ZEROS = RANDOM.random(ROWS, np.float32), RANDOM.integers(0, 256, ROWS, np.uint8)
PACKED = RANDOM.integers(0, 256, (ROWS, WIDTH // 2), np.uint8)
BLOCK_SCALES, BLOCK_ZEROS = RANDOM.random((ROWS, 2), np.float32), RANDOM.integers(0, 256, (ROWS, 1), np.uint8)


def in_blocks(*zeros: str) -> onnx.NodeProto:
    return Node(
        "GatherBlockQuantized", ["table", "ids", "scale", *zeros], ["out"], domain="com.microsoft",
        bits=4, block_size=16, gather_axis=0, quantize_axis=1,
    )  # fmt: skip


TURNED_BYTES, TURNED = np.ascontiguousarray(BYTES.T), RANDOM.random((WIDTH, ROWS), np.float32)
HEAD_BLOCKS, BLOCKS_SHAPE = PACKED.reshape(ROWS, 2, WIDTH // 4), np.array([ROWS, WIDTH // 2])
FLAT_ZEROS, ZEROS_SHAPE = BLOCK_ZEROS.reshape(-1), np.array([ROWS, 1])


def of_head_blocks(*zeros: str) -> list[onnx.NodeProto]:
    """The table in the form that MatMulNBits reads, [rows, blocks, bytes], as builds for generation share it."""
    made = Node("Reshape", ["table", "shape"], ["blocks"])
    lookup = in_blocks(*zeros)
    lookup.input[0] = "blocks"
    return [made, lookup]


AFTER = [Node("Gather", ["table", "ids"], ["rows"]), Node("DequantizeLinear", ["rows", "scale", "zero"], ["out"])]
TABLES = {
    "dequantised before the lookup": (
        [Node("DequantizeLinear", ["table", "scale", "zero"], ["t"]), Node("Gather", ["t", "ids"], ["out"])],
        {"table": BYTES, "scale": SCALE, "zero": ZERO},
    ),
    "a scale for each row": (
        [Node("DequantizeLinear", ["table", "scale", "zero"], ["t"], axis=0), Node("Gather", ["t", "ids"], ["out"])],
        {"table": BYTES, "scale": ROW_SCALES, "zero": ROW_ZEROS},
    ),
    "dequantised after the lookup": (AFTER, {"table": BYTES, "scale": SCALE, "zero": ZERO}),
    "four bits in blocks": ([in_blocks("zero")], {"table": PACKED, "scale": BLOCK_SCALES, "zero": BLOCK_ZEROS}),
    "four bits without zero points": ([in_blocks()], {"table": PACKED, "scale": BLOCK_SCALES}),
    "the head's, turned round": (
        [Node("Transpose", ["table"], ["t"], perm=[1, 0]), Node("Gather", ["t", "ids"], ["out"])],
        {"table": TURNED},
    ),
    "the head's in whole numbers, turned round": (
        [
            Node("DequantizeLinear", ["table", "scale", "zero"], ["f"], axis=1),
            Node("Transpose", ["f"], ["t"]),
            Node("Gather", ["t", "ids"], ["out"]),
        ],
        {"table": TURNED_BYTES, "scale": ROW_SCALES, "zero": ROW_ZEROS},
    ),
    "the head's in blocks": (of_head_blocks(), {"table": HEAD_BLOCKS, "shape": BLOCKS_SHAPE, "scale": BLOCK_SCALES}),
    "the head's in blocks with zero points": (
        [Node("Reshape", ["flat", "zeros_shape"], ["zero"]), *of_head_blocks("zero")],
        {
            "table": HEAD_BLOCKS,
            "shape": BLOCKS_SHAPE,
            "scale": BLOCK_SCALES,
            "flat": FLAT_ZEROS,
            "zeros_shape": ZEROS_SHAPE,
        },
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_rows_are_what_onnxruntime_looks_up(kind: str) -> None:
    nodes, weights = TABLES[kind]
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "pos"])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", "pos", WIDTH])
    stored = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    opset = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(helper.make_graph(nodes, "g", [ids], [out], stored), opset_imports=opset, ir_version=8)
    graph = graph_of(model, Path())
    anatomy = read(graph)
    (table,) = anatomy.embeddings
    assert (table.initializer, table.rows, table.width, table.output) == ("table", ROWS, WIDTH, "out")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (looked_up,) = session.run(["out"], {"ids": np.arange(ROWS)[None]})
    np.testing.assert_allclose(table_values(graph, table), looked_up[0], rtol=1e-6, atol=1e-6)
    assert anatomy.parameters == {"embedding": ROWS * WIDTH, "total": ROWS * WIDTH}
