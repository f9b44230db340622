"""A word's vectors in several sentences: held against whole traces, in float64, and against PyTorch's hidden states."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from embstudio.base.errors import UnsupportedModelError
from embstudio.modelfile.catalogue import find
from embstudio.session import contexts as contexts_file
from embstudio.session.messages import Contexts, ContextsRequest, ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.session.stop import Cancelled, Stop
from embstudio.trace.word_stages import all_vectors, wanted_points, word_stages
from tests.conftest import ZOO
from tests.zoo.case import ZooCase, zoo_cases

RIVER = "They sat on the bank of the river and watched the fish."
MONEY = "She put all her money in the bank last week."
TWICE = "The Bank is not the bank of a river."
CASES = [case for case in zoo_cases(ZOO) if case.exact and case.steps and case.path.parent.parent.name != "_deployed"]

# transformers 4 leaves the final norm out of this one's hidden states; its last are what leaves the last block.
NORM_LEFT_OUT = "modernbert-opt-tf4"


@lru_cache(maxsize=2)
def opened(name: str) -> Runner:
    source = find(name)
    return Runner.open(ModelRef(source.path, source.tokenizer))


def asked(runner: Runner, *sentences: str, word: str = "bank") -> Contexts:
    found, left = [], list(sentences)
    while left:
        answer = runner.contexts(ContextsRequest(runner.opened.model, word, tuple(left)))
        assert answer.sentences
        found += answer.sentences
        left = left[len(answer.sentences) :]
    return Contexts(answer.model, answer.serial, answer.stages, answer.recurrent, tuple(found))


def whole(runner: Runner, sentence: str) -> dict[str, np.ndarray]:
    trace = runner.trace(TraceRequest(runner.opened.model, text=sentence))
    return {name: array.values.astype(np.float64) for name, array in trace.arrays.items()}


@pytest.mark.parametrize("name", ["masked-word", "next-word", "sentences", "sentiment-transformer"])
def test_vectors_are_those_of_the_trace(name: str) -> None:
    runner = opened(name)
    found = asked(runner, RIVER, TWICE)
    layers = [block.layer for block in runner.opened.anatomy.blocks]
    assert [stage.layer for stage in found.stages if stage.layer is not None] == layers
    assert not found.recurrent
    for sentence in found.sentences:
        trace = whole(runner, sentence.text)
        spelt = [sentence.text[slice(*each.span)].lower() for each in sentence.occurrences]
        assert spelt == ["bank"] * sentence.text.lower().count("bank")
        for stage, vectors in zip(found.stages, sentence.vectors, strict=True):
            (point,) = stage.points
            expected = [trace[point][list(each.places)].mean(axis=0) for each in sentence.occurrences]
            np.testing.assert_allclose(vectors, expected, rtol=1e-6, atol=1e-6)


def test_the_static_vector_is_the_mean_of_the_words_rows_whatever_the_sentence() -> None:
    runner = opened("masked-word")
    found = asked(runner, RIVER, MONEY, TWICE)
    rows = runner.table.vectors.astype(np.float64)
    one, other, (large, small) = (sentence.static for sentence in found.sentences)
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[0], small)
    for sentence in found.sentences:
        expected = [rows[list(each.ids)].mean(axis=0) for each in sentence.occurrences]
        np.testing.assert_allclose(sentence.static, expected, rtol=1e-6, atol=1e-7)
    assert len(found.sentences[2].occurrences[0].ids) == 2  # ‘Bank’ is two tokens to it
    assert not np.allclose(large, small)


def test_the_layers_tell_the_sentences_apart() -> None:
    found = asked(opened("masked-word"), RIVER, MONEY)
    one, other = (np.concatenate(sentence.vectors).astype(np.float64) for sentence in found.sentences)
    gaps = np.linalg.norm(one - other, axis=1) / np.linalg.norm(one, axis=1)
    assert gaps[-1] > 0.3


def test_sums_are_over_all_tokens_but_the_special_ones() -> None:
    runner = opened("sentences")
    trace = runner.trace(TraceRequest(runner.opened.model, text=TWICE))
    own = [place for place, token in enumerate(trace.tokens) if not token.special]
    (sentence,) = asked(runner, TWICE).sentences
    stages = asked(runner, TWICE).stages
    assert sentence.tokens == len(own)
    for stage, total, (units, count) in zip(stages, sentence.sums, sentence.units, strict=True):
        x = trace[stage.points[0]].values[own].astype(np.float64)
        np.testing.assert_allclose(total, x.sum(axis=0), atol=1e-9)
        np.testing.assert_allclose(units, (x / np.linalg.norm(x, axis=1)[:, None]).sum(axis=0), atol=1e-9)
        assert count == len(own)


@pytest.mark.parametrize("name", ["sentiment-lstm", "sentiment-gru", "sentiment-rnn"])
def test_of_recurrent_models_it_is_the_hidden_state(name: str) -> None:
    runner = opened(name)
    found = asked(runner, TWICE)
    (sentence,) = found.sentences
    trace = whole(runner, TWICE)
    assert found.recurrent
    for stage, vectors in zip(found.stages, sentence.vectors, strict=True):
        states = np.concatenate([trace[point] for point in stage.points], axis=1)
        assert stage.points == tuple(f"{name.split('-')[1]}.{stage.layer}.forward.h" for _ in range(1))
        np.testing.assert_allclose(vectors, states[[each.places[0] for each in sentence.occurrences]], atol=1e-6)


def test_a_sentence_without_the_word_and_one_that_is_no_sentence() -> None:
    found = asked(opened("masked-word"), "No such thing.", " ", MONEY)
    without, empty, there = found.sentences
    assert without.occurrences == ()
    assert without.vectors[0].shape == (0, 128)
    assert not without.problem
    assert "no text" in empty.problem
    assert len(there.occurrences) == 1


def test_a_word_behind_the_models_last_place_is_told() -> None:
    (sentence,) = asked(opened("masked-word"), "very " * 80 + "near the bank").sentences
    assert sentence.lost == 1
    assert sentence.occurrences == ()
    assert any("64 of" in note for note in sentence.notes)


def test_a_table_of_words_has_no_contexts() -> None:
    with pytest.raises(UnsupportedModelError, match="whatever its sentence"):
        asked(opened("words"), MONEY)


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["misc-mamba-ts", "misc-fnet-dyn"])
def test_layers_of_an_unknown_kind_are_not_called_a_table(zoo: Path, tmp_path: Path, name: str) -> None:
    runner = with_tokenizer(zoo / "_deployed" / name, tmp_path)
    with pytest.raises(UnsupportedModelError, match="No layers that read the sentence were recognised"):
        asked(runner, "the bank")


def test_what_takes_long_is_handed_over_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts_file, "SLICE_SECONDS", 0.0)
    runner = opened("masked-word")
    answer = runner.contexts(ContextsRequest(runner.opened.model, "bank", (RIVER, MONEY, TWICE), serial=7))
    assert [each.text for each in answer.sentences] == [RIVER]
    assert answer.serial == 7


@pytest.mark.parametrize(
    ("name", "ahead"),
    [("masked-word", True), ("sentences", True), ("next-word", False), ("sentiment-lstm", False)],
)
def test_a_run_tells_whether_a_model_looks_ahead(name: str, ahead: bool) -> None:
    runner = opened(name)
    model = runner.opened.model
    assert runner.contexts(ContextsRequest(model, "bank", (RIVER,), order=True)).looks_ahead is ahead
    assert runner.contexts(ContextsRequest(model, "bank", ("In the bank.",), order=True)).looks_ahead is None
    assert runner.contexts(ContextsRequest(model, "bank", (RIVER,))).looks_ahead is None


def test_nobody_waits_any_more() -> None:
    stop = Stop()
    stop.set()
    runner = opened("masked-word")
    with pytest.raises(Cancelled):
        runner.contexts(ContextsRequest(runner.opened.model, "bank", (RIVER,)), stop)


@pytest.mark.zoo
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_the_stages_are_pytorchs_hidden_states(case: ZooCase) -> None:
    runner = Runner.open(ModelRef(case.path))
    step = case.steps[0]
    points = wanted_points(runner.opened.anatomy.point_names)
    trace = runner.trace(TraceRequest(runner.opened.model, feeds=dict(step.feeds), points=points))
    compared, stages = 0, word_stages(trace)
    if case.name.startswith(NORM_LEFT_OUT):
        stages = stages[:-1]
    for stage in stages:
        (point,) = stage.points
        stack = "encoder." if point.startswith("encoder.") else ""
        entering = f"{stack}blocks.{(stage.layer if stage.layer is not None else -1) + 1}.resid_pre"
        expected = step.stream.get(f"{stack}last" if stage is stages[-1] else entering)
        if expected is not None:
            found = all_vectors(trace, stage, [1, 2]).mean(axis=0)
            np.testing.assert_allclose(found, expected[1:3].astype(np.float64).mean(axis=0), rtol=2e-3, atol=2e-3)
            compared += 1
    assert compared >= 2


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["st-mean-norm", "st-weightedmean-norm", "st-cls", "st5-mean-dense-norm"])
def test_a_tokenizer_beside_a_model_finds_the_word(zoo: Path, name: str) -> None:
    folder = zoo / "_deployed" / name
    runner = Runner.open(ModelRef(next(folder.rglob("model.onnx"))))
    text = str(np.load(folder / "reference.npz")["sentences"][0])
    word = max(text.split(), key=len).strip(".,!?")
    (sentence,) = asked(runner, text, word=word).sentences
    (found,) = sentence.occurrences
    assert text[slice(*found.span)] == word
    trace = whole(runner, text)
    last = asked(runner, text, word=word).stages[-1].points[0]
    np.testing.assert_allclose(sentence.vectors[-1][0], trace[last][list(found.places)].mean(axis=0), atol=1e-5)


WORDS = ["the", "bank", "of", "river", "money", "in", "was", "on", "a", "left", "they", "sat", "put"]
OF_ALL_KINDS = {
    "bart-full-ts-sdpa": True, "t5-full-dyn-sdpa": True, "albert-ts-sdpa": True, "deberta-v2-opt-tf4": True,
    "squeezebert-dyn-eager": True, "modernbert-dyn23-sdpa": True, "gpt2-opt-tf4+O1": False, "llama-dyn-sdpa": False,
    "gptj-ts-eager": False, "bloom-dyn-eager": False, "gpt-oss-dyn-eager": False, "rnn-LSTMCell-1-ts": False,
    "_deployed/opt-past-gpt2": False, "_deployed/opt-merged-gpt2": False, "_deployed/genai-llama-fp32": False,
    "_deployed/opt-s2s-t5-encoder": True, "_deployed/qdq-bert-ts-eager": True, "_deployed/sub-scan-layers": False,
}  # fmt: skip


def with_tokenizer(folder: Path, here: Path) -> Runner:
    """A model of the zoo with a tokenizer that gives each word an id."""
    for file in folder.iterdir():
        if file.is_file() and file.name != "tokenizer.json":
            (here / file.name).symlink_to(file)
    tokenizer = Tokenizer(WordLevel({word: 5 + id_ for id_, word in enumerate(["[UNK]", *WORDS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(here / "tokenizer.json"))
    return Runner.open(ModelRef(here / "model.onnx", here / "tokenizer.json"))


@pytest.mark.zoo
@pytest.mark.parametrize(("name", "ahead"), OF_ALL_KINDS.items())
def test_models_of_all_kinds_tell_a_word_in_its_sentences(zoo: Path, tmp_path: Path, name: str, ahead: bool) -> None:
    runner = with_tokenizer(zoo / name, tmp_path)
    model = runner.opened.model
    sentences = ("they sat on the bank of the river", "the bank was the left bank of a river")
    answer = runner.contexts(ContextsRequest(model, "bank", sentences, order=True))
    assert answer.looks_ahead is ahead
    found = asked(runner, *sentences)
    for sentence in found.sentences:
        words = sentence.text.split()
        places = [place for place, word in enumerate(words) if word == "bank"]
        assert [each.places for each in sentence.occurrences] == [(place,) for place in places]
        ids = tuple(6 + WORDS.index(word) for word in words)
        trace = runner.trace(TraceRequest(model, ids=ids))
        for stage, vectors in zip(found.stages, sentence.vectors, strict=True):
            expected = np.concatenate([trace[point].values for point in stage.points], axis=1)[places]
            np.testing.assert_allclose(vectors, expected, rtol=1e-4, atol=1e-4)
        assert sentence.static is not None
        np.testing.assert_allclose(sentence.static, runner.table.vectors[[ids[place] for place in places]], rtol=1e-5)


@pytest.mark.zoo
def test_states_of_both_directions_stand_side_by_side(zoo: Path) -> None:
    runner = Runner.open(ModelRef(zoo / "_public" / "nnsplit_en_v1.onnx"))
    found = asked(runner, MONEY, f"{MONEY}!")
    sentence, longer = found.sentences
    (occurrence,) = sentence.occurrences
    assert len(occurrence.places) == 4  # it reads bytes, two at a time
    assert "1 padding token was added" in longer.notes[0]
    assert longer.occurrences == sentence.occurrences
    trace = whole(runner, sentence.text)
    assert [stage.points for stage in found.stages] == [
        (f"lstm.{layer}.forward.h", f"lstm.{layer}.reverse.h") for layer in range(3)
    ]
    steps = [place // 2 for place in occurrence.places]
    for stage, vectors in zip(found.stages, sentence.vectors, strict=True):
        both = np.concatenate([trace[point][steps].mean(axis=0) for point in stage.points])
        np.testing.assert_allclose(vectors[0], both, atol=1e-6)
