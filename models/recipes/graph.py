"""Pieces of ONNX graphs that the bundled models are written with: half-size tables and checked files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


def half(array: np.ndarray) -> np.ndarray:
    """``array`` rounded to fp16 and back: the numbers that the shipped file holds."""
    return array.astype(np.float16).astype(np.float32)


def lookup(table: np.ndarray, name: str, ids: str, out: str) -> tuple[list, list]:
    """Nodes and initializers of ``out = float32(table[ids])``; table [vocabulary, width] stays fp16."""
    stored = numpy_helper.from_array(table.astype(np.float16), name)
    nodes = [
        helper.make_node("Gather", [name, ids], [f"{out}_half"], name=f"{out}_gather", axis=0),
        helper.make_node("Cast", [f"{out}_half"], [out], name=f"{out}_cast", to=TensorProto.FLOAT),
    ]
    return nodes, [stored]


def save(path: Path, nodes: list, initializers: list, output: str, width: int, name: str) -> None:
    """Write a graph input_ids [batch, pos] -> output [batch, pos, width], checked by onnx."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "pos"])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", "pos", width])],
        initializers,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="embstudio")
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
