"""What counts as a parameter, and how many a packed weight stands for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnx import TensorProto, helper

from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
Node = helper.make_node
IDS, OUT = {"ids": ["batch", "pos"]}, {"out": ["batch", "pos", None]}
TABLE = {"table": np.ones((20, 32), np.float32)}
LOOKUP = Node("Gather", ["table", "ids"], ["x"])


def count(graph: Build, nodes: list[helper.NodeProto], weights: dict[str, np.ndarray]) -> dict[str, int]:
    return read(graph([LOOKUP, *nodes], TABLE | weights, IDS, OUT)).parameters


def test_four_bit_weights_count_by_their_numbers(graph: Build) -> None:
    """N × K, however they are packed; scales and zero points are none."""
    product = Node("MatMulNBits", ["x", "W", "scales", "zeros"], ["out"], domain="com.microsoft",
                   N=48, K=32, bits=4, block_size=16)  # fmt: skip
    weights = {
        "W": np.zeros((48, 2, 8), np.uint8), "scales": np.ones(96, np.float32), "zeros": np.zeros(48, np.uint8),
    }  # fmt: skip
    assert count(graph, [product], weights) == {"embedding": 640, "head": 48 * 32, "total": 640 + 48 * 32}


def test_dynamically_quantised_weights_count_without_their_scales(graph: Build) -> None:
    nodes = [
        Node("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]), Node("MatMulInteger", ["xq", "W", "xz", "wz"], ["y"]),
        Node("Cast", ["y"], ["yf"], to=TensorProto.FLOAT), Node("Mul", ["xs", "ws"], ["s"]),
        Node("Mul", ["yf", "s"], ["scaled"]), Node("Add", ["scaled", "bias"], ["out"]),
    ]  # fmt: skip
    weights = {
        "W": np.zeros((32, 48), np.uint8), "wz": np.zeros(48, np.uint8), "ws": np.ones(48, np.float32),
        "bias": np.ones(48, np.float32),
    }  # fmt: skip
    assert count(graph, nodes, weights)["total"] == 640 + 32 * 48 + 48


def test_masks_shapes_and_single_numbers_are_no_parameters(graph: Build) -> None:
    nodes = [
        Node("Mul", ["x", "number"], ["y"]), Node("Shape", ["template"], ["shape"]),
        Node("Expand", ["y", "shape"], ["z"]), Node("Add", ["z", "mask"], ["out"]),
    ]  # fmt: skip
    weights = {
        "number": np.ones(1, np.float32), "mask": np.zeros((1, 1, 64, 64), np.float32),
        "template": np.zeros((1, 1, 64, 32), np.float32), "buffer": np.zeros((64, 64), np.uint8),
    }  # fmt: skip
    assert count(graph, nodes, weights) == {"embedding": 640, "total": 640}


def test_a_number_for_each_token_is_no_norm(graph: Build) -> None:
    """Looked up by ids, as the weights of a mean are."""
    nodes = [
        Node("Gather", ["shares", "ids"], ["flat"]), Node("Unsqueeze", ["flat", "last"], ["share"]),
        Node("Mul", ["x", "share"], ["out"]),
    ]  # fmt: skip
    weights = {"shares": np.ones(20, np.float32), "last": np.array([2])}
    assert count(graph, nodes, weights) == {"embedding": 640, "other": 20, "total": 660}
