"""Traces against PyTorch's values, onnx's reference evaluator and float64, and what a bad input is told."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from embstudio.base.errors import InputError, ModelFileError, StudioError, UnsupportedModelError
from embstudio.formulas import cells
from embstudio.modelfile import catalogue
from embstudio.modelfile.tokenizing.search import open_tokenizer
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.models import KEPT, KEPT_BYTES, MOST_KEPT, Models
from embstudio.session.runner import Runner
from embstudio.session.stop import Cancelled, Stop
from embstudio.trace.omitted import omitted_in_words
from embstudio.trace.trace import Provenance

SENTENCE = "The film was not bad, but the ending was dull."


def reference(name: str) -> ModelRef:
    source = catalogue.find(name)
    return ModelRef(source.path, source.tokenizer)


@pytest.fixture(scope="module")
def lstm() -> Runner:
    return Runner.open(reference("sentiment-lstm"))


@pytest.fixture(scope="module")
def next_word() -> Runner:
    return Runner.open(reference("next-word"))


def ask(runner: Runner, text: str | None = None, **more: object) -> TraceRequest:
    return TraceRequest(runner.opened.model, text=text, **more)  # type: ignore[arg-type]


def proto(runner: Runner) -> onnx.ModelProto:
    return onnx.load(runner.opened.model.path)


def weights(runner: Runner) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in proto(runner).graph.initializer}


# The bundled models ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [("sentiment-lstm", "lstm"), ("sentiment-rnn", "rnn")])
def test_every_gate_of_a_bundled_model_is_that_of_float64(name: str, kind: str) -> None:
    runner = Runner.open(reference(name))
    trace = runner.trace(ask(runner, SENTENCE))
    stored = weights(runner)
    table = runner.opened.anatomy.embeddings[0].initializer
    X = stored[table][[token.id for token in trace.tokens]].astype(np.float64)
    W, R, B = (stored[f"{kind}_{part}"][0].astype(np.float64) for part in "WRB")
    np.testing.assert_allclose(trace["embed"].values, X, atol=1e-7)
    for gate, value in getattr(cells, kind)(X, W, R, B).items():
        array = trace[f"{kind}.0.forward.{gate}"]
        assert array.axes == ("pos", "unit")
        np.testing.assert_allclose(array.values, value, atol=1e-5)
    assert set(trace.provenance.values()) == {Provenance.OBSERVED}
    assert trace.provider == "CPUExecutionProvider"
    assert runner.opened.verified is not None
    assert runner.opened.verified < 1e-5


@pytest.mark.parametrize("name", ["sentiment-lstm", "sentiment-rnn", "next-word"])
def test_logits_are_those_of_the_reference_evaluator(name: str) -> None:
    runner = Runner.open(reference(name))
    trace = runner.trace(ask(runner, SENTENCE))
    ids = np.array([[token.id for token in trace.tokens]])
    (expected,) = ReferenceEvaluator(proto(runner)).run(["logits"], {"input_ids": ids})
    np.testing.assert_allclose(trace["logits"].values, expected[0], atol=2e-4)


def test_a_transformer_holds_together(next_word: Runner) -> None:
    trace = next_word.trace(ask(next_word, "Once upon a time there was a dog"))
    blocks = next_word.opened.anatomy.blocks
    length = len(trace)
    for block in blocks:
        at = f"blocks.{block.layer}"
        q, k, v = (trace[f"{at}.attn.{name}"].values.astype(np.float64) for name in "qkv")
        scores, pattern, z = (trace[f"{at}.attn.{name}"].values for name in ("scores", "pattern", "z"))
        hidden = np.triu(np.ones((length, length), bool), 1)
        products = np.einsum("hqd,hkd->hqk", q, k) / np.sqrt(q.shape[-1])
        np.testing.assert_allclose(scores[:, ~hidden], products[:, ~hidden], atol=1e-4)
        np.testing.assert_allclose(pattern.sum(-1), 1, atol=1e-5)
        assert not pattern[:, hidden].any()
        np.testing.assert_allclose(z, np.einsum("hqk,hkd->hqd", pattern, v), atol=1e-5)
        np.testing.assert_allclose(
            trace[f"{at}.resid_mid"].values, trace[f"{at}.resid_pre"].values + trace[f"{at}.attn.out"].values, atol=1e-5
        )
        if block.layer:
            before = trace[f"blocks.{block.layer - 1}.resid_post"].values
            np.testing.assert_array_equal(trace[f"{at}.resid_pre"].values, before)


# Exports of others -------------------------------------------------------------------------------------------------


ARCHITECTURES = ["bert-ts-sdpa", "gpt2-ts-sdpa", "llama-ts-sdpa", "distilbert-ts-sdpa", "mistral-ts-sdpa",
                 "falcon-mqa-ts-sdpa", "bert-dyn-sdpa", "gpt2-opt-tf4", "opt-ts-sdpa", "gpt-neox-ts-sdpa"]  # fmt: skip


@pytest.mark.zoo
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_patterns_and_residuals_are_those_of_pytorch(zoo: Path, name: str) -> None:
    suffix = "-ref-tf4" if name.endswith("-tf4") else "-ref"
    architecture = name.rpartition("-")[0].rpartition("-")[0]
    stored = np.load(zoo / (architecture + suffix) / "reference.npz")
    runner = Runner.open(ModelRef(zoo / name / "model.onnx"))
    inputs = [info.name for info in runner.opened.anatomy.inputs]
    feeds = {name: stored[f"0.{name}"] for name in inputs if f"0.{name}" in stored.files}
    trace = runner.trace(ask(runner, feeds=feeds))
    layers = len(runner.opened.anatomy.blocks)
    assert layers == 2
    for layer in range(layers):
        pattern = trace[f"blocks.{layer}.attn.pattern"]
        assert pattern.axes == ("head", "query", "key")
        np.testing.assert_allclose(pattern.values, stored[f"0.att.self.{layer}"][0], atol=1e-5)
        np.testing.assert_allclose(
            trace[f"blocks.{layer}.resid_pre"].values, stored[f"0.hid.self.{layer}"][0], atol=2e-5
        )
        q, k = trace[f"blocks.{layer}.attn.q"], trace[f"blocks.{layer}.attn.k"]
        assert (q.axes, k.axes) == (("head", "query", "d_head"), ("kv_head", "key", "d_head"))
        assert q.size("head") % k.size("kv_head") == 0


@pytest.mark.parametrize(
    ("name", "kind"), [("rnn-LSTM-1-ts", "lstm"), ("rnn-GRU-1-ts", "gru"), ("rnn-RNNtanh-1-ts", "rnn")]
)
def test_recurrent_exports_are_those_of_pytorch(data: Path, name: str, kind: str) -> None:
    stored = np.load(data / name / "reference.npz")
    runner = Runner.open(ModelRef(data / name / "model.onnx"))
    for sequence, ids in enumerate(stored["ids"]):
        trace = runner.trace(ask(runner, ids=tuple(ids.tolist())))
        for gate in set(stored.files) - {"ids"}:
            np.testing.assert_allclose(trace[f"{kind}.0.forward.{gate}"].values, stored[gate][sequence], atol=1e-5)


# What is captured --------------------------------------------------------------------------------------------------


def test_only_what_is_asked_for_comes_back(lstm: Runner) -> None:
    assert list(lstm.trace(ask(lstm, SENTENCE, points=("lstm.*.c", "logits"))).arrays) == ["lstm.0.forward.c", "logits"]
    assert list(lstm.trace(ask(lstm, SENTENCE)).arrays) == list(lstm.opened.anatomy.point_names)


def test_without_gates_the_plain_model_runs_and_says_the_same(lstm: Runner) -> None:
    plain = lstm.trace(ask(lstm, SENTENCE, points=("logits",)))
    opened_up = lstm.trace(ask(lstm, SENTENCE, points=("logits", "lstm.0.forward.c")))
    np.testing.assert_allclose(plain["logits"].values, opened_up["logits"].values, atol=1e-5)


def test_over_budget_the_layer_that_is_looked_at_comes_first(next_word: Runner) -> None:
    everything = next_word.trace(ask(next_word, SENTENCE))
    for share, layer in ((0.9, 0), (0.6, 3), (0.4, 1)):
        budget = int(share * everything.nbytes)
        trace = next_word.trace(ask(next_word, SENTENCE, budget_bytes=budget, layer=layer))
        assert trace.nbytes <= budget
        assert f"blocks.{layer}.attn.pattern" in trace
        assert {name for name in everything.arrays if name.endswith("resid_post")} <= set(trace.arrays)
        missing = set(everything.arrays) - set(trace.arrays)
        assert missing
        assert trace.omitted == {name: everything[name].nbytes for name in missing}
        kinds = {name.rpartition(".")[2] for name in missing}
        assert all(kind in omitted_in_words(trace) for kind in kinds)
    assert omitted_in_words(everything) == ""
    with pytest.raises(InputError, match="larger than a trace may be"):
        next_word.trace(ask(next_word, SENTENCE, points=("*.pattern",), budget_bytes=10))


def test_a_text_longer_than_the_model_is_cut_with_a_note(next_word: Runner) -> None:
    positions = next_word.opened.anatomy.max_positions
    assert positions is not None
    trace = next_word.trace(ask(next_word, "dog " * 10_000, points=("logits",)))
    assert len(trace) == positions
    assert trace["logits"].size("pos") == positions
    assert f"{positions} of " in trace.notes[0]
    assert trace.window is not None
    assert (trace.window.start, trace.window.size) == (0, positions)
    following = next_word.trace(ask(next_word, "dog " * 10_000, points=("logits",), start=trace.window.next_start))
    assert following.window is not None
    assert following.window.start == positions


def test_a_long_text_runs_through_a_recurrent_model(lstm: Runner) -> None:
    trace = lstm.trace(ask(lstm, "dog " * 10_000))
    assert trace["lstm.0.forward.c"].size("pos") == len(trace) >= 10_000
    assert trace.notes == ()


@pytest.mark.parametrize("text", ["🙂🙃", "שלום עולם", "ﷺ\u202e abc", "\ud800", "a\x00b", "ẞ" * 50])
@pytest.mark.parametrize("name", ["sentiment-lstm", "next-word", "words"])
def test_any_text_runs_or_is_said_to_hold_nothing_known(name: str, text: str) -> None:
    runner = Runner.open(reference(name))
    if not open_tokenizer(runner.opened.model.path.with_name("tokenizer.json")).encode(text):
        with pytest.raises(InputError, match="nothing in this text that it knows"):
            runner.trace(ask(runner, text))
        return
    trace = runner.trace(ask(runner, text))
    assert trace["embed"].size("pos") == len(trace) > 0
    assert np.isfinite(trace["embed"].values).all()


# Feeds and bad input -----------------------------------------------------------------------------------------------


def test_feeds_by_name_say_the_same_as_ids(lstm: Runner) -> None:
    by_ids = lstm.trace(ask(lstm, ids=(5, 6, 7)))
    by_feeds = lstm.trace(ask(lstm, feeds={"input_ids": np.array([[5, 6, 7]], np.int32)}))
    assert [token.id for token in by_feeds.tokens] == [5, 6, 7]
    for name, array in by_ids.arrays.items():
        np.testing.assert_array_equal(array.values, by_feeds[name].values)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"text": ""}, "no text"),
        ({"text": "  \n"}, "no text"),
        ({"ids": ()}, "no token ids"),
        ({"ids": (1, 10**9)}, "There is no token 1000000000"),
        ({"ids": (-1,)}, "There is no token -1"),
        ({"ids": (10**30,)}, "There is no token 1000000000000000000000000000000"),
        ({"feeds": {}}, "missing: input_ids"),
        ({"feeds": {"input_ids": np.ones((1, 2), np.int64), "mask": np.ones(2)}}, "unknown: mask"),
        ({"feeds": {"input_ids": np.ones((1, 2))}}, "wrong type: float64"),
        ({"feeds": {"input_ids": np.ones((2, 2), np.int64)}}, "one sequence"),
        ({"feeds": {"input_ids": np.ones(2, np.int64)}}, "shape or type"),
        ({"feeds": {"input_ids": np.full((1, 2), 10**9)}}, "no row for"),
    ],
)
def test_bad_input_is_told_in_words(lstm: Runner, request_: dict, words: str) -> None:
    with pytest.raises(InputError, match=words) as told:
        lstm.trace(ask(lstm, **request_))
    assert told.value.advice
    assert len(lstm.trace(ask(lstm, SENTENCE))) > 0


def test_text_for_a_model_without_a_tokenizer(data: Path) -> None:
    runner = Runner.open(ModelRef(data / "rnn-LSTM-1-ts" / "model.onnx"))
    assert runner.opened.tokenizer is None
    with pytest.raises(InputError, match="no tokenizer"):
        runner.trace(ask(runner, "hello"))


@pytest.mark.zoo
def test_an_input_that_cannot_be_made_up_is_named(zoo: Path) -> None:
    runner = Runner.open(ModelRef(zoo / "_public" / "attention_past_state.onnx"))
    with pytest.raises(InputError, match="vectors of 768 numbers") as told:
        runner.trace(ask(runner, ids=(1, 2)))
    assert "input: float32 [batch, seq_len, 768]" in told.value.where
    assert "--feeds" in told.value.advice


def test_files_that_are_no_models(tmp_path: Path, lstm: Runner) -> None:
    whole = lstm.opened.model.path.read_bytes()
    for name, contents in {"text": b"hello", "cut": whole[: len(whole) // 2], "empty": b""}.items():
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(contents)
        with pytest.raises(ModelFileError):
            Runner.open(ModelRef(path))
    with pytest.raises(ModelFileError):
        Runner.open(ModelRef(tmp_path / "missing.onnx"))


def test_an_operator_that_onnxruntime_does_not_have(tmp_path: Path) -> None:
    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17, "com.example" : 1]>'
        "g (int64[1, n] input_ids) => (int64[1, n] y) { y = com.example.Unheard (input_ids) }"
    )
    onnx.save(model, tmp_path / "unheard.onnx")
    with pytest.raises(UnsupportedModelError, match="operator that onnxruntime does not have") as told:
        Runner.open(ModelRef(tmp_path / "unheard.onnx"))
    assert "Unheard" in told.value.detail


def test_a_provider_that_is_not_installed(lstm: Runner) -> None:
    with pytest.raises(UnsupportedModelError, match="not installed"):
        Runner.open(ModelRef(lstm.opened.model.path, provider="NoSuchExecutionProvider"))


# Stopping, keeping -------------------------------------------------------------------------------------------------


def test_a_run_is_stopped_from_another_thread(endless: TraceRequest) -> None:
    runner, stop = Runner.open(endless.model), Stop()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    with pytest.raises(Cancelled):
        runner.trace(endless, stop)
    timer.join()


def test_a_stop_that_came_before_the_run(endless: TraceRequest) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Cancelled):
        Runner.open(endless.model).trace(endless, stop)


def test_a_file_that_changed_is_opened_again(data: Path, tmp_path: Path) -> None:
    path, models = tmp_path / "model.onnx", Models()
    kinds = []
    for name in ("rnn-LSTM-1-ts", "rnn-GRU-1-ts"):
        path.write_bytes((data / name / "model.onnx").read_bytes())
        reply = models.answer(TraceRequest(ModelRef(path), ids=(1,), points=("*.h",)), Stop())
        kinds.append(list(reply.trace.arrays))  # type: ignore[union-attr]
    assert kinds == [["lstm.0.forward.h"], ["gru.0.forward.h"]]


@pytest.mark.parametrize(("kept_bytes", "kept"), [(0, KEPT), (KEPT_BYTES, MOST_KEPT)])
def test_a_few_models_stay_open_and_more_small_ones(data: Path, tmp_path: Path, kept_bytes: int, kept: int) -> None:
    models = Models(kept_bytes)
    contents = (data / "rnn-RNNtanh-1-ts" / "model.onnx").read_bytes()
    references = []
    for at in range(kept + 1):
        references.append(ModelRef(tmp_path / f"{at}.onnx"))
        references[-1].path.write_bytes(contents)
    runners = [models._runner(model) for model in references]
    for model, runner in list(zip(references, runners, strict=True))[1:]:
        assert models._runner(model) is runner
    assert models._runner(references[0]) is not runners[0]


# Vectors -----------------------------------------------------------------------------------------------------------


def test_vectors_are_the_tables_rows_by_name() -> None:
    runner = Runner.open(reference("words"))
    vectors = runner.vectors()
    table = runner.opened.anatomy.embeddings[0]
    stored = weights(runner)[table.initializer].astype(np.float64)
    assert (len(vectors.words), vectors.width) == stored.shape
    centred = stored - stored.mean(axis=0)
    variance = np.linalg.svd(centred, compute_uv=False) ** 2
    np.testing.assert_allclose(vectors.explained, variance[:2] / variance.sum(), rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.corrcoef(vectors.picture.T)[0, 1]), 0, atol=1e-4)


@pytest.mark.parametrize(
    ("model", "special"), [("words", {"[UNK]"}), ("next-word", {"<|endoftext|>"}),
                           ("masked-word", {"<|endoftext|>", "[MASK]"})]
)  # fmt: skip
def test_rows_that_stand_for_no_text_are_known(model: str, special: set[str]) -> None:
    table = Runner.open(reference(model)).table
    assert {table.words[row] for row in table.special} == special


def test_neighbours_are_those_of_float64() -> None:
    runner = Runner.open(reference("words"))
    stored = weights(runner)[runner.opened.anatomy.embeddings[0].initializer].astype(np.float64)
    unit = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    found = runner.neighbours((100, 2000), count=5)
    for at, row in enumerate(found.ids):
        similarity = unit @ unit[row]
        similarity[row] = -np.inf
        assert found.rows[at].tolist() == np.argsort(-similarity)[:5].tolist()
        np.testing.assert_allclose(found.distances[at], 1 - np.sort(similarity)[::-1][:5], atol=1e-12)


def test_neighbours_of_many_are_those_of_each(lstm: Runner) -> None:
    together = lstm.neighbours(tuple(range(600)), count=3)
    assert together.rows.shape == (600, 3)
    for id_ in (0, 255, 256, 599):
        assert together.rows[id_].tolist() == lstm.neighbours((id_,), count=3).rows[0].tolist()
    assert lstm.neighbours((), count=3).rows.shape == (0, 3)


def test_neighbours_of_what_is_not_there(lstm: Runner) -> None:
    for ids, metric in (((10**9,), "cosine"), ((1,), "taxicab")):
        with pytest.raises(StudioError):
            lstm.neighbours(ids, metric=metric)


@pytest.mark.parametrize(("model", "tokenizer"), [("sentiment-lstm", "next-word"), ("next-word", "sentiment-lstm")])
def test_a_tokenizer_whose_size_does_not_fit_is_doubted(model: str, tokenizer: str) -> None:
    own, others = catalogue.find(model), catalogue.find(tokenizer)
    assert Runner.open(ModelRef(own.path, own.tokenizer)).opened.notes == ()
    (note,) = Runner.open(ModelRef(own.path, others.tokenizer)).opened.notes
    assert "may belong to another model" in note
    assert str(others.tokenizer) in note


def test_a_config_file_that_cannot_be_read_is_said(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes((data / "bert-ts-sdpa" / "model.onnx").read_bytes())
    (tmp_path / "config.json").write_text('{"id2label": ')
    assert any("config.json" in note for note in Runner.open(ModelRef(path)).opened.notes)


def test_scores_whose_scale_is_folded_in_are_recomputed(data: Path) -> None:
    model = ModelRef(data / "bert-ts-sdpa" / "model.onnx")
    runner = Runner.open(model)
    trace = runner.trace(TraceRequest(model, ids=(1, 2, 3)))
    factors = {point.name: point.factor for point in runner.opened.anatomy.points}
    assert factors["blocks.0.attn.raw_scores"] != 1
    recomputed = {name for name, how in trace.provenance.items() if how is Provenance.RECOMPUTED}
    assert recomputed == {name for name, factor in factors.items() if factor != 1}
