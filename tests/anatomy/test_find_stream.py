"""The stream around one attention, in the ways of adding to it that are not the plain one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import helper

from embstudio.anatomy.anatomy import Anatomy, ResidualSum
from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
Nodes = list[helper.NodeProto]
Node = helper.make_node
D, MLP = 8, 16
RANDOM = np.random.default_rng(0)
IDS, OUT = {"ids": ["batch", "pos"]}, {"out": ["batch", "pos", D]}


def weights() -> dict[str, np.ndarray]:
    sizes = {"E": (30, D), "P": (40, D), "W1": (D, MLP), "W2": (MLP, D), "router": (D, 4), "Wc": (D, 1, 3)}
    square = dict.fromkeys(("Wq", "Wk", "Wv", "Wo", "Wm"), (D, D))
    made = {name: RANDOM.normal(size=size).astype(np.float32) for name, size in (sizes | square).items()}
    return made | {
        "gain": np.ones(D, np.float32), "shift": np.zeros(D, np.float32), "factor": np.array(0.5, np.float32),
        "gains": RANDOM.normal(size=D).astype(np.float32), "k": np.array([2]), "zero": np.array(0), "one": np.array(1),
        "first": np.array([0]), "second": np.array([1]),
    }  # fmt: skip


def norm(x: str, out: str) -> helper.NodeProto:
    return Node("LayerNormalization", [x, "gain", "shift"], [out], axis=-1)


def attention(x: str, keys: str = "", out: str = "attn", of: str = "of_") -> Nodes:
    """One head. keys: what k and v are made of where that is not x."""
    keys = keys or x
    return [
        Node("MatMul", [x, "Wq"], [f"{of}q"]), Node("MatMul", [keys, "Wk"], [f"{of}k"]),
        Node("MatMul", [keys, "Wv"], [f"{of}v"]), Node("Transpose", [f"{of}k"], [f"{of}kT"], perm=[0, 2, 1]),
        Node("MatMul", [f"{of}q", f"{of}kT"], [f"{of}s"]), Node("Softmax", [f"{of}s"], [f"{of}p"], axis=-1),
        Node("MatMul", [f"{of}p", f"{of}v"], [f"{of}z"]), Node("MatMul", [f"{of}z", "Wo"], [out]),
    ]  # fmt: skip


def mlp(x: str, out: str = "mlp") -> Nodes:
    return [Node("MatMul", [x, "W1"], ["m1"]), Node("Relu", ["m1"], ["m2"]), Node("MatMul", ["m2", "W2"], [out])]


LOOKUP = [Node("Gather", ["E", "ids"], ["x"])]
END = [norm("last", "n_last"), Node("MatMul", ["n_last", "Wm"], ["out"])]


def read_nodes(graph: Build, nodes: Nodes) -> Anatomy:
    return read(graph([*LOOKUP, *nodes, *END], weights(), IDS, OUT))


def tensors(anatomy: Anatomy) -> dict[str, str]:
    return {point.name.removeprefix("blocks.0."): point.tensor for point in anatomy.points}


def test_what_is_multiplied_before_it_is_added_counts_as_out(graph: Build) -> None:
    """Granite: h + factor · attn."""
    nodes = [
        norm("x", "n1"), *attention("n1"), Node("Mul", ["attn", "factor"], ["less"]),
        Node("Add", ["x", "less"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Add", ["mid", "mlp"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    found = tensors(anatomy)
    assert (found["attn.out"], found["resid_mid"]) == ("less", "mid")
    assert anatomy.sums == (
        ResidualSum("blocks.0.resid_pre", ("blocks.0.attn.out",), "blocks.0.resid_mid"),
        ResidualSum("blocks.0.resid_mid", ("blocks.0.mlp.out",), "blocks.0.resid_post"),
    )
    assert found["final_norm"] == "n_last"
    assert anatomy.missing == ()


def test_a_stream_that_is_multiplied_first_is_itself_before_it(graph: Build) -> None:
    """DeepNet: norm(factor · h + attn)."""
    nodes = [
        *attention("x"), Node("Mul", ["x", "factor"], ["half"]), Node("Add", ["half", "attn"], ["s1"]),
        norm("s1", "mid"), *mlp("mid"), Node("Add", ["mid", "mlp"], ["s2"]), norm("s2", "last"),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    assert tensors(anatomy)["resid_pre"] == "x"
    assert anatomy.sums[0] == ResidualSum("blocks.0.resid_pre", ("blocks.0.attn.out",), "blocks.0.attn.sum", 0.5)
    assert "attn.norm" not in tensors(anatomy)


def test_one_factor_for_each_feature_is_no_law_of_one_number(graph: Build) -> None:
    """Doge: gains ⊙ h + attn."""
    nodes = [
        norm("x", "n1"), *attention("n1"), Node("Mul", ["gains", "x"], ["scaled"]),
        Node("Add", ["scaled", "attn"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Add", ["mid", "mlp"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    assert tensors(anatomy)["resid_pre"] == "x"
    assert [each.sum for each in anatomy.sums] == ["blocks.0.resid_post"]


def test_an_mlp_added_after_the_attention_that_read_the_stream_before_it(graph: Build) -> None:
    """Cohere: (h + attn(n)) + mlp(n)."""
    nodes = [
        norm("x", "n1"), *attention("n1"), *mlp("n1"),
        Node("Add", ["x", "attn"], ["some"]), Node("Add", ["some", "mlp"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    found = tensors(anatomy)
    assert (found["attn.out"], found["mlp.out"], found["resid_post"]) == ("attn", "mlp", "last")
    assert "resid_mid" not in found
    added = ("blocks.0.attn.out", "blocks.0.mlp.out")
    assert anatomy.sums == (ResidualSum("blocks.0.resid_pre", added, "blocks.0.resid_post"),)


MIXERS = {
    "a convolution along the sequence": [
        Node("Transpose", ["n2"], ["t"], perm=[0, 2, 1]),
        Node("Conv", ["t", "Wc"], ["c"], kernel_shape=[3], pads=[1, 1], group=D),
        Node("Transpose", ["c"], ["t2"], perm=[0, 2, 1]), Node("MatMul", ["t2", "Wm"], ["mix"]),
    ],
    "a running sum": [
        Node("MatMul", ["n2", "Wm"], ["c"]), Node("CumSum", ["c", "one"], ["t2"]),
        Node("MatMul", ["t2", "Wm"], ["mix"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("mixer", MIXERS)
def test_a_mixer_of_positions_is_no_mlp(graph: Build, mixer: str) -> None:
    """Hybrid models put other mixers where an MLP would stand."""
    nodes = [
        norm("x", "n1"), *attention("n1"), Node("Add", ["x", "attn"], ["mid"]),
        norm("mid", "n2"), *MIXERS[mixer], Node("Add", ["mid", "mix"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    found = tensors(anatomy)
    assert found["resid_post"] == "mid"
    assert "mlp.out" not in found
    assert anatomy.missing == (
        "mlp.out, mlp.hidden: not found in the only block (no MLP was found beside the attention).",
    )


def test_a_mixture_of_experts_has_no_one_hidden_layer(graph: Build) -> None:
    nodes = [
        norm("x", "n1"), *attention("n1"), Node("Add", ["x", "attn"], ["mid"]), norm("mid", "n2"),
        Node("MatMul", ["n2", "router"], ["r"]), Node("TopK", ["r", "k"], ["best", "which"], axis=-1),
        Node("ReduceSum", ["best", "k"], ["share"], keepdims=1), *mlp("n2", "expert"),
        Node("Mul", ["expert", "share"], ["mlp"]), Node("Add", ["mid", "mlp"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    assert tensors(anatomy)["mlp.out"] == "mlp"
    assert anatomy.missing == ("mlp.hidden: not found in the only block (mixture of experts: no single hidden layer).",)
    assert anatomy.blocks[0].d_mlp is None


def test_a_decoder_alone_reads_keys_that_come_in(graph: Build) -> None:
    nodes = [
        *LOOKUP, norm("x", "n1"), *attention("n1", of="self_"), Node("Add", ["x", "attn"], ["mid"]),
        norm("mid", "n2"), *attention("n2", "states", "cross_out", "cross_"),
        Node("Add", ["mid", "cross_out"], ["after"]),
        norm("after", "n3"), *mlp("n3"), Node("Add", ["after", "mlp"], ["last"]),
    ]  # fmt: skip
    built = graph([*nodes, *END], weights(), IDS | {"states": ["batch", "source", D]}, OUT)
    anatomy = read(built)
    (block,) = anatomy.blocks
    assert (block.stack, [each.kind for each in block.attention]) == ("decoder", ["self", "cross"])
    found = {point.name.removeprefix("decoder.blocks.0."): point.tensor for point in anatomy.points}
    assert (found["resid_mid"], found["cross_attn.norm"], found["cross_attn.out"]) == ("mid", "n2", "cross_out")
    assert (found["resid_cross"], found["mlp.norm"], found["resid_post"]) == ("after", "n3", "last")
    assert found["decoder.final_norm"] == "n_last"
    assert found["decoder.embed"] == "x"


def test_keys_from_before_a_pooling_are_the_streams_own(graph: Build) -> None:
    """Funnel: queries of the pooled stream, keys of the one before. A position there is several tokens'."""
    nodes = [
        Node("Transpose", ["x"], ["t"], perm=[0, 2, 1]),
        Node("MaxPool", ["t"], ["pooled_t"], kernel_shape=[2], strides=[2]),
        Node("Transpose", ["pooled_t"], ["short"], perm=[0, 2, 1]),
        *attention("short", "x"), Node("Add", ["short", "attn"], ["s1"]), norm("s1", "mid"),
        *mlp("mid"), Node("Add", ["mid", "mlp"], ["s2"]), norm("s2", "last"),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    (block,) = anatomy.blocks
    assert (block.stack, block.attention[0].kind) == ("", "self")
    assert [name for name in anatomy.point_names if name.startswith("blocks")] == []
    assert anatomy.missing == ("blocks.0.* and all after it: not found (a position there is not a token's place).",)


def test_a_block_that_works_in_a_stream_of_its_own(graph: Build) -> None:
    """MobileBERT: down, attention and MLP with sums of their own, up, and only then added."""
    nodes = [
        Node("MatMul", ["x", "Wm"], ["inner"]), *attention("x"), Node("Add", ["inner", "attn"], ["i1"]),
        *mlp("i1"), Node("Add", ["i1", "mlp"], ["i2"]), Node("MatMul", ["i2", "Wm"], ["up"]),
        Node("Add", ["x", "up"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    assert not {"attn.out", "mlp.out", "mlp.hidden"} & set(tensors(anatomy))
    assert anatomy.sums == ()
    assert any("the block adds all it did at once" in sentence for sentence in anatomy.missing)


@pytest.mark.parametrize("scaled", [False, True])
def test_the_stream_begins_with_tokens_and_places(graph: Build, scaled: bool) -> None:
    start = [
        Node("Shape", ["ids"], ["shape"]), Node("Gather", ["shape", "one"], ["length"]),
        Node("Range", ["zero", "length", "one"], ["places"]), Node("Gather", ["P", "places"], ["p"]),
        Node("Mul", ["x", "factor"], ["xf"]), Node("Add", ["xf" if scaled else "x", "p"], ["h"]),
    ]  # fmt: skip
    nodes = [
        *start, norm("h", "n1"), *attention("n1"), Node("Add", ["h", "attn"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Add", ["mid", "mlp"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    assert (anatomy.point("embed").tensor, anatomy.point("pos_embed").tensor) == ("x", "p")
    assert anatomy.point("pos_embed").layout == ("pos", "d_model")
    start_sum = ResidualSum("embed", ("pos_embed",), "blocks.0.resid_pre", 0.5 if scaled else 1.0)
    assert anatomy.sums[0] == start_sum
    assert anatomy.max_positions == 40


def test_layers_without_attention_are_said_to_be_there(graph: Build) -> None:
    """LFM2, Jamba: blocks are numbered by their attention, and what stands before the first one is no part of it."""
    nodes = [
        norm("x", "n0"), Node("MatMul", ["n0", "Wm"], ["c"]), Node("CumSum", ["c", "one"], ["mix"]),
        Node("Add", ["x", "mix"], ["h"]), norm("h", "n1"), *attention("n1"), Node("Add", ["h", "attn"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Add", ["mid", "mlp"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    assert tensors(anatomy)["resid_pre"] == "h"
    assert len(anatomy.blocks) == 1
    assert anatomy.parameters["other layers"] == D * D
    assert any("numbered by their attention" in sentence for sentence in anatomy.unrecognised)


def test_the_last_norm_is_that_of_the_end_of_the_stream(graph: Build) -> None:
    """A layer without attention may follow the last block; its norm is not the last one."""
    nodes = [
        norm("x", "n1"), *attention("n1"), Node("Add", ["x", "attn"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Add", ["mid", "mlp"], ["post"]),
        norm("post", "n3"), Node("MatMul", ["n3", "Wm"], ["c"]), Node("CumSum", ["c", "one"], ["mix"]),
        Node("Identity", ["post"], ["same"]), Node("Add", ["same", "mix"], ["last"]),
    ]  # fmt: skip
    found = tensors(read_nodes(graph, nodes))
    assert (found["resid_post"], found["final_norm"]) == ("post", "n_last")


def test_an_mlp_between_attention_and_the_sum_is_no_part_of_attention(graph: Build) -> None:
    """Zamba: h + W mlp(norm(attn)). What is added is the work of both."""
    nodes = [
        norm("x", "n1"), *attention("n1"), norm("attn", "n2"), *mlp("n2"), Node("Add", ["x", "mlp"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    assert not {"attn.out", "mlp.out", "resid_post", "final_norm"} & set(tensors(anatomy))
    assert anatomy.sums == ()


def test_a_sum_of_three_is_taken_apart(graph: Build) -> None:
    """Sum(h, attn(n), mlp(n)), which the standard allows: the MLP is told from the attention."""
    nodes = [norm("x", "n1"), *attention("n1"), *mlp("n1"), Node("Sum", ["mlp", "x", "attn"], ["last"])]
    anatomy = read_nodes(graph, nodes)
    found = tensors(anatomy)
    assert [found[name] for name in ("resid_pre", "attn.out", "mlp.out", "resid_post")] == ["x", "attn", "mlp", "last"]
    added = ("blocks.0.attn.out", "blocks.0.mlp.out")
    assert anatomy.sums == (ResidualSum("blocks.0.resid_pre", added, "blocks.0.resid_post"),)


def test_a_bias_in_a_sum_of_three_leaves_no_law(graph: Build) -> None:
    nodes = [
        norm("x", "n1"), *attention("n1"), Node("Sum", ["x", "gains", "attn"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Sum", ["mid", "mlp", "shift"], ["last"]),
    ]  # fmt: skip
    anatomy = read_nodes(graph, nodes)
    found = tensors(anatomy)
    assert [found[name] for name in ("attn.out", "resid_mid", "mlp.out", "resid_post")] == [
        "attn",
        "mid",
        "mlp",
        "last",
    ]
    assert anatomy.sums == ()


def test_positions_that_are_added_as_one_constant(graph: Build) -> None:
    """A graph for texts of one length keeps the rows it needs."""
    few = {"P6": RANDOM.normal(size=(1, 6, D)).astype(np.float32)}
    nodes = [
        Node("Add", ["P6", "x"], ["start"]),
        norm("start", "n1"),
        *attention("n1"),
        Node("Add", ["start", "attn"], ["last"]),
    ]
    anatomy = read(graph([*LOOKUP, *nodes, *END], weights() | few, {"ids": ["batch", 6]}, {"out": ["batch", 6, D]}))
    assert tensors(anatomy)["pos_embed"] == "P6"
    assert anatomy.max_positions == 6
    assert anatomy.sums[0] == ResidualSum("embed", ("pos_embed",), "blocks.0.resid_pre")
    assert anatomy.parameters["positions"] == 6 * D


def test_a_norm_that_attention_turns_round_for_itself_keeps_the_axes_of_the_stream(graph: Build) -> None:
    """PyTorch's MultiheadAttention takes [pos, batch, d_model] where it is not told batch_first."""
    turned = [Node("Transpose", ["n1"], ["turned"], perm=[1, 0, 2])]
    back = [
        Node("Transpose", [f"t_{name}"], [f"of_{name}"], perm=[1, 2, 0] if name == "kT" else [1, 0, 2])
        for name in ("q", "kT", "v")
    ]
    products = [Node("MatMul", ["turned", f"W{name[0]}"], [f"t_{name}"]) for name in ("q", "kT", "v")]
    rest = attention("n1")[4:]
    nodes = [
        norm("x", "n1"), *turned, *products, *back, *rest, Node("Add", ["x", "attn"], ["mid"]),
        norm("mid", "n2"), *mlp("n2"), Node("Add", ["mid", "mlp"], ["last"]),
    ]  # fmt: skip
    point = read_nodes(graph, nodes).point("blocks.0.attn.norm")
    assert (point.tensor, point.layout) == ("n1", ("batch", "pos", "d_model"))


def test_a_layer_that_turns_its_input_round_leaves_the_stream_as_it_is(graph: Build) -> None:
    """Recurrences walk over positions first, and what they make is turned back by another operator."""
    inner = [
        Node("Transpose", ["x"], ["over_time"], perm=[1, 0, 2]), Node("MatMul", ["over_time", "Wm"], ["walked"]),
        Node("Einsum", ["walked"], ["back"], equation="tbd->btd"), Node("Add", ["x", "back"], ["start"]),
    ]  # fmt: skip
    nodes = [*inner, norm("start", "n1"), *attention("n1"), Node("Add", ["start", "attn"], ["last"])]
    point = read_nodes(graph, nodes).point("blocks.0.resid_pre")
    assert (point.tensor, point.layout) == ("start", ("batch", "pos", "d_model"))


def test_positions_are_added_before_the_stream_is_turned_round(graph: Build) -> None:
    """FSMT: embed + positions, then [pos, batch, d_model] through all blocks."""
    few = {"P6": RANDOM.normal(size=(1, 6, D)).astype(np.float32)}
    back = [Node("Transpose", [f"t{name}"], [f"of_{name}"], perm=[1, 2, 0] if name == "kT" else [1, 0, 2])
            for name in ("q", "kT", "v")]  # fmt: skip
    nodes = [
        Node("Add", ["x", "P6"], ["placed"]), Node("Transpose", ["placed"], ["start"], perm=[1, 0, 2]),
        *(Node("MatMul", ["start", f"W{name[0]}"], [f"t{name}"]) for name in ("q", "kT", "v")), *back,
        *attention("start")[4:7], Node("Transpose", ["of_z"], ["tz"], perm=[1, 0, 2]),
        Node("MatMul", ["tz", "Wo"], ["attn"]), Node("Add", ["start", "attn"], ["last"]),
    ]  # fmt: skip
    inputs, outputs = {"ids": ["batch", 6]}, {"out": [6, "batch", D]}
    anatomy = read(graph([*LOOKUP, *nodes, *END], weights() | few, inputs, outputs))
    assert anatomy.point("pos_embed").layout == anatomy.point("embed").layout == ("batch", "pos", "d_model")
    assert anatomy.point("blocks.0.resid_pre").layout == ("pos", "batch", "d_model")
