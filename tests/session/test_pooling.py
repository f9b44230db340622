"""Sentence vectors: against those that sentence-transformers computed, and against files made here."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from embstudio.base.errors import InputError, ModelFileError
from embstudio.modelfile.sentence_modules import find_sentence_modules
from embstudio.session.messages import ModelRef, Pooling, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Provenance, Trace

IDS = (5, 17, 8, 3)


def modules(folder: Path, *kinds: str, dialect: str = "sentence_transformers.models.") -> Path:
    listed = [{"idx": n, "name": str(n), "path": f"{n}_{kind}" if n else "", "type": dialect + kind}
              for n, kind in enumerate(("Transformer", *kinds))]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(listed))
    return folder / "model.onnx"


def config(folder: Path, name: str, entries: Any) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "config.json").write_text(json.dumps(entries))


@pytest.fixture
def bert(data: Path, tmp_path: Path) -> Path:
    """The folder of a BERT that ends in a vector for each token."""
    shutil.copy(data / "bert-ts-sdpa" / "model.onnx", tmp_path)
    return tmp_path


def run(folder: Path, pooling: Pooling | None = None, points: tuple[str, ...] = (), **given: Any) -> Trace:
    runner = Runner.open(ModelRef(folder / "model.onnx"))
    return runner.trace(TraceRequest(runner.opened.model, points=points, pooling=pooling, **({"ids": IDS} | given)))


def token_vectors(folder: Path, ids: tuple[int, ...] = IDS) -> np.ndarray:
    """What the model itself returns for the ids."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    row = np.array([ids], np.int64)
    feeds = {info.name: row if info.name == "input_ids" else np.ones_like(row) for info in session.get_inputs()}
    feeds = {name: np.zeros_like(row) if "type" in name else value for name, value in feeds.items()}
    return np.asarray(session.run(None, feeds)[0][0])


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["st-cls", "st-mean-norm", "st-weightedmean-norm", "st5-mean-dense-norm"])
@pytest.mark.parametrize("place", ["model.onnx", "onnx/model.onnx"])
def test_deployed_models_give_the_embeddings_of_sentence_transformers(zoo: Path, name: str, place: str) -> None:
    path = zoo / "_deployed" / name / place
    runner = Runner.open(ModelRef(path))
    with np.load(path.parents[place.count("/")] / "reference.npz") as stored:
        sentences, embeddings = stored["sentences"], stored["embeddings"]
    for sentence, expected in zip(sentences, embeddings, strict=True):
        trace = runner.trace(TraceRequest(runner.opened.model, text=str(sentence)))
        assert np.abs(trace["pooled"].values - expected).max() < 1e-5
        assert trace.provenance["pooled"] is Provenance.RECOMPUTED
    assert runner.opened.pooling is not None
    assert "pooled" in runner.opened.anatomy.point_names


def test_without_files_nothing_is_claimed_and_a_choice_is_met(bert: Path) -> None:
    assert "pooled" not in run(bert)
    vectors = token_vectors(bert)
    mean = run(bert, Pooling("mean"))["pooled"].values
    assert mean == pytest.approx(vectors.mean(axis=0), abs=1e-6)
    both = run(bert, Pooling("cls+last", normalise=True), points=("pooled",))["pooled"].values
    expected = np.concatenate([vectors[0], vectors[-1]])
    assert both == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_masks_that_are_fed_are_honoured(bert: Path) -> None:
    padded = np.array([[*IDS, 0, 0]], np.int64)
    feeds = {"input_ids": padded, "attention_mask": (padded > 0).astype(np.int64)}
    pooled = run(bert, Pooling("mean"), ids=None, feeds=feeds)["pooled"].values
    assert pooled == pytest.approx(token_vectors(bert).mean(axis=0), abs=1e-5)


@pytest.mark.parametrize(
    ("entries", "mode"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        (
            {"pooling_mode_cls_token": True, "pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": True},
            "cls+max+mean",
        ),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, "mean_sqrt_len_tokens"),
        ({"pooling_mode": "lasttoken"}, "lasttoken"),
        ({"pooling_mode": ["mean", "cls"]}, "mean+cls"),
        ({}, "mean"),
    ],
)
def test_both_dialects_of_the_pooling_file(bert: Path, entries: dict[str, Any], mode: str) -> None:
    modules(bert, "Pooling")
    config(bert, "1_Pooling", entries)
    assert Runner.open(ModelRef(bert / "model.onnx")).opened.pooling == Pooling(mode)
    assert run(bert)["pooled"].values == pytest.approx(run(bert, Pooling(mode))["pooled"].values)


def test_a_choice_goes_before_the_files(bert: Path) -> None:
    modules(bert, "Pooling", "Normalize")
    config(bert, "1_Pooling", {"pooling_mode": "cls"})
    assert run(bert, Pooling("mean"))["pooled"].values == pytest.approx(token_vectors(bert).mean(axis=0), abs=1e-6)
    assert np.linalg.norm(run(bert)["pooled"].values) == pytest.approx(1, abs=1e-6)


def test_prompts_and_lengths_of_the_maker_are_said(bert: Path) -> None:
    modules(bert, "Pooling")
    config(bert, "1_Pooling", {"pooling_mode": "mean"})
    (bert / "sentence_bert_config.json").write_text('{"max_seq_length": 3}')
    (bert / "config_sentence_transformers.json").write_text(
        '{"prompts": {"query": "query: "}, "default_prompt_name": "query"}'
    )
    assert any("“query: ”" in note for note in Runner.open(ModelRef(bert / "model.onnx")).opened.notes)
    assert any("after 3 tokens" in note for note in run(bert).notes)
    assert not any("after 3 tokens" in note for note in run(bert, ids=IDS[:3]).notes)


def test_what_cannot_be_followed_is_a_note_and_the_rest_still_works(bert: Path) -> None:
    modules(bert, "Pooling", "CNN")
    config(bert, "1_Pooling", {"pooling_mode": "mean"})
    opened = Runner.open(ModelRef(bert / "model.onnx")).opened
    assert opened.pooling is None
    assert any("module CNN" in note for note in opened.notes)
    assert "pooled" in run(bert, Pooling("mean"))


@pytest.mark.parametrize(
    ("kinds", "entries", "said"),
    [
        (("Pooling",), {"pooling_mode": "median"}, "pooling median"),
        (("Normalize", "Pooling"), {}, "not pooled first"),
        (("Pooling", "Riddle"), {}, "module Riddle"),
        (("Pooling", "Dense"), {}, "Python pickle"),
    ],
)
def test_unknown_modules_are_named(tmp_path: Path, kinds: tuple[str, ...], entries: dict[str, Any], said: str) -> None:
    for n, kind in enumerate(kinds, 1):
        config(tmp_path, f"{n}_{kind}", entries)
        if kind == "Dense":
            (tmp_path / f"{n}_Dense" / "pytorch_model.bin").write_bytes(b"\x80\x02")
    with pytest.raises(ModelFileError, match=said):
        find_sentence_modules(modules(tmp_path, *kinds))


@pytest.mark.parametrize("listed", ["{", "{}", '[{"type": "a.Pooling", "path": "../../etc"}]', "[1]"])
def test_damaged_lists_of_modules_are_named(tmp_path: Path, listed: str) -> None:
    (tmp_path / "modules.json").write_text(listed)
    with pytest.raises(ModelFileError, match="could not be read") as caught:
        find_sentence_modules(tmp_path / "model.onnx")
    assert "modules.json" in caught.value.where


def test_choices_that_cannot_be_met(bert: Path, data: Path) -> None:
    with pytest.raises(InputError, match="no such pooling"):
        run(bert, Pooling("median"))
    with pytest.raises(InputError, match="nothing to pool"):
        run(data / "rnn-GRU-1-ts", Pooling("mean"))


def test_a_vector_that_the_graph_itself_returns_is_observed(bert: Path) -> None:
    path = bert / "model.onnx"
    model = onnx.load(path)
    graph = model.graph
    width = graph.output[0].type.tensor_type.shape.dim[2].dim_value
    graph.node.append(onnx.helper.make_node("ReduceMax", [graph.output[0].name], ["sentence"], axes=[1], keepdims=0))
    graph.output.append(onnx.helper.make_tensor_value_info("sentence", onnx.TensorProto.FLOAT, ["batch", width]))
    onnx.save(model, path)
    trace = run(bert)
    assert trace.provenance["pooled"] is Provenance.OBSERVED
    assert trace["pooled"].values == pytest.approx(token_vectors(bert).max(axis=0), abs=1e-6)
    opened = Runner.open(ModelRef(path)).opened
    assert opened.pooling is None
    assert "sentence" in opened.pooling_steps[0]
    assert "pooled" in opened.anatomy.point_names
    assert run(bert, Pooling("mean")).provenance["pooled"] is Provenance.RECOMPUTED
    modules(bert, "Pooling")
    config(bert, "1_Pooling", {"pooling_mode": "mean"})
    assert run(bert)["pooled"].values == pytest.approx(token_vectors(bert).mean(axis=0), abs=1e-6)


def weights(path: Path, **arrays: np.ndarray) -> None:
    """A .safetensors file, by the description of the format."""
    header, data = {}, b""
    for name, array in arrays.items():
        data += array.astype("<f4").tobytes()
        header[name.replace("__", ".")] = {"dtype": "F32", "shape": list(array.shape),
                                           "data_offsets": [len(data) - 4 * array.size, len(data)]}  # fmt: skip
    written = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(written)) + written + data)


def test_trained_modules_after_the_pooling(bert: Path) -> None:
    """LayerNorm, then Dense with its input added, as sentence-transformers defines them."""
    rng = np.random.default_rng(3)
    vectors = token_vectors(bert).astype(np.float64)
    width = vectors.shape[1]
    scale, shift = rng.normal(size=(2, width))
    matrix, residual = rng.normal(size=(2, 5, width))
    modules(bert, "Pooling", "LayerNorm", "Dense")
    config(bert, "1_Pooling", {"pooling_mode": "max"})
    config(bert, "2_LayerNorm", {"dimension": width})
    weights(bert / "2_LayerNorm" / "model.safetensors", norm__weight=scale, norm__bias=shift)
    config(bert, "3_Dense", {"activation_function": "torch.nn.modules.activation.ReLU", "use_residual": True})
    weights(bert / "3_Dense" / "model.safetensors", linear__weight=matrix, residual__weight=residual)
    x = vectors.max(axis=0)
    x = (x - x.mean()) / np.sqrt(x.var() + 1e-5) * scale + shift
    assert run(bert)["pooled"].values == pytest.approx(np.maximum(matrix @ x, 0) + residual @ x, abs=1e-4)
    steps = Runner.open(ModelRef(bert / "model.onnx")).opened.pooling_steps
    assert [step.split()[0] for step in steps] == ["the", "layer", "dense"]
    # A choice replaces the pooling, not what was trained; what was trained may not fit it.
    assert run(bert, Pooling("mean"))["pooled"].shape == (5,)
    with pytest.raises(InputError, match="cannot be pooled like that"):
        run(bert, Pooling("mean+cls"))
