"""One attention written in many ways: what is found is held against the same attention in numpy, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.anatomy import PointSource
from embstudio.anatomy.attention import FoundAttention, FoundAttentions, find_attention
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.probe import observed_shapes
from embstudio.formulas.attention import attention, softmax
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.canonical import Canonical
from embstudio.trace import points

Node = helper.make_node
ROWS, D, H, W, T = 30, 8, 4, 2, 5  # entries, d_model, heads, d_head, tokens
RANDOM = np.random.default_rng(0)
IDS = RANDOM.integers(0, ROWS, (1, T))
IDS_TWICE = np.repeat(IDS, 2, axis=0)
WEIGHTS: dict[str, np.ndarray] = {
    "E": RANDOM.normal(size=(ROWS, D)).astype(np.float32),
    **{f"W{name}": RANDOM.normal(size=(D, D)).astype(np.float32) for name in "qkvo"},
    **{f"n{name}": RANDOM.normal(size=(D, W)).astype(np.float32) for name in "kv"},
    **{f"g{name}": RANDOM.normal(size=(D, 2 * W)).astype(np.float32) for name in "kv"},
    "root": np.array(W**0.5, np.float32),
    "to_heads": np.array([0, 0, H, W]), "to_width": np.array([0, 0, D]), "last": np.array([-1]), "two": np.array([2]),
    "to_one": np.array([0, -1, W]), "split": np.array([0, -1, H, T]), "merged": np.array([0, -1, T]),
    "to_groups": np.array([0, 0, 2, 2, W]), "to_kv": np.array([0, 0, 2, W]), "to_five": np.array([1, 1, 2, 1, 1]),
    "to_flat": np.array([-1, T]), "to_four": np.array([-1, H, T, T]), "to_batch_head": np.array([-1, T, W]),
    "to_square": np.array([-1, T, T]), "from_flat": np.array([-1, H, T, W]), "to_all": np.array([0, H, -1, W]),
    "sink": np.zeros((1, H, T, 1), np.float32), "zero": np.array([0]), "length": np.array([T]), "three": np.array([3]),
    "to_windows": np.array([-1, T, D]), "one": np.array([1]), "tiny": np.array(1e-3, np.float32),
    "to_five5": np.array([1, 1, 1, 2, 1]), "to_heads_": np.array([0, T, -1]),
    "half": RANDOM.normal(size=(2 * W, D)).astype(np.float32),
    "mix": RANDOM.normal(size=(H, H)).astype(np.float32),
}  # fmt: skip


def projected(name: str, weight: str = "", shape: str = "to_heads") -> list[onnx.NodeProto]:
    """Tokens' vectors times a matrix, cut into heads: [b, t, h, d]."""
    return [
        Node("MatMul", ["x", weight or f"W{name}"], [f"{name}_flat"]),
        Node("Reshape", [f"{name}_flat", shape], [name]),
    ]


def turned(name: str, order: tuple[int, ...] = (0, 2, 1, 3)) -> onnx.NodeProto:
    return Node("Transpose", [name], [f"{name}T"], perm=order)


QKV = [*projected("q"), *projected("k"), *projected("v")]
TURNED = [*QKV, turned("q"), turned("k", (0, 2, 3, 1)), turned("v")]
SCORES = [Node("MatMul", ["qT", "kT"], ["raw"]), Node("Div", ["raw", "root"], ["scores"])]
BLEND = [Node("MatMul", ["pattern", "vT"], ["z"]), turned("z")]
OUT = [Node("Reshape", ["zT", "to_width"], ["z_flat"]), Node("MatMul", ["z_flat", "Wo"], ["out"])]


@dataclass(frozen=True)
class Dialect:
    """Nodes from `x` [b, t, d] to `out`. kv: key/value heads. scale: of the scores; sink: an extra score of 0."""

    nodes: list[onnx.NodeProto]
    kv: int = H
    scale: float = W**-0.5
    sink: bool = False
    opset: int = 17
    weights: Mapping[str, str] = field(default_factory=lambda: {"k": "Wk", "v": "Wv"})


def einsum(first: str, second: str, *, keys_first: bool = False, axis: int = -1) -> Dialect:
    operands = ["k", "q"] if keys_first else ["q", "k"]
    return Dialect([
        *QKV, Node("Einsum", operands, ["raw"], equation=first), Node("Div", ["raw", "root"], ["scores"]),
        Node("Softmax", ["scores"], ["pattern"], axis=axis),
        Node("Einsum", ["pattern", "v"], ["zT"], equation=second), *OUT,
    ])  # fmt: skip


DIALECTS: dict[str, Dialect] = {
    "plain": Dialect([*TURNED, *SCORES, Node("Softmax", ["scores"], ["pattern"], axis=-1), *BLEND, *OUT]),
    "einsum": einsum("bihd,bjhd->bhij", "bhij,bjhd->bihd"),
    "keys on the left": einsum("aecd,abcd->acbe", "acbe,aecd->abcd", keys_first=True),
    "heads last": einsum("bihd,bjhd->bijh", "bijh,bjhd->bihd", axis=2),
    "keys before queries": einsum("bihd,bjhd->bhji", "bhji,bjhd->bihd", axis=-2),
    "softmax written out": Dialect([
        *TURNED, *SCORES, Node("ReduceMax", ["scores"], ["top"], axes=[-1]), Node("Sub", ["scores", "top"], ["below"]),
        Node("Exp", ["below"], ["e"]), Node("ReduceSum", ["e", "last"], ["total"]),
        Node("Div", ["e", "total"], ["pattern"]), *BLEND, *OUT,
    ]),
    "softmax by its logarithm": Dialect([
        *TURNED, *SCORES, Node("LogSoftmax", ["scores"], ["log"], axis=-1), Node("Exp", ["log"], ["pattern"]),
        *BLEND, *OUT,
    ]),
    "softmax between transpositions": Dialect([
        *TURNED, *SCORES, Node("Transpose", ["scores"], ["aside"], perm=[0, 1, 3, 2]),
        Node("Softmax", ["aside"], ["done"], axis=2), Node("Transpose", ["done"], ["pattern"], perm=[0, 1, 3, 2]),
        *BLEND, *OUT,
    ]),
    "softmax of a flat matrix": Dialect([
        *TURNED, Node("Reshape", ["qT", "to_batch_head"], ["q3"]),
        Node("Transpose", ["kT"], ["kTT"], perm=[0, 1, 3, 2]),
        Node("Reshape", ["kTT", "to_batch_head"], ["k3"]), Node("Transpose", ["k3"], ["k3T"], perm=[0, 2, 1]),
        Node("Reshape", ["vT", "to_batch_head"], ["v3"]), Node("MatMul", ["q3", "k3T"], ["raw"]),
        Node("Div", ["raw", "root"], ["scores3"]), Node("Reshape", ["scores3", "to_flat"], ["scores"]),
        Node("Softmax", ["scores"], ["flat"], axis=-1), Node("Reshape", ["flat", "to_square"], ["pattern"]),
        Node("MatMul", ["pattern", "v3"], ["z3"]), Node("Reshape", ["z3", "from_flat"], ["z"]), turned("z"), *OUT,
    ]),
    "scale folded into both": Dialect([
        *TURNED, Node("Sqrt", ["root"], ["r"]), Node("Div", ["qT", "r"], ["q_"]), Node("Div", ["kT", "r"], ["k_"]),
        Node("MatMul", ["q_", "k_"], ["scores"]), Node("Softmax", ["scores"], ["pattern"], axis=-1), *BLEND, *OUT,
    ]),
    "fused product": Dialect([
        *QKV, turned("q"), turned("k"), turned("v"),
        Node("FusedMatMul", ["qT", "kT"], ["scores"], domain="com.microsoft", alpha=0.25, transB=1),
        Node("Softmax", ["scores"], ["pattern"], axis=-1), *BLEND, *OUT,
    ], scale=0.25),
    "sink": Dialect([
        *TURNED, *SCORES, Node("Concat", ["scores", "sink"], ["longer"], axis=-1),
        Node("Softmax", ["longer"], ["all"], axis=-1), Node("Slice", ["all", "zero", "length", "three"], ["pattern"]),
        *BLEND, *OUT,
    ], sink=True),
    "one key for all, by einsum": Dialect([
        *projected("q"), Node("MatMul", ["x", "nk"], ["k"]), Node("MatMul", ["x", "nv"], ["v"]),
        Node("Einsum", ["q", "k"], ["raw"], equation="bthd,bsd->bhts"), Node("Div", ["raw", "root"], ["scores"]),
        Node("Softmax", ["scores"], ["pattern"], axis=-1),
        Node("Einsum", ["pattern", "v"], ["zT"], equation="bhts,bsd->bthd"), *OUT,
    ], kv=1, weights={"k": "nk", "v": "nv"}),
    "one key for all, queries and heads in one": Dialect([
        Node("MatMul", ["x", "Wq"], ["q0"]), Node("Reshape", ["q0", "to_one"], ["q"]),
        Node("MatMul", ["x", "nk"], ["k"]), Node("Transpose", ["k"], ["kT"], perm=[0, 2, 1]),
        Node("MatMul", ["x", "nv"], ["v"]), Node("MatMul", ["q", "kT"], ["raw"]),
        Node("Div", ["raw", "root"], ["scaled"]), Node("Reshape", ["scaled", "split"], ["scores"]),
        Node("Softmax", ["scores"], ["p"], axis=-1), Node("Reshape", ["p", "merged"], ["pattern"]),
        Node("MatMul", ["pattern", "v"], ["z"]), Node("Reshape", ["z", "to_heads_"], ["zT"]), *OUT,
    ], kv=1, weights={"k": "nk", "v": "nv"}),
    "grouped in five axes": Dialect([
        *projected("q", shape="to_groups"), *projected("k", "gk", "to_kv"), *projected("v", "gv", "to_kv"),
        Node("Einsum", ["q", "k"], ["raw"], equation="btkgd,bskd->bkgts"), Node("Div", ["raw", "root"], ["scores"]),
        Node("Softmax", ["scores"], ["pattern"], axis=-1),
        Node("Einsum", ["pattern", "v"], ["zT"], equation="bkgts,bskd->btkgd"), *OUT,
    ], kv=2, weights={"k": "gk", "v": "gv"}),
    "grouped by repetition before turning": Dialect([
        *projected("q"), turned("q"), *projected("k", "gk", "to_kv"), *projected("v", "gv", "to_kv"),
        *(node for name in "kv" for node in (
            Node("Unsqueeze", [name, "three"], [f"{name}5"]), Node("Expand", [f"{name}5", "to_five5"], [f"{name}x"]),
            Node("Reshape", [f"{name}x", "to_heads"], [f"{name}r"]),
            Node("Transpose", [f"{name}r"], [f"{name}T"], perm=[0, 2, 3, 1] if name == "k" else [0, 2, 1, 3]),
        )),
        *SCORES, Node("Softmax", ["scores"], ["pattern"], axis=-1), *BLEND, *OUT,
    ], kv=2, weights={"k": "gk", "v": "gv"}),
    "before opset 13": Dialect([
        *TURNED, *SCORES, Node("Softmax", ["scores"], ["pattern"], axis=3), *BLEND, *OUT,
    ], opset=12),
}  # fmt: skip


def model_of(nodes: list[onnx.NodeProto], opset: int = 17) -> onnx.ModelProto:
    used = {name for node in nodes for name in node.input} | {"E"}
    body = helper.make_graph(
        [Node("Gather", ["E", "ids"], ["x"]), *nodes],
        "by hand",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "pos"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(values, name) for name, values in WEIGHTS.items() if name in used],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=8)


def found_in(model: onnx.ModelProto) -> FoundAttentions:
    """What is found, after runs of one and of two texts if the graph leaves something open."""
    graph = graph_of(model, Path())
    found = find_attention(Dataflow(graph))
    wanted = sorted({name for each in found.attentions for name in each.unsettled})
    if not wanted:
        return found
    runs = [dict(zip(wanted, (v.shape for v in run(model, wanted, ids)), strict=True)) for ids in (IDS, IDS_TWICE)]
    return find_attention(Dataflow(graph.with_shapes(observed_shapes(runs))))


def run(model: onnx.ModelProto, tensors: list[str], ids: np.ndarray) -> list[np.ndarray]:
    more = onnx.ModelProto(graph=onnx.GraphProto(output=[onnx.ValueInfoProto(name=name) for name in tensors]))
    session = onnxruntime.InferenceSession(
        model.SerializeToString() + more.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return list(session.run(tensors, {"ids": ids}))


PARTS = ("q", "k", "v", "raw_scores", "scores", "pattern", "z")


def values_of(model: onnx.ModelProto, found: FoundAttention, parts: tuple[str, ...] = PARTS) -> dict[str, np.ndarray]:
    """Every part of an attention in the canonical order of axes, as onnxruntime computes it."""
    readings = {part: getattr(found, part) for part in parts}
    assert None not in readings.values(), readings
    tensors = sorted({reading.tensor for reading in readings.values()})
    values = dict(zip(tensors, run(model, tensors, IDS), strict=True))
    sizes = {"head": found.heads or 0, "kv_head": found.kv_heads or 0, "d_head": found.d_head or 0}
    return {
        part: Canonical(
            PointSource(
                part,
                points.parse(f"blocks.0.attn.{part}").kind.axes,
                reading.tensor,
                reading.layout,
                reading.factor,
            ),
            sizes,
        )(values[reading.tensor]).values
        for part, reading in readings.items()
    }


def heads_of(weight: str) -> np.ndarray:
    """[head, pos, d_head] of a projection, in float64."""
    flat: np.ndarray = WEIGHTS["E"][IDS[0]].astype(np.float64) @ WEIGHTS[weight]
    return flat.reshape(T, -1, W).swapaxes(0, 1)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_is_the_attention_it_is_in_numpy(name: str) -> None:
    dialect = DIALECTS[name]
    model = model_of(dialect.nodes, dialect.opset)
    (found,) = found_in(model).attentions
    assert (found.heads, found.kv_heads, found.d_head) == (H, dialect.kv, W)
    q, k, v = heads_of("Wq"), heads_of(dialect.weights["k"]), heads_of(dialect.weights["v"])
    every_k, every_v = (np.repeat(each, H // dialect.kv, axis=0) for each in (k, v))
    raw = q @ every_k.swapaxes(-1, -2)
    step = attention(q, every_k, every_v, scale=dialect.scale)
    pattern = softmax(np.concatenate([step.scores, np.zeros((H, T, 1))], -1))[..., :T] if dialect.sink else step.pattern
    expected = {
        "q": q, "k": k, "v": v, "raw_scores": raw, "scores": step.scores, "pattern": pattern, "z": pattern @ every_v,
    }  # fmt: skip
    seen = values_of(model, found)
    for part, values in expected.items():
        np.testing.assert_allclose(seen[part], values, atol=2e-5, err_msg=part)


def test_windows_of_a_text_are_not_taken_for_heads_or_texts() -> None:
    """Attention within windows of T tokens, each a text of its own: there is no [query, key] of the whole text."""
    cut = [Node("Reshape", ["x", "to_windows"], ["w"]), Node("Identity", ["w"], ["windows"])]
    inside = [
        *(node for name in "qkv" for node in (
            Node("MatMul", ["windows", f"W{name}"], [f"{name}_flat"]),
            Node("Reshape", [f"{name}_flat", "to_heads"], [name]),
        )),
        turned("q"), turned("k", (0, 2, 3, 1)), turned("v"), *SCORES,
        Node("Softmax", ["scores"], ["pattern"], axis=-1), *BLEND, *OUT,
    ]  # fmt: skip
    (found,) = find_attention(Dataflow(graph_of(model_of([*cut, *inside]), Path()))).attentions
    assert (found.pattern, found.heads) == (None, None)
    assert found.unsettled


HEAD = (("q", "nk"), ("k", "gk"), ("v", "nv"))


@pytest.mark.parametrize(
    "nodes",
    [
        # Two softmaxes over halves of the keys' products joined: block-sparse.
        [
            *TURNED, *SCORES, Node("MatMul", ["qT", "kT"], ["more"]),
            Node("Concat", ["scores", "more"], ["both"], axis=-1),
            Node("Softmax", ["both"], ["p"], axis=-1), Node("Slice", ["p", "zero", "length", "three"], ["pattern"]),
            *BLEND, *OUT,
        ],
        # Talking heads: the scores of all heads are mixed before the softmax.
        [
            *TURNED, *SCORES, Node("Einsum", ["scores", "mix"], ["mixed"], equation="bhqk,hg->bgqk"),
            Node("Softmax", ["mixed"], ["pattern"], axis=-1), *BLEND, *OUT,
        ],
        # A low-rank attention: the pattern is multiplied by another one.
        [
            *TURNED, *SCORES, Node("Softmax", ["scores"], ["a"], axis=-1), Node("MatMul", ["a", "a"], ["pattern"]),
            Node("Softmax", ["raw"], ["b"], axis=-1), Node("MatMul", ["b", "vT"], ["bv"]),
            Node("MatMul", ["pattern", "bv"], ["z"]), turned("z"), *OUT,
        ],
        # Two heads, each computed by itself and put together at the end.
        [
            *(node for h in "12" for node in (
                *(Node("MatMul", ["x", weight], [f"{name}{h}"]) for name, weight in HEAD),
                Node("Slice", [f"k{h}", "zero", "two", "two"], [f"c{h}"]),
                Node("Transpose", [f"c{h}"], [f"t{h}"], perm=[0, 2, 1]), Node("MatMul", [f"q{h}", f"t{h}"], [f"s{h}"]),
                Node("Softmax", [f"s{h}"], [f"p{h}"], axis=-1), Node("MatMul", [f"p{h}", f"v{h}"], [f"z{h}"]),
            )),
            Node("Concat", ["z1", "z2"], ["z"], axis=-1), Node("MatMul", ["z", "half"], ["out"]),
        ],
    ],
)  # fmt: skip
def test_attention_in_pieces_is_said_to_be_so(nodes: list[onnx.NodeProto]) -> None:
    found = find_attention(Dataflow(graph_of(model_of(nodes), Path())))
    assert found.attentions == []
    assert found.partial
    assert found.others == []


def test_a_mask_that_is_multiplied_out_is_no_pair_of_queries_and_keys() -> None:
    """Masks come as data too: their product is nearer to the softmax than q kᵀ, and is passed by."""
    mask = [
        Node("Cast", ["ids"], ["seen"], to=TensorProto.FLOAT), Node("Unsqueeze", ["seen", "last"], ["column"]),
        Node("Transpose", ["column"], ["row"], perm=[0, 2, 1]), Node("MatMul", ["column", "row"], ["pairs"]),
        Node("Unsqueeze", ["pairs", "one"], ["mask"]), Node("Mul", ["mask", "tiny"], ["bias"]),
    ]  # fmt: skip
    nodes = [*mask, *TURNED, *SCORES, Node("Add", ["bias", "scores"], ["masked"]),
             Node("Softmax", ["masked"], ["pattern"], axis=-1), *BLEND, *OUT]  # fmt: skip
    (found,) = found_in(model_of(nodes)).attentions
    assert found.raw_scores is not None
    assert found.raw_scores.tensor == "raw"


def whole_numbers(left: str, right: str, out: str) -> list[onnx.NodeProto]:
    """A product as onnxruntime's dynamic quantisation writes it."""
    return [
        *(Node("DynamicQuantizeLinear", [x], [f"{out}_{side}8", f"{out}_{side}_s", f"{out}_{side}_z"])
          for side, x in (("l", left), ("r", right))),
        Node("MatMulInteger", [f"{out}_l8", f"{out}_r8", f"{out}_l_z", f"{out}_r_z"], [f"{out}_sum"]),
        Node("Cast", [f"{out}_sum"], [f"{out}_float"], to=TensorProto.FLOAT),
        Node("Mul", [f"{out}_l_s", f"{out}_r_s"], [f"{out}_scale"]),
        Node("Mul", [f"{out}_float", f"{out}_scale"], [out]),
    ]  # fmt: skip


def test_products_of_whole_numbers_are_read_as_the_numbers_they_stand_for() -> None:
    nodes = [
        *TURNED, *whole_numbers("qT", "kT", "raw"), Node("Div", ["raw", "root"], ["scores"]),
        Node("Softmax", ["scores"], ["pattern"], axis=-1), *whole_numbers("pattern", "vT", "z"), turned("z"), *OUT,
    ]  # fmt: skip
    (found,) = found_in(model_of(nodes)).attentions
    seen = values_of(model_of(nodes), found)
    np.testing.assert_allclose(seen["q"], heads_of("Wq"), atol=2e-5)
    np.testing.assert_allclose(seen["v"], heads_of("Wv"), atol=2e-5)
    for part, expected in (
        ("raw_scores", seen["q"] @ seen["k"].swapaxes(-1, -2)), ("z", seen["pattern"] @ seen["v"]),
    ):  # fmt: skip
        np.testing.assert_allclose(seen[part], expected, atol=0.02 * np.abs(expected).max())


CAUSAL = {"causal": np.tril(np.ones((T, T), np.float32)), "gates": RANDOM.normal(size=(1, H, 1, 1)).astype(np.float32)}
MASKED_AGAIN = [
    Node("Mul", ["p", "causal"], ["masked"]), Node("ReduceSum", ["masked", "last"], ["total"]),
    Node("Div", ["masked", "total"], ["pattern"]),
]  # fmt: skip


@pytest.mark.parametrize("after", [MASKED_AGAIN, [Node("Mul", ["p", "gates"], ["pattern"])]])
def test_scores_that_the_pattern_is_no_softmax_of_are_left_out(after: list[onnx.NodeProto]) -> None:
    """The pattern is what meets the values; what entered the softmax does not tell it."""
    nodes = [*TURNED, *SCORES, Node("Softmax", ["scores"], ["p"], axis=-1), *after, *BLEND, *OUT]
    model = model_of(nodes)
    model.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in CAUSAL.items())
    (found,) = found_in(model).attentions
    assert found.scores is None
    assert found.is_changed
    assert found.raw_scores is not None
    q, k, v = (heads_of(name) for name in ("Wq", "Wk", "Wv"))
    pattern = attention(q, k, v).pattern
    if after is MASKED_AGAIN:
        pattern = pattern * CAUSAL["causal"]
        pattern /= pattern.sum(-1, keepdims=True)
    else:
        pattern = pattern * CAUSAL["gates"][0]
    seen = values_of(model, found, ("pattern", "z"))
    np.testing.assert_allclose(seen["pattern"], pattern, atol=2e-5)
    np.testing.assert_allclose(seen["z"], pattern @ v, atol=2e-5)


def test_a_batch_of_fixed_size_is_no_number_of_heads() -> None:
    """Two texts at a time, of any length: inference loses the heads, and the one count it keeps is the texts'."""
    model = model_of([*TURNED, *SCORES, Node("Softmax", ["scores"], ["pattern"], axis=-1), *BLEND, *OUT])
    ids = model.graph.input[0].type.tensor_type.shape.dim
    ids[0].dim_value, ids[1].dim_param = 2, "length"
    graph = graph_of(model, Path())
    (found,) = find_attention(Dataflow(graph.with_shapes({"qT": (2, "a", "b", W), "kT": (2, "c", W, "d"),
                                                          "raw": (2, "e", "f", "g")}))).attentions  # fmt: skip
    assert found.raw_scores is not None
    assert found.raw_scores.layout == ("batch", "head", "query", "key")
    assert found.heads in (None, H)
    (settled,) = find_attention(Dataflow(graph.with_shapes({"raw": (2, H, T, T)}))).attentions
    assert settled.heads == H
