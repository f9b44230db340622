"""Attention, its axes and the stream around it, in one block made by hand in several dialects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import helper

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.probe import observed_shapes
from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
Node = helper.make_node
D, H, KV, HEAD_WIDTH, MLP = 8, 4, 2, 2, 16
RANDOM = np.random.default_rng(0)


def weights() -> dict[str, np.ndarray]:
    def matrix(rows: int, columns: int) -> np.ndarray:
        return RANDOM.normal(size=(rows, columns)).astype(np.float32)

    return {
        "E": matrix(30, D), "Wq": matrix(D, D), "Wk": matrix(D, KV * HEAD_WIDTH), "Wv": matrix(D, KV * HEAD_WIDTH),
        "Wo": matrix(D, D), "W1": matrix(D, MLP), "W2": matrix(MLP, D), "W_U": matrix(D, 30),
        "gain": np.ones(D, np.float32), "shift": np.zeros(D, np.float32), "bo": np.zeros(D, np.float32),
        "root": np.array(HEAD_WIDTH**0.5, np.float32), "two": np.array([2]),
        "to_heads": np.array([0, 0, H, HEAD_WIDTH]), "to_kv": np.array([0, 0, KV, HEAD_WIDTH]),
        "to_repeat": np.array([1, 1, H // KV, 1, 1]), "to_all": np.array([0, H, -1, HEAD_WIDTH]),
        "to_width": np.array([0, 0, D]),
    }  # fmt: skip


def attention(x: str) -> list[helper.NodeProto]:
    """From x to `attn`: grouped queries, k and v repeated by Unsqueeze, Expand and Reshape; output projection."""
    nodes = [
        Node("MatMul", [x, "Wq"], ["q0"]), Node("Reshape", ["q0", "to_heads"], ["q1"]),
        Node("Transpose", ["q1"], ["q"], perm=[0, 2, 1, 3]),
    ]  # fmt: skip
    for name in "kv":
        nodes += [
            Node("MatMul", [x, f"W{name}"], [f"{name}0"]), Node("Reshape", [f"{name}0", "to_kv"], [f"{name}1"]),
            Node("Transpose", [f"{name}1"], [name], perm=[0, 2, 1, 3]),
            Node("Unsqueeze", [name, "two"], [f"{name}2"]), Node("Expand", [f"{name}2", "to_repeat"], [f"{name}3"]),
            Node("Reshape", [f"{name}3", "to_all"], [f"{name}4"]),
        ]  # fmt: skip
    return [
        *nodes,
        Node("Transpose", ["k4"], ["kT"], perm=[0, 1, 3, 2]),
        Node("Div", ["q", "root"], ["q_scaled"]), Node("MatMul", ["q_scaled", "kT"], ["scores"]),
        Node("Softmax", ["scores"], ["pattern"], axis=-1), Node("MatMul", ["pattern", "v4"], ["z"]),
        Node("Transpose", ["z"], ["z1"], perm=[0, 2, 1, 3]), Node("Reshape", ["z1", "to_width"], ["z2"]),
        Node("MatMul", ["z2", "Wo"], ["o"]), Node("Add", ["o", "bo"], ["attn"]),
    ]  # fmt: skip


def norm(x: str, out: str) -> helper.NodeProto:
    return Node("LayerNormalization", [x, "gain", "shift"], [out], axis=-1)


def mlp(x: str) -> list[helper.NodeProto]:
    """From x to `mlp`, with a sum inside (x + x³, as in GELU) that is no part of the stream."""
    return [
        Node("MatMul", [x, "W1"], ["m1"]), Node("Mul", ["m1", "m1"], ["m2"]), Node("Mul", ["m1", "m2"], ["m3"]),
        Node("Add", ["m1", "m3"], ["m4"]), Node("MatMul", ["m4", "W2"], ["mlp"]),
    ]  # fmt: skip


LOOKUP = [Node("Gather", ["E", "ids"], ["x"])]
HEAD = [norm("last", "n_last"), Node("MatMul", ["n_last", "W_U"], ["logits"])]
DIALECTS = {
    "pre-norm": [
        norm("x", "n1"), *attention("n1"), Node("Add", ["x", "attn"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Add", ["mlp", "mid"], ["last"]),
    ],
    "post-norm": [
        *attention("x"), Node("Add", ["attn", "x"], ["s1"]), norm("s1", "mid"),
        *mlp("mid"), Node("Add", ["mlp", "mid"], ["s2"]), norm("s2", "last"),
    ],
    "parallel": [
        norm("x", "n1"), *attention("n1"), *mlp("n1"), Node("Add", ["attn", "mlp"], ["both"]),
        Node("Add", ["both", "x"], ["last"]),
    ],
    "sandwich": [
        norm("x", "n1"), *attention("n1"), norm("attn", "attn_n"), Node("Add", ["x", "attn_n"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), norm("mlp", "mlp_n"), Node("Add", ["mid", "mlp_n"], ["last"]),
    ],
}  # fmt: skip


SEQUENTIAL = {"resid_pre": "x", "attn.out": "attn", "resid_mid": "mid", "mlp.out": "mlp", "resid_post": "last"}
NORMS = {"attn.norm": "n1", "mlp.norm": "n2"}


def built(graph: Build, dialect: str) -> Graph:
    nodes = [*LOOKUP, *DIALECTS[dialect], *HEAD]
    return graph(nodes, weights(), {"ids": ["batch", "pos"]}, {"logits": ["batch", "pos", 30]})


def read_dialect(graph: Build, dialect: str) -> Anatomy:
    return read(built(graph, dialect))


@pytest.mark.parametrize(
    ("dialect", "stream"),
    [
        ("pre-norm", SEQUENTIAL | NORMS),
        ("post-norm", SEQUENTIAL | {"attn.sum": "s1", "mlp.sum": "s2"}),
        (
            "parallel",
            {"resid_pre": "x", "attn.out": "attn", "mlp.out": "mlp", "resid_post": "last"}
            | {"attn.norm": "n1", "mlp.norm": "n1"},
        ),
        ("sandwich", SEQUENTIAL | NORMS | {"attn.out": "attn_n", "mlp.out": "mlp_n"}),
    ],
)  # fmt: skip
def test_the_stream_of_every_dialect(graph: Build, dialect: str, stream: dict[str, str]) -> None:
    anatomy = read_dialect(graph, dialect)
    found = {
        point.name.removeprefix("blocks.0."): point.tensor
        for point in anatomy.points
        if point.axes == ("pos", "d_model") and point.name.startswith("blocks.")
    }
    assert found == stream
    assert anatomy.point("blocks.0.mlp.hidden").tensor == "m4"
    assert anatomy.blocks[0].d_mlp == MLP
    assert anatomy.unrecognised == ()


def test_heads_axes_and_tensors_before_repetition_and_scale(graph: Build) -> None:
    anatomy = read_dialect(graph, "pre-norm")
    (attention_,) = anatomy.blocks[0].attention
    assert (attention_.kind, attention_.heads, attention_.kv_heads, attention_.d_head) == ("self", H, KV, HEAD_WIDTH)
    found = {
        part: (anatomy.point(f"blocks.0.attn.{part}").tensor, anatomy.point(f"blocks.0.attn.{part}").layout)
        for part in ("q", "k", "v", "scores", "pattern", "z")
    }
    assert found == {
        "q": ("q", ("batch", "head", "query", "d_head")),
        "k": ("k", ("batch", "kv_head", "key", "d_head")),
        "v": ("v", ("batch", "kv_head", "key", "d_head")),
        "scores": ("scores", ("batch", "head", "query", "key")),
        "pattern": ("pattern", ("batch", "head", "query", "key")),
        "z": ("z", ("batch", "head", "query", "d_head")),
    }


def test_weights_are_counted_where_they_work(graph: Build) -> None:
    for dialect in ("pre-norm", "post-norm", "sandwich"):
        counts = dict(read_dialect(graph, dialect).parameters)
        assert counts.pop("total") == sum(counts.values())
        assert counts["embedding"] == 30 * D
        assert counts["head"] == 30 * D
        assert counts["blocks.0.attention"] == 2 * D * D + 2 * D * KV * HEAD_WIDTH + D
        assert counts["blocks.0.mlp"] == 2 * D * MLP
        assert "other" not in counts


def test_the_output_head_scores_the_vocabulary(graph: Build) -> None:
    anatomy = read_dialect(graph, "pre-norm")
    assert anatomy.head is not None
    assert (anatomy.head.kind, anatomy.head.width) == ("next word", 30)
    assert anatomy.point("logits").axes == ("pos", "vocab")


@pytest.mark.parametrize(
    "nodes",
    [
        # A router or classifier: scores by weights.
        [Node("MatMul", ["x", "W_U"], ["s"]), Node("Softmax", ["s"], ["p"]), Node("MatMul", ["p", "E"], ["logits"])],
        # Attention pooling: one query, which is a weight.
        [
            Node("MatMul", ["x", "Wq"], ["k"]), Node("Transpose", ["k"], ["kT"], perm=[0, 2, 1]),
            Node("MatMul", ["Wo", "kT"], ["s"]), Node("Softmax", ["s"], ["p"]), Node("MatMul", ["p", "x"], ["logits"]),
        ],
        # Keys but no values.
        [
            Node("Transpose", ["x"], ["xT"], perm=[0, 2, 1]), Node("MatMul", ["x", "xT"], ["s"]),
            Node("Softmax", ["s"], ["p"]), Node("ReduceMax", ["p"], ["logits"], axes=[-1]),
        ],
    ],
)  # fmt: skip
def test_a_softmax_without_queries_keys_and_values_is_no_attention(graph: Build, nodes: list[helper.NodeProto]) -> None:
    built = graph([*LOOKUP, *nodes], weights(), {"ids": ["batch", "pos"]}, {"logits": ["batch", "pos", None]})
    anatomy = read(built)
    assert anatomy.blocks == ()
    assert any("not attention" in sentence for sentence in anatomy.unrecognised)


def test_a_run_settles_what_shapes_leave_open(graph: Build) -> None:
    known = built(graph, "pre-norm")
    blind = Graph(known.nodes, known.inputs, known.outputs, known.weights, opset=known.opset)
    wanted = read(blind).unranked
    assert {"q", "k", "v", "scores", "pattern", "z"} <= set(wanted)

    def shapes_of_a_run(batch: int, length: int) -> dict[str, tuple[int, ...]]:
        def size(stated: int | str | None) -> int:
            return stated if isinstance(stated, int) else batch if stated == "batch" else length

        return {name: tuple(map(size, known.shape(name) or ())) for name in wanted}

    settled = read(blind.with_shapes(observed_shapes([shapes_of_a_run(1, 6), shapes_of_a_run(2, 7)])))
    assert settled.blocks == read(known).blocks
    assert [point for point in settled.points if "attn" in point.name] == [
        point for point in read(known).points if "attn" in point.name
    ]
