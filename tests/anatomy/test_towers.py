"""Two towers in one graph: which blocks follow which, and whose weights are whose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnx import helper

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph

Node = helper.make_node
Nodes = list[helper.NodeProto]
D, MLP, PATCH, PATCHES = 8, 16, 12, 4
RANDOM = np.random.default_rng(0)
PARTS = {"q": (D, D), "k": (D, D), "v": (D, D), "o": (D, D), "1": (D, MLP), "2": (MLP, D)}


def block(name: str, x: str) -> Nodes:
    """A pre-norm block of one head; what leaves it is called {name}.out."""
    return [
        Node(op, [each if each in ("gain", "shift", x) else f"{name}.{each}" for each in inputs], [f"{name}.{made}"],
             **attributes)
        for op, inputs, made, attributes in (
            ("LayerNormalization", [x, "gain", "shift"], "n", {"axis": -1}), ("MatMul", ["n", "Wq"], "q", {}),
            ("MatMul", ["n", "Wk"], "k", {}), ("MatMul", ["n", "Wv"], "v", {}),
            ("Transpose", ["k"], "kT", {"perm": [0, 2, 1]}), ("MatMul", ["q", "kT"], "s", {}),
            ("Softmax", ["s"], "p", {"axis": -1}), ("MatMul", ["p", "v"], "z", {}), ("MatMul", ["z", "Wo"], "a", {}),
            ("Add", [x, "a"], "mid", {}), ("LayerNormalization", ["mid", "gain", "shift"], "n2", {"axis": -1}),
            ("MatMul", ["n2", "W1"], "h", {}), ("Relu", ["h"], "r", {}), ("MatMul", ["r", "W2"], "m", {}),
            ("Add", ["mid", "m"], "out", {}),
        )
    ]  # fmt: skip


IMAGE = [
    Node("MatMul", ["patches", "W_patch"], ["projected"]), Node("Add", ["projected", "P"], ["placed"]),
    *block("image0", "placed"), *block("image1", "image0.out"),
]  # fmt: skip
TEXT = [Node("Gather", ["E", "ids"], ["x"]), *block("text0", "x"), *block("text1", "text0.out")]
PRODUCT = [
    Node("ReduceMean", ["text1.out"], ["text"], axes=[1], keepdims=0),
    Node("ReduceMean", ["image1.out"], ["image"], axes=[1], keepdims=0),
    Node("Mul", ["text", "image"], ["out"]),
]


def weights() -> dict[str, np.ndarray]:
    sizes: dict[str, tuple[int, ...]] = {"E": (30, D), "W_patch": (PATCH, D), "P": (1, PATCHES, D)}
    for name in ("text0", "text1", "image0", "image1"):
        sizes |= {f"{name}.W{part}": size for part, size in PARTS.items()}
    made = {name: RANDOM.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    return made | {"gain": np.ones(D, np.float32), "shift": np.zeros(D, np.float32)}


def read_nodes(graph: Callable[..., Graph], nodes: Nodes, result: list[int | str]) -> Anatomy:
    inputs = {"ids": ["batch", "pos"], "patches": ["images", PATCHES, PATCH]}
    return read(graph(nodes, weights(), inputs, {"out": result}))


def test_blocks_of_the_tokens_come_first_and_the_others_have_no_points(graph: Callable[..., Graph]) -> None:
    anatomy = read_nodes(graph, [*IMAGE, *TEXT, *PRODUCT], ["batch", D])
    stream = {point.name: point.tensor for point in anatomy.points if ".resid" in point.name}
    assert stream == {
        "blocks.0.resid_pre": "x", "blocks.0.resid_mid": "text0.mid", "blocks.0.resid_post": "text0.out",
        "blocks.1.resid_pre": "text0.out", "blocks.1.resid_mid": "text1.mid", "blocks.1.resid_post": "text1.out",
    }  # fmt: skip
    assert [block.layer for block in anatomy.blocks] == [0, 1, 2, 3]
    assert [block.attention[0].node for block in anatomy.blocks] == ["text0.p", "text1.p", "image0.p", "image1.p"]
    assert anatomy.unrecognised[0] == (
        "blocks.2 to blocks.3 do not follow blocks.1: a stack of its own, that reads patches; a position there is not "
        "a token's place, so it has no points."
    )
    assert all("blocks.2" not in sentence for sentence in anatomy.missing)


def test_each_tower_has_its_own_weights(graph: Callable[..., Graph]) -> None:
    parameters = read_nodes(graph, [*IMAGE, *TEXT, *PRODUCT], ["batch", D]).parameters
    blocks = {name: size for name, size in parameters.items() if name.startswith("blocks.") and "norm" not in name}
    assert blocks == {
        f"blocks.{layer}.{part}": size
        for layer in range(4)
        for part, size in (("attention", 4 * D * D), ("mlp", 2 * D * MLP))
    }
    assert list(blocks) == sorted(blocks)
    assert parameters["embedding"] == 30 * D + PATCH * D
    assert parameters["positions"] == PATCHES * D
    assert parameters["total"] == sum(values.size for values in weights().values())


def test_two_towers_over_the_same_tokens_keep_their_points(graph: Callable[..., Graph]) -> None:
    other = [*block("image0", "x"), *block("image1", "image0.out"), Node("Add", ["text1.out", "image1.out"], ["out"])]
    anatomy = read_nodes(graph, [*TEXT, *other], ["batch", "pos", D])
    found = {point.name: point.tensor for point in anatomy.points}
    assert (found["blocks.1.resid_post"], found["blocks.2.resid_pre"]) == ("text1.out", "x")
    assert anatomy.unrecognised[0] == (
        "blocks.2 to blocks.3 do not follow blocks.1: a stack of its own, that reads ids."
    )


def test_towers_that_a_block_joins_are_one(graph: Callable[..., Graph]) -> None:
    both = [Node("Concat", ["image0.out", "text0.out"], ["both"], axis=1), *block("text1", "both")]
    text = [Node("Gather", ["E", "ids"], ["x"]), *block("text0", "x")]
    image = IMAGE[: len(IMAGE) - len(block("image1", "x"))]
    anatomy = read_nodes(graph, [*image, *text, *both, Node("Identity", ["text1.out"], ["out"])], ["batch", "both", D])
    assert not any("do not follow" in sentence for sentence in anatomy.unrecognised)
