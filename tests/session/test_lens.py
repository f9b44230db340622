"""The logit lens against the model's own scores, and against float64 numpy with the weights of norm and head."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from embstudio.anatomy.anatomy import PointSource
from embstudio.base.errors import InputError
from embstudio.modelfile.catalogue import find
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.lens import TOLERANCE
from embstudio.session.messages import Lens, LensRequest, ModelRef, TraceRequest
from embstudio.session.readout import Readout
from embstudio.session.runner import Runner
from embstudio.session.stop import Cancelled, Stop
from embstudio.trace.stream import stages, vectors
from embstudio.trace.trace import Trace

SENTENCE = "Once upon a time, there was a little girl named"
DECODERS = (
    "bloom-ts-eager", "falcon-mqa-dyn-sdpa", "gemma2-ts-eager", "gpt2-ts-sdpa", "gpt-neo-dyn-eager",
    "gpt-neox-ts-sdpa", "gpt-oss-ts-eager", "gptj-dyn-eager", "llama-opt-tf4", "mistral-dyn-sdpa", "mixtral-ts-sdpa",
    "opt-dyn-sdpa", "opt-ts-sdpa", "phi3-opt-tf4", "qwen3-dyn-sdpa", "_deployed/genai-llama-fp32",
    "_deployed/opt-past-llama", "_deployed/opt-merged-gpt2", "_deployed/keras-einsum",
)  # fmt: skip


@lru_cache(maxsize=4)
def runner(model: ModelRef) -> Runner:
    return Runner.open(model)


@pytest.fixture(scope="module")
def stories() -> ModelRef:
    source = find("next-word")
    return ModelRef(source.path, source.tokenizer)


def looked_at(model: ModelRef, trace: Trace, pos: int, stack: str = "", count: int = 8, words: tuple = ()) -> Lens:
    shown = stages(trace, stack)
    request = LensRequest(model, vectors(trace, shown, pos), words, count, stack, key=pos)
    return runner(model).lens(request)


def softmax(row: np.ndarray) -> np.ndarray:
    powers = np.exp(row.astype(np.longdouble) - row.max())
    return np.asarray(powers / powers.sum(), float)


@pytest.mark.zoo
@pytest.mark.parametrize("name", DECODERS)
def test_the_last_layer_gives_the_model_s_own_scores(zoo: Path, name: str) -> None:
    model = ModelRef(zoo / name / "model.onnx")
    trace = runner(model).trace(TraceRequest(model, ids=(5, 17, 3, 42, 9)))
    shown = stages(trace)
    last = [stage.point for stage in shown].index(max(s.point for s in shown if s.point.endswith("resid_post")))
    for pos in (0, 4):
        lens = looked_at(model, trace, pos, count=200)
        assert lens.worst is not None
        assert lens.worst <= TOLERANCE
        expected = softmax(trace["logits"].at(pos=pos))
        np.testing.assert_allclose(lens.probabilities[last], expected[lens.ids[last]], atol=1e-6)
        assert sorted(lens.ids[last].tolist()) == list(range(200))


def test_earlier_layers_against_the_weights_of_norm_and_head(stories: ModelRef) -> None:
    proto = onnx.load(stories.path)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    made = {node.output[0]: node for node in proto.graph.node}
    trace = runner(stories).trace(TraceRequest(stories, text=SENTENCE))
    scale, bias, epsilon, unembed = _norm_and_head(proto, made, weights)
    for pos in (2, len(trace) - 1):
        x = vectors(trace, stages(trace)[:-1] if "final_norm" in trace else stages(trace), pos)
        lens = looked_at(stories, trace, pos, count=5, words=(7, 300))
        normed = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + epsilon) * scale + bias
        for place, row in enumerate(normed @ unembed):
            p = softmax(row)
            order = np.argsort(-p, kind="stable")
            np.testing.assert_allclose(lens.probabilities[place], p[order[:5]], atol=2e-6)
            assert p[lens.ids[place]] == pytest.approx(p[order[:5]], abs=2e-6)
            np.testing.assert_allclose(lens.followed[place], p[[7, 300]], atol=2e-6)
            for rank, id_ in zip(lens.ranks[place], (7, 300), strict=True):
                assert abs(int(np.flatnonzero(order == id_)[0]) + 1 - rank) <= 1  # float32 may swap two neighbours


def _norm_and_head(
    proto: onnx.ModelProto, made: dict[str, onnx.NodeProto], weights: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Scale, bias and ε of the last LayerNormalization and the matrix after it, as float64, however they are stored."""

    def value(name: str) -> np.ndarray:
        if name in weights:
            return weights[name].astype(np.float64)
        node = made[name]
        if node.op_type == "Transpose":
            return value(node.input[0]).T
        assert node.op_type in ("Cast", "Identity"), node.op_type
        return value(node.input[0])

    norm = [node for node in proto.graph.node if node.op_type == "LayerNormalization"][-1]
    head = [node for node in proto.graph.node if node.op_type in ("MatMul", "Gemm")][-1]
    epsilon = next((a.f for a in norm.attribute if a.name == "epsilon"), 1e-5)
    matrix = value(head.input[1])
    if head.op_type == "Gemm" and any(a.name == "transB" and a.i for a in head.attribute):
        matrix = matrix.T
    return value(norm.input[1]), value(norm.input[2]), epsilon, matrix


def test_the_nearest_words_and_the_path_in_the_picture(stories: ModelRef) -> None:
    opened = runner(stories)
    trace = opened.trace(TraceRequest(stories, text=SENTENCE))
    lens = looked_at(stories, trace, 3)
    table = opened.table.vectors.astype(np.float64)
    x = vectors(trace, stages(trace), 3)
    cosines = x @ table.T / np.linalg.norm(x, axis=1)[:, None] / np.maximum(np.linalg.norm(table, axis=1), 1e-30)
    np.testing.assert_allclose(lens.cosines, -np.sort(-cosines, axis=1)[:, :8], atol=1e-9)
    np.testing.assert_allclose(np.take_along_axis(cosines, lens.rows, axis=1), lens.cosines, atol=1e-9)
    assert lens.path is not None
    # A word's own vector lies where the picture has it.
    own = runner(stories).lens(LensRequest(stories, table[[4, 90]]))
    np.testing.assert_allclose(own.path, opened.vectors().picture[[4, 90]], atol=1e-4)
    assert own.rows[:, 0].tolist() == [4, 90]
    # Evened, a vector and twice the vector are the same.
    assert lens.evened is not None
    twice = runner(stories).lens(LensRequest(stories, 2 * x))
    np.testing.assert_allclose(twice.evened, lens.evened, atol=1e-9)
    even = x * np.linalg.norm(table, axis=1).mean() / np.linalg.norm(x, axis=1, keepdims=True) - table.mean(0)
    centred = table - table.mean(0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    np.testing.assert_allclose(np.abs(lens.evened), np.abs(even @ axes.T), atol=1e-4)  # an axis's sign means nothing
    assert lens.in_plane is not None
    for at, whole in enumerate((x - table.mean(0), even)):
        np.testing.assert_allclose(lens.in_plane[:, at], ((whole @ axes.T) ** 2).sum(1) / (whole**2).sum(1), atol=1e-5)


@pytest.mark.zoo
def test_an_encoder_has_words_and_no_lens(zoo: Path) -> None:
    model = ModelRef(zoo / "bert-ts-sdpa" / "model.onnx")
    trace = runner(model).trace(TraceRequest(model, ids=(5, 17, 3)))
    lens = looked_at(model, trace, 1)
    assert lens.ids.shape[1] == 0
    assert lens.worst is None
    assert "does not end in scores" in " ".join(lens.notes)
    assert lens.rows.shape[1] == 8


@pytest.mark.zoo
def test_a_table_of_another_width_is_said(zoo: Path) -> None:
    model = ModelRef(zoo / "albert-ts-sdpa" / "model.onnx")
    trace = runner(model).trace(TraceRequest(model, ids=(5, 17, 3)))
    lens = looked_at(model, trace, 1)
    assert lens.rows.shape[1] == 0
    assert lens.path is None
    assert "cannot be compared" in " ".join(lens.notes)


def test_what_is_no_vector_is_refused(stories: ModelRef) -> None:
    for wrong in (np.zeros(8), np.zeros((2, 8), np.int64), np.zeros((0, 8))):
        with pytest.raises(InputError, match="vectors"):
            runner(stories).lens(LensRequest(stories, wrong))


def test_a_look_that_nobody_waits_for_ends(stories: ModelRef) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Cancelled):
        runner(stories).lens(LensRequest(stories, np.ones((2, 64))), stop)


def around_the_cut(tmp_path: Path) -> Path:
    """One attention block whose head also reads the embedding: y = (stream + x A) U."""
    rng = np.random.default_rng(0)
    names = {name: rng.normal(size=(8, 8)).astype(np.float32) for name in ("Q", "K", "V", "W1", "A")}
    names |= {"E": rng.normal(size=(30, 8)).astype(np.float32), "U": rng.normal(size=(8, 30)).astype(np.float32)}
    steps = [
        ("Gather", ["E", "ids"], "x"), ("MatMul", ["x", "Q"], "q"), ("MatMul", ["x", "K"], "k"),
        ("MatMul", ["x", "V"], "v"), ("Transpose", ["k"], "kt"), ("MatMul", ["q", "kt"], "s"),
        ("Softmax", ["s"], "p"), ("MatMul", ["p", "v"], "z"), ("Add", ["x", "z"], "mid"),
        ("MatMul", ["mid", "W1"], "h"), ("Add", ["mid", "h"], "post"), ("MatMul", ["x", "A"], "aside"),
        ("Add", ["post", "aside"], "both"), ("MatMul", ["both", "U"], "logits"),
    ]  # fmt: skip
    nodes = [
        helper.make_node(op, ins, [out], **({"perm": [0, 2, 1]} if op == "Transpose" else {})) for op, ins, out in steps
    ]
    graph = helper.make_graph(
        nodes, "aside",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "pos"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "pos", 30])],
        [numpy_helper.from_array(values, name) for name, values in names.items()],
    )  # fmt: skip
    path = tmp_path / "aside.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_a_head_that_reads_more_than_the_stream_has_no_lens(tmp_path: Path) -> None:
    model = ModelRef(around_the_cut(tmp_path))
    trace = runner(model).trace(TraceRequest(model, ids=(5, 17, 3)))
    assert stages(trace)
    lens = looked_at(model, trace, 1)
    assert lens.ids.shape[1] == 0
    assert lens.notes


@pytest.mark.parametrize("operator", ["SkipLayerNormalization", "SkipSimplifiedLayerNormalization"])
def test_a_norm_fused_with_the_last_sum_is_put_on_the_stream_alone(operator: str) -> None:
    rng = np.random.default_rng(1)
    plain = operator == "SkipSimplifiedLayerNormalization"
    weights = {"g": rng.normal(size=8), "b": rng.normal(size=8), "U": rng.normal(size=(8, 30))}
    norm = ["x", "u", "g"] if plain else ["x", "u", "g", "b"]
    graph = helper.make_graph(
        [
            helper.make_node(operator, norm, ["normed", "", "", "post"], domain="com.microsoft", epsilon=1e-5),
            helper.make_node("MatMul", ["normed", "U"], ["logits"]),
        ],
        "fused",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "pos", 8]) for name in ("x", "u")],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "pos", 30])],
        [numpy_helper.from_array(values.astype(np.float32), name) for name, values in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    stream = PointSource("blocks.0.resid_post", ("pos", "d_model"), "post", ("batch", "pos", "d_model"))
    logits = PointSource("logits", ("pos", "vocab"), "logits", ("batch", "pos", "vocab"))
    readout = Readout(model, graph_of(model, Path()), stream, logits, InferenceSession, lambda length: {})
    x = rng.normal(size=(5, 8))
    centred = x if plain else x - x.mean(1, keepdims=True)
    normed = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5) * weights["g"]
    expected = (normed if plain else normed + weights["b"]) @ weights["U"]
    np.testing.assert_allclose(readout(x), expected, atol=1e-5)
    assert readout.matches(x, expected) < 1e-5


@pytest.mark.parametrize("linked", [False, True])
def test_weights_in_a_data_file_are_read_from_there(tmp_path: Path, stories: ModelRef, linked: bool) -> None:
    model = onnx.load(stories.path)
    folder = tmp_path / "snapshot"
    folder.mkdir()
    onnx.save(model, folder / "m.onnx", save_as_external_data=True, location="m.onnx.data", size_threshold=0)
    if linked:  # as the cache of the Hugging Face hub lays them out
        blob = tmp_path / "blob"
        (folder / "m.onnx.data").rename(blob)
        (folder / "m.onnx.data").symlink_to(blob)
    apart = ModelRef(folder / "m.onnx", stories.tokenizer)
    lens = []
    for each in (stories, apart):
        trace = runner(each).trace(TraceRequest(each, text=SENTENCE))
        lens.append(looked_at(each, trace, 4))
    assert lens[1].worst is not None
    np.testing.assert_array_equal(lens[0].ids, lens[1].ids)
    np.testing.assert_allclose(lens[0].probabilities, lens[1].probabilities, atol=1e-6)


@pytest.mark.parametrize("kind", ["any", "exactly six", "the last only"])
def test_ends_that_take_one_length_or_give_one_score(kind: str) -> None:
    rng = np.random.default_rng(2)
    unembed = rng.normal(size=(8, 30)).astype(np.float32)
    constants = {"U": unembed, "flat": np.array([6, 8]), "whole": np.array([1, 6, 30]), "end": np.array([-1])}
    nodes = {
        "any": [("MatMul", ["post", "U"], "logits")],
        "exactly six": [("Reshape", ["post", "flat"], "rows"), ("MatMul", ["rows", "U"], "scores"),
                        ("Reshape", ["scores", "whole"], "logits")],
        "the last only": [("Gather", ["post", "end"], "last"), ("MatMul", ["last", "U"], "logits")],
    }[kind]  # fmt: skip
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["post"])]
        + [helper.make_node(op, ins, [out], **({"axis": 1} if op == "Gather" else {})) for op, ins, out in nodes],
        kind,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "pos", 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "out", 30])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    stream = PointSource("blocks.0.resid_post", ("pos", "d_model"), "post", ("batch", "pos", "d_model"))
    logits = PointSource("logits", ("pos", "vocab"), "logits", ("batch", "pos", "vocab"))
    readout = Readout(model, graph_of(model, Path()), stream, logits, InferenceSession, lambda length: {})
    known = rng.normal(size=(1 if kind == "the last only" else 6, 8)).astype(np.float32)
    assert readout.matches(known, known @ unembed) < 1e-5
    for count in (1, 5, 6, 15):
        x = rng.normal(size=(count, 8)).astype(np.float32)
        np.testing.assert_allclose(readout(x), x @ unembed, atol=1e-5)
