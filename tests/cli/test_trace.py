"""`embstudio trace`, held against what PyTorch computed and against onnx's reference evaluator."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from embstudio.base.paths import models_dir
from embstudio.trace.trace import Provenance, load_trace
from tests.cli.conftest import Command

# What the reference calls the gates and states, by kind: ours have the same names.
CELLS = {"rnn-LSTM-1-ts": ("lstm", "ifogch"), "rnn-GRU-1-ts": ("gru", "zrnh"), "rnn-RNNtanh-1-ts": ("rnn", "h")}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("given", ["ids", "feeds"])
def test_every_gate_of_every_token_is_pytorchs(
    embstudio: Command, data: Path, tmp_path: Path, name: str, given: str
) -> None:
    kind, parts = CELLS[name]
    reference = np.load(data / name / "reference.npz")
    out = tmp_path / "out.npz"
    if given == "ids":
        source: object = ",".join(map(str, reference["ids"][0]))
    else:
        source = tmp_path / "in.npz"
        np.savez(tmp_path / "in.npz", input_ids=reference["ids"][:1])
    said = embstudio("trace", data / name / "model.onnx", f"--{given}", source, "--out", out)
    assert (said.status, said.err) == (0, "")

    trace = load_trace(out)
    assert [token.id for token in trace.tokens] == reference["ids"][0].tolist()
    for part in parts:
        array = trace[f"{kind}.0.forward.{part}"]
        assert array.axes == ("pos", "unit")
        np.testing.assert_allclose(array.values, reference[part][0], atol=2e-6)


@pytest.mark.parametrize(
    ("model", "text", "output"),
    [("sentiment-lstm", "The film was not good", "logits"), ("next-word", "The big dog ran", "logits"),
     ("words", "king queen man woman", "embed")],
)  # fmt: skip
def test_the_output_is_that_of_the_reference_evaluator(
    embstudio: Command, tmp_path: Path, model: str, text: str, output: str
) -> None:
    out = tmp_path / "out.npz"
    assert embstudio("trace", model, "--text", text, "--out", out).status == 0
    trace = load_trace(out)
    ids = np.array([[token.id for token in trace.tokens]], dtype=np.int64)
    expected = ReferenceEvaluator(onnx.load(models_dir() / model / "model.onnx")).run(None, {"input_ids": ids})[0][0]
    np.testing.assert_allclose(trace[output].values, expected, atol=2e-4)
    assert trace.text == text
    assert [text[slice(*token.span)] for token in trace.tokens if token.span] != []


def test_only_the_points_asked_for_are_saved_and_the_file_is_as_documented(embstudio: Command, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    asked = ["--point", "blocks.*.attn.pattern", "--point", "logits"]
    said = embstudio("trace", "next-word", "--text", "The big dog ran", *asked, "--out", out)
    assert said.status == 0
    with np.load(out, allow_pickle=False) as stored:
        meta = json.loads(str(stored["meta"]))
        points = set(stored.files) - {"meta", "tokens", "pieces", "ids", "spans", "segments", "special", "unknown"}
        assert points == {f"blocks.{layer}.attn.pattern" for layer in range(12)} | {"logits"}
        assert meta["format"] == "embstudio trace"
        assert meta["axes"]["blocks.0.attn.pattern"] == ["head", "query", "key"]
        assert set(meta["provenance"].values()) <= {str(value) for value in Provenance}
        pattern = stored["blocks.5.attn.pattern"]
    np.testing.assert_allclose(pattern.sum(-1), 1, atol=1e-5)
    assert not np.triu(pattern[0], 1).any(), "no token attends to what comes after it"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--text", ""], ""),
        (["--text", "The dog", "--point", "lstm.*"], "lstm.*"),
        (["--ids", "999999"], "999999"),
        (["--feeds", "nothing.npz"], "nothing.npz"),
    ],
)
def test_what_cannot_be_traced_is_said_and_leaves_no_file(
    embstudio: Command, tmp_path: Path, arguments: list[str], named: str
) -> None:
    out = tmp_path / "out.npz"
    said = embstudio("trace", "next-word", *arguments, "--out", out)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("embstudio: ")
    assert named in said.err
    assert not out.exists()


def test_feeds_that_are_no_npz_or_not_the_models_are_said(embstudio: Command, tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros(3))
    np.savez(tmp_path / "other.npz", pixels=np.zeros(3))
    (tmp_path / "words.npz").write_text("not an archive", encoding="utf-8")
    for file in ("one.npy", "other.npz", "words.npz"):
        said = embstudio("trace", "next-word", "--feeds", tmp_path / file, "--out", tmp_path / "out.npz")
        assert (said.status, said.out) == (1, ""), file
        assert "Traceback" not in said.err


def test_gates_are_set_while_it_runs_and_that_is_said(embstudio: Command, data: Path, tmp_path: Path) -> None:
    model = data / "rnn-LSTM-1-ts" / "model.onnx"
    asked = ["--set", "lstm.0.forward.f@2..:=1", "--set", "lstm.0.forward.i@2..:=0"]
    said = embstudio("trace", model, "--ids", "1,2,3,4,5", *asked, "--out", tmp_path / "out.npz")
    assert said.status == 0
    assert said.err.startswith("note: Replaced while the model ran: lstm.0.forward.f@2..:=1, lstm.0.forward.i@2..:=0.")
    trace = load_trace(tmp_path / "out.npz")
    c = trace["lstm.0.forward.c"].values
    np.testing.assert_array_equal(c[2:], np.broadcast_to(c[1], c[2:].shape))
    assert trace.provenance["lstm.0.forward.c"] is Provenance.OBSERVED


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("lstm.0.forward.f[1@2:=1", "expected ], at character 19. (lstm.0.forward.f[1@2:=1)"),
        ("lstm.0.forward.f[99]:=1", "There is no unit 99: the layer has 16"),
        ("lstm.0.forward.f@7:=1", "There is no token 7: the text has 5"),
        ("gru.0.forward.z:=1", "no such gate or state that could be replaced. (gru.0.forward.z)"),
    ],
)
def test_what_cannot_be_set_is_said(embstudio: Command, data: Path, tmp_path: Path, asked: str, words: str) -> None:
    model = data / "rnn-LSTM-1-ts" / "model.onnx"
    said = embstudio("trace", model, "--ids", "1,2,3,4,5", "--set", asked, "--out", tmp_path / "out.npz")
    assert (said.status, said.out) == (1, "")
    assert words in said.err
    assert not (tmp_path / "out.npz").exists()


def test_a_folder_that_is_not_there_is_said(embstudio: Command, tmp_path: Path) -> None:
    said = embstudio("trace", "words", "--text", "king", "--out", tmp_path / "no" / "out.npz")
    assert said.status == 1
    assert "could not be written" in said.err


def test_token_vectors_are_pooled_as_asked(embstudio: Command, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    model = data / "bert-ts-sdpa"
    said = embstudio(
        "trace", model, "--ids", "5,17,8", "--pooling", "mean", "--normalise", "--point", "pooled", "--out", out
    )
    assert said.status == 0, said.err
    trace = load_trace(out)
    reference = ReferenceEvaluator(onnx.load(model / "model.onnx"))
    row = np.array([[5, 17, 8]])
    feeds = {name: row if name == "input_ids" else np.ones_like(row) for name in reference.input_names}
    feeds = {name: np.zeros_like(row) if "type" in name else value for name, value in feeds.items()}
    mean = np.asarray(reference.run(None, feeds)[0])[0].mean(axis=0)
    assert np.abs(trace["pooled"].values - mean / np.linalg.norm(mean)).max() < 1e-5
    assert trace.provenance["pooled"] is Provenance.RECOMPUTED


def test_a_length_without_pooling_is_refused(embstudio: Command, data: Path, tmp_path: Path) -> None:
    said = embstudio("trace", data / "bert-ts-sdpa", "--ids", "5", "--normalise", "--out", tmp_path / "out.npz")
    assert said.status == 1
    assert "--pooling" in said.err


def test_the_second_sentence_of_a_pair_has_token_types_of_its_own(
    embstudio: Command, data: Path, tmp_path: Path
) -> None:
    out, model = tmp_path / "out.npz", data / "bert-ts-sdpa"
    said = embstudio("trace", model, "--ids", "5,17", "--second-ids", "8", "--out", out)
    assert said.status == 0, said.err
    trace = load_trace(out)
    assert [token.segment for token in trace.tokens] == [0, 0, 1]
    reference = ReferenceEvaluator(onnx.load(model / "model.onnx"))
    values = {"input_ids": [[5, 17, 8]], "token_type_ids": [[0, 0, 1]], "attention_mask": [[1, 1, 1]]}
    expected = np.asarray(reference.run(None, {name: np.array(values[name]) for name in reference.input_names})[0])[0]
    last = trace[max(name for name in trace.arrays if name.endswith("resid_post"))].values
    np.testing.assert_allclose(last, expected, atol=1e-5)


@pytest.mark.zoo
def test_what_follows_the_cache_and_what_a_decoder_has_written(embstudio: Command, zoo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    with np.load(zoo / "_deployed" / "opt-past-gpt2" / "reference.npz") as reference:
        ids = [*reference["0.in.input_ids"][0].tolist(), *reference["1.in.input_ids"][0].tolist()]
        expected = reference["1.att.self.1"]
    folder = zoo / "_deployed" / "opt-past-gpt2"
    said = embstudio("trace", folder, "--ids", ",".join(map(str, ids)), "--cached", 6, "--out", out)
    assert said.status == 0, said.err
    trace = load_trace(out)
    assert [token.id for token in (*trace.past, *trace.tokens)] == ids
    np.testing.assert_allclose(trace["blocks.1.attn.pattern"].values, expected, atol=1e-5)

    with np.load(zoo / "t5-full-ref" / "reference.npz") as reference:
        source, target = (",".join(map(str, reference[f"0.{name}"][0])) for name in ("input_ids", "decoder_input_ids"))
        expected = reference["0.att.cross.1"][0]
    said = embstudio("trace", zoo / "t5-full-ts-sdpa", "--ids", source, "--second-ids", target, "--out", out)
    assert said.status == 0, said.err
    np.testing.assert_allclose(load_trace(out)["decoder.blocks.1.cross_attn.pattern"].values, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--ids", "5,6", "--cached", "1"], "no cache"), (["--ids", "5", "--cached", "1"], "there are 1"),
     (["--feeds", "x.npz", "--cached", "1"], "all inputs are yours")],
)  # fmt: skip
def test_a_cache_where_there_can_be_none_is_refused(
    embstudio: Command, data: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    np.savez(tmp_path / "x.npz", input_ids=np.ones((1, 2), np.int64))
    arguments = [str(tmp_path / word) if word.endswith(".npz") else word for word in arguments]
    said = embstudio("trace", data / "bert-ts-sdpa", *arguments, "--out", tmp_path / "out.npz")
    assert said.status == 1
    assert words in said.err
