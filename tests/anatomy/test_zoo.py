"""Real exports against PyTorch: every attention's probabilities, the residual stream, and what each part adds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.model_file import ModelFile
from tests.anatomy.stream_laws import hidden_apart, norms_apart, relative, sums_apart

Capture = Callable[..., dict[str, np.ndarray]]
ZOO = Path(__file__).resolve().parents[3] / "shared" / "zoo"
_PLAIN = re.compile(r"(.+)-(ts-eager|ts-sdpa|dyn-eager|dyn-sdpa|opt-tf4)")
_STACKS = {"self": "", "enc": "encoder.", "dec": "decoder.", "cross": "decoder."}
# Its export lost the cap on attention scores, so that it is another model than the one PyTorch ran.
_ANOTHER_MODEL = {"gemma2-opt-tf4"}
# Their reference holds scores where the others hold probabilities.
_SCORES_IN_REFERENCE = {"squeezebert"}
# Their MLPs are grouped convolutions, which no one matrix stands for.
_CONVOLUTIONS = ("squeezebert",)


def plain_exports() -> list[str]:
    if not ZOO.is_dir():
        return []
    return [
        path.name for path in sorted(ZOO.iterdir()) if _PLAIN.fullmatch(path.name) and path.name not in _ANOTHER_MODEL
    ]


def reference_of(folder: Path) -> dict[str, np.ndarray]:
    found = _PLAIN.fullmatch(folder.name)
    assert found
    beside = folder.parent / f"{found[1]}-ref{'-tf4' if found[2] == 'opt-tf4' else ''}" / "reference.npz"
    with np.load(beside if beside.is_file() else folder / "reference.npz") as stored:
        return {name: stored[name] for name in stored.files}


def feeds_of(anatomy: Anatomy, reference: dict[str, np.ndarray], case: str) -> dict[str, np.ndarray]:
    mask = reference[f"{case}.attention_mask"]
    places = np.broadcast_to(np.arange(mask.shape[1]), mask.shape).copy()
    feeds = {info.name: reference.get(f"{case}.{info.name}") for info in anatomy.inputs}
    return {name: places if value is None else value for name, value in feeds.items()}


def attentions(reference: dict[str, np.ndarray], case: str) -> Iterator[tuple[str, np.ndarray]]:
    for key, value in reference.items():
        if key.startswith(f"{case}.att."):
            _, _, stack, layer = key.split(".")
            part = "cross_attn" if stack == "cross" else "attn"
            yield f"{_STACKS[stack]}blocks.{layer}.{part}", value


def check(folder: Path, capture: Capture) -> None:
    path, reference = folder / "model.onnx", reference_of(folder)
    graph = ModelFile(path).graph
    anatomy = read(graph)
    expected = dict(attentions(reference, "0"))
    assert sum(len(block.attention) for block in anatomy.blocks) == len(expected)
    for block in anatomy.blocks:
        for attention in block.attention:
            name = f"{block.stack + '.' if block.stack else ''}blocks.{block.layer}."
            pattern = expected[name + ("attn" if attention.kind == "self" else "cross_attn")]
            assert attention.heads in (pattern.shape[1], None)
    # Padding moves positions in some architectures where positions are fed; the plain case is enough for those.
    cases = "0" if any("position" in info.name for info in anatomy.inputs) else "01"
    for case in cases:
        values = capture(path, anatomy, feeds_of(anatomy, reference, case))
        for prefix, pattern in attentions(reference, case):
            _check_attention(values, prefix, pattern, compare=not folder.name.startswith(tuple(_SCORES_IN_REFERENCE)))
        _check_stream(values, reference, case)
        _check_laws(anatomy, graph, values, exact=not folder.name.startswith(_CONVOLUTIONS))


def _check_laws(anatomy: Anatomy, graph: Graph, values: dict[str, np.ndarray], *, exact: bool) -> None:
    """Sums, norms and hidden layers, all in float64; every block has its sums, whatever its kind."""
    sums = dict(sums_apart(anatomy, values))
    assert max(sums.values()) < 1e-5, sums
    assert len(sums) >= len(anatomy.blocks)
    norms = dict(norms_apart(values))
    assert max(norms.values(), default=0) < 1e-4, norms
    hidden = dict(hidden_apart(anatomy, graph, values)) if exact else {}
    assert max(hidden.values(), default=0) < 1e-4, hidden
    assert hidden or not exact or any("mixture of experts" in sentence for sentence in anatomy.missing)


def _check_attention(values: dict[str, np.ndarray], prefix: str, expected: np.ndarray, *, compare: bool) -> None:
    q, k, v, scores, pattern, z = (values[f"{prefix}.{part}"] for part in ("q", "k", "v", "scores", "pattern", "z"))
    if compare:
        np.testing.assert_allclose(pattern, expected, atol=1e-5)
    spread = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, spread, axis=1), np.repeat(v, spread, axis=1)
    np.testing.assert_allclose(pattern @ v, z, atol=1e-5)
    assert (q @ k.swapaxes(-1, -2)).shape == scores.shape == pattern.shape
    weights = np.exp(scores - np.maximum(scores.max(-1, keepdims=True), np.finfo(np.float32).min))
    # A row sums to less than 1 where an attention sink took its part: compare the shares within the row.
    shares, seen = pattern.sum(-1, keepdims=True), scores.max(-1, keepdims=True) > -1e30
    np.testing.assert_allclose(
        np.where(seen, weights / np.maximum(weights.sum(-1, keepdims=True), 1e-30) * shares, 0),
        np.where(seen, pattern, 0), atol=1e-5,
    )  # fmt: skip


def _check_stream(values: dict[str, np.ndarray], reference: dict[str, np.ndarray], case: str) -> None:
    hidden = {key: value for key, value in reference.items() if key.startswith(f"{case}.hid.")}
    for key, expected in hidden.items():
        _, _, kind, layer = key.split(".")
        stack = _STACKS[kind]
        if f"{case}.hid.{kind}.{int(layer) + 1}" not in hidden:
            # The last is after the final norm, but before it in ESM; post-norm models have none.
            ends = (f"{stack}final_norm", f"{stack}blocks.{int(layer) - 1}.resid_post")
            assert any(relative(values[name], expected) < 1e-5 for name in ends if name in values), key
            continue
        pre = values[f"{stack}blocks.{layer}.resid_pre"]
        np.testing.assert_allclose(pre, expected, atol=2e-5)
        if layer != "0":
            np.testing.assert_array_equal(values[f"{stack}blocks.{int(layer) - 1}.resid_post"], pre)
    for prefix in {name.rpartition(".")[0] for name in values if name.endswith(".resid_pre")}:
        assert f"{prefix}.resid_post" in values
        assert f"{prefix}.mlp.out" in values
        assert f"{prefix}.attn.out" in values


def test_the_export_kept_with_the_tests(data: Path, capture: Capture) -> None:
    check(data / "bert-ts-sdpa", capture)


@pytest.mark.zoo
@pytest.mark.parametrize("name", plain_exports() or [pytest.param("", marks=pytest.mark.skip(reason="no zoo"))])
def test_plain_exports_agree_with_pytorch(zoo: Path, capture: Capture, name: str) -> None:
    check(zoo / name, capture)


@pytest.mark.zoo
@pytest.mark.parametrize("export", ["ts-sdpa", "dyn-sdpa"])
def test_pre_norm_blocks_add_up(zoo: Path, capture: Capture, export: str) -> None:
    for name in ("gpt2", "llama", "opt", "qwen3", "mixtral"):
        folder = zoo / f"{name}-{export}"
        anatomy, reference = read(ModelFile(folder / "model.onnx").graph), reference_of(folder)
        values = capture(folder / "model.onnx", anatomy, feeds_of(anatomy, reference, "0"))
        for block in anatomy.blocks:
            prefix = f"blocks.{block.layer}"
            pre, mid = values[f"{prefix}.resid_pre"], values[f"{prefix}.resid_mid"]
            np.testing.assert_allclose(pre + values[f"{prefix}.attn.out"], mid, atol=1e-5)
            np.testing.assert_allclose(mid + values[f"{prefix}.mlp.out"], values[f"{prefix}.resid_post"], atol=1e-5)


@pytest.mark.zoo
@pytest.mark.parametrize(
    ("name", "kv_heads"), [("llama", 2), ("falcon-mqa", 1), ("gemma2", 2), ("phi3", 2), ("bart-full", 4)]
)
def test_key_value_heads(zoo: Path, name: str, kv_heads: int) -> None:
    for folder in zoo.glob(f"{name}-*"):
        if _PLAIN.fullmatch(folder.name):
            anatomy = read(ModelFile(folder / "model.onnx").graph)
            assert {each.kv_heads for block in anatomy.blocks for each in block.attention} == {kv_heads}, folder.name


@pytest.mark.zoo
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bert-dyn23-sdpa", "operator Attention (2 in this model)"),
        ("bert-opt-tf4+O1", "operator com.microsoft.Attention (2 in this model)"),
        ("_deployed/genai-llama-fp32", "com.microsoft.GroupQueryAttention"),
        ("_deployed/sub-scan-layers", "inside 1 Scan"),
        ("mixtral-ts-sdpa", "2 softmaxes inside the model: not attention"),
        ("convbert-ts-eager", "2 softmaxes inside the model: not attention"),
    ],
)
def test_says_what_is_not_opened(zoo: Path, name: str, words: str) -> None:
    said = read(ModelFile(zoo / name / "model.onnx").graph).unrecognised
    assert any(words in sentence for sentence in said), said


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["misc-fnet-dyn", "misc-mamba-ts"])
def test_no_attention_where_there_is_none(zoo: Path, name: str) -> None:
    assert read(ModelFile(zoo / "_deployed" / name / "model.onnx").graph).blocks == ()


@pytest.mark.zoo
@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("rnn-LSTM-2-tf-ts", [("lstm", 0), ("lstm", 1)]),
        ("rnn-GRU-2-tf-dyn", [("gru", 0), ("gru", 1)]),
        ("rnn-RNNtanh-1-ts", [("rnn", 0)]),
        ("rnn-RNNtanh-1-dyn", [("rnn", 0)]),
        ("rnn-LSTMCell-1-ts", [("lstm", 0)]),
        ("rnn-LSTMCell-1-dyn", [("lstm", 0)]),
    ],
)
def test_recurrent_exports(zoo: Path, name: str, layers: list[tuple[str, int]]) -> None:
    anatomy = read(ModelFile(zoo / name / "model.onnx").graph)
    assert [(layer.kind, layer.layer) for layer in anatomy.recurrent] == layers
    assert all(layer.units == 16 for layer in anatomy.recurrent)
    assert (anatomy.embeddings[0].rows, anatomy.embeddings[0].width) == (50, 12)
    assert anatomy.head is not None
    assert (anatomy.head.kind, anatomy.head.width) == ("next word", 50)


@pytest.mark.zoo
def test_a_sentence_splitter_of_three_two_way_layers(zoo: Path) -> None:
    anatomy = read(ModelFile(zoo / "_public" / "nnsplit_en_v1.onnx").graph)
    assert [(each.layer, each.directions) for each in anatomy.recurrent] == [
        (layer, ("forward", "reverse")) for layer in range(3)
    ]
    assert "lstm.2.reverse.c" in anatomy.point_names


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["bert", "gpt2", "gpt-neox", "llama", "falcon-mqa", "modernbert", "phi3", "qwen3"])
def test_scores_are_queries_times_keys_over_the_root_of_the_width(zoo: Path, capture: Capture, name: str) -> None:
    """scores = q kᵀ / √d_head where nothing is masked, wherever an export chose to put the scale."""
    for folder in zoo.glob(f"{name}-*"):
        if not _PLAIN.fullmatch(folder.name):
            continue
        anatomy, reference = read(ModelFile(folder / "model.onnx").graph), reference_of(folder)
        values = capture(folder / "model.onnx", anatomy, feeds_of(anatomy, reference, "0"))
        for block in anatomy.blocks:
            q, k, scores = (values[f"blocks.{block.layer}.attn.{part}"] for part in ("q", "k", "scores"))
            k = np.repeat(k, q.shape[1] // k.shape[1], axis=1)
            seen = scores > -1e4
            expected = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
            np.testing.assert_allclose(scores[seen], expected[seen], atol=1e-5)
