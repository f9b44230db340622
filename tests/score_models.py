"""Tiny models whose heads are read in different ways: one score a token, or several, with a sigmoid or without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WORDS, WIDTH = 12, 6


def make_scores(folder: Path, classes: int, *, end: str = "", reshaped: bool = False) -> Path:
    """ids [batch, length] → embedding → RNN → W h + b [batch, length, classes] → `end` ("Sigmoid", "Softmax" or none),
    and a reshape after it if wished; returns the model's path."""
    rng = np.random.default_rng(7)

    def constant(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)

    weights = [
        constant("table", WORDS, WIDTH), constant("W", 1, WIDTH, WIDTH), constant("R", 1, WIDTH, WIDTH),
        constant("head", WIDTH, classes), constant("bias", classes),
        numpy_helper.from_array(np.array([0, 0, classes], np.int64), "same"),
        numpy_helper.from_array(np.array([1], np.int64), "one"),
    ]  # fmt: skip
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["embedded"]),
        helper.make_node("Transpose", ["embedded"], ["by time"], perm=[1, 0, 2]),
        helper.make_node("RNN", ["by time", "W", "R"], ["states"], hidden_size=WIDTH),
        helper.make_node("Squeeze", ["states", "one"], ["read"]),
        helper.make_node("Transpose", ["read"], ["by batch"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["by batch", "head"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["scores"]),
    ]
    last = "scores"
    if end:
        nodes.append(helper.make_node(end, [last], ["chances"], **({"axis": -1} if end == "Softmax" else {})))
        last = "chances"
    if reshaped:
        nodes.append(helper.make_node("Reshape", [last, "same"], ["as wished"]))
        last = "as wished"
    graph = helper.make_graph(
        nodes, "scores",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["batch", "length", classes])],
        weights,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path = folder / f"scores{classes}{end}{'_reshaped' * reshaped}.onnx"
    onnx.save(model, path)
    return path
