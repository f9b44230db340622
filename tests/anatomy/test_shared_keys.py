"""Two layers by hand, whose keys and values are each layer's own, shared, or slices of one wide product."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import NodeProto, helper

from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
Node = helper.make_node
D = 8
RANDOM = np.random.default_rng(0)


def heads(given: str, out: str, perm: list[int]) -> list[NodeProto]:
    """[batch, pos, D] -> heads, by nodes of its own, its shape worked out anew."""
    return [
        Node("Shape", [given], [f"{out}_shape"]),
        Node("Slice", [f"{out}_shape", "zero", "two"], [f"{out}_two"]),
        Node("Concat", [f"{out}_two", "split"], [f"{out}_to"], axis=0),
        Node("Reshape", [given, f"{out}_to"], [f"{out}_split"]),
        Node("Transpose", [f"{out}_split"], [out], perm=perm),
    ]


def layer(number: int, x: str, keys: str, values: str) -> list[NodeProto]:
    """x -> x + attention(x), to given keys and values [batch, pos, D]."""
    own = f"l{number}_"
    return [
        Node("MatMul", [x, f"Wq{number}"], [f"{own}q0"]),
        *heads(f"{own}q0", f"{own}q", [0, 2, 1, 3]),
        *heads(keys, f"{own}k", [0, 2, 3, 1]),
        *heads(values, f"{own}v", [0, 2, 1, 3]),
        Node("MatMul", [f"{own}q", f"{own}k"], [f"{own}raw"]),
        Node("Softmax", [f"{own}raw"], [f"{own}pattern"], axis=-1),
        Node("MatMul", [f"{own}pattern", f"{own}v"], [f"{own}z"]),
        Node("Transpose", [f"{own}z"], [f"{own}z1"], perm=[0, 2, 1, 3]),
        Node("Reshape", [f"{own}z1", "joined"], [f"{own}z2"]),
        Node("MatMul", [f"{own}z2", f"Wo{number}"], [f"{own}attn"]),
        Node("Add", [x, f"{own}attn"], [f"x{number + 1}"]),
    ]


def made_of(way: str) -> tuple[list[NodeProto], list[tuple[str, str]]]:
    """How keys and values come about: the nodes, and (keys, values) of each layer."""
    if way == "own":
        nodes = [
            Node("MatMul", [f"x{at}", f"W{part}{at}"], [f"{part}{at}"]) for at in (0, 1) for part in "kv"
        ]  # fmt: skip
        return nodes, [("k0", "v0"), ("k1", "v1")]
    if way == "shared":
        return [Node("MatMul", ["x0", f"W{part}0"], [f"{part}0"]) for part in "kv"], [("k0", "v0"), ("k0", "v0")]
    if way == "keys alone":
        nodes = [Node("MatMul", ["x0", "Wk0"], ["k0"])]
        nodes += [Node("MatMul", [f"x{at}", f"Wv{at}"], [f"v{at}"]) for at in (0, 1)]
        return nodes, [("k0", "v0"), ("k0", "v1")]
    if way == "slices of one product":
        wide = Node("MatMul", ["x0", "W_wide"], ["wide"])
        return [wide, Node("Split", ["wide"], ["k0", "v0", "k1", "v1"], axis=-1)], [("k0", "v0"), ("k1", "v1")]
    assert way == "scaled by layer"
    nodes = [Node("MatMul", ["x0", f"W{part}0"], [part]) for part in "kv"]
    nodes += [Node("Mul", ["k", f"gain{at}"], [f"k{at}"]) for at in (0, 1)]
    return nodes, [("k0", "v"), ("k1", "v")]


@pytest.mark.parametrize(
    ("way", "borrowed"),
    [("own", None), ("shared", 0), ("keys alone", None), ("slices of one product", None), ("scaled by layer", None)],
)
def test_layers_that_attend_to_earlier_keys_are_told(graph: Build, way: str, borrowed: int | None) -> None:
    def matrix(*shape: int) -> np.ndarray:
        return RANDOM.normal(size=shape).astype(np.float32)

    made, pairs = made_of(way)
    names = ["Wq0", "Wq1", "Wk0", "Wk1", "Wv0", "Wv1", "Wo0", "Wo1"]
    weights = {name: matrix(D, D) for name in names} | {
        "E": matrix(20, D), "W_wide": matrix(D, 4 * D), "gain0": matrix(D), "gain1": matrix(D),
        "zero": np.array([0]), "two": np.array([2]), "split": np.array([2, D // 2]), "joined": np.array([0, 0, D]),
    }  # fmt: skip
    first, second = layer(0, "x0", *pairs[0]), layer(1, "x1", *pairs[1])
    early = [node for node in made if "x1" not in node.input]
    late = [node for node in made if "x1" in node.input]
    nodes = [Node("Gather", ["E", "input_ids"], ["x0"], axis=0), *early, *first, *late, *second]
    used = {name for node in nodes for name in node.input}
    kept = {name: value for name, value in weights.items() if name in used}
    anatomy = read(graph(nodes, kept, {"input_ids": ["batch", "pos"]}, {"x2": ["batch", "pos", D]}))
    assert [attention.keys_of for block in anatomy.blocks for attention in block.attention] == [None, borrowed]
