"""Vectors of many texts: against onnxruntime running each by itself, numpy, and sentence-transformers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.modelfile import catalogue
from embstudio.session.messages import EmbedRequest, ModelRef, Pooling, TraceRequest
from embstudio.session.runner import Runner
from embstudio.session.text_vectors.way import Way
from tests.session.text_vectors.conftest import TABLE, ids_of

TEXTS = (
    "A man is slicing a tomato.",
    "The dog",
    "Stocks fell sharply on Monday " * 40,
    "zzyzxq skateboarders in 1987",
    "The children are playing in the garden, and it is late.",
    "The dog",
    "日本語",
)
MADE_HERE = ("the water boils .", "a man", "one two three four", "five", "a tomato", "garden and man in water")


def bundled(name: str) -> ModelRef:
    source = catalogue.find(name)
    return ModelRef(source.path, source.tokenizer)


def alone(model: ModelRef, text: str, limit: int) -> np.ndarray:
    """What onnxruntime makes of one text, by the file as it is."""
    session = onnxruntime.InferenceSession(str(model.path), providers=["CPUExecutionProvider"])
    ids = np.array([Tokenizer.from_file(str(model.tokenizer)).encode(text).ids[:limit]], np.int64)
    vector = session.run(["sentence_vector"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    return np.asarray(vector[0])


def test_vectors_are_those_of_each_text_by_itself_in_order() -> None:
    model = bundled("sentences")
    answer = Runner.open(model).embed(EmbedRequest(model, TEXTS, batch=4, key=7))
    assert answer.key == 7
    assert answer.way == Way.PADDED
    assert answer.limit == 128
    assert answer.tokens[2] > 128
    assert list(answer.tokens[[1, 5]]) == [2, 2]
    for text, vector in zip(TEXTS, answer.vectors, strict=True):
        assert np.abs(vector - alone(model, text, 128)).max() < 1e-5
    assert answer.vectors.dtype == np.float32


def test_one_text_is_the_point_of_its_trace() -> None:
    model = bundled("sentences")
    runner = Runner.open(model)
    answer = runner.embed(EmbedRequest(model, TEXTS[:1]))
    assert np.array_equal(answer.vectors[0], runner.trace(TraceRequest(model, text=TEXTS[0]))["pooled"].values)


def test_a_text_without_words_has_no_vector() -> None:
    model = bundled("sentences")
    answer = Runner.open(model).embed(EmbedRequest(model, ("The dog", " \t", "A cat")))
    assert list(answer.tokens) == [2, 0, 2]
    assert np.isnan(answer.vectors).all(axis=1).tolist() == [False, True, False]


def test_a_model_that_takes_padding_for_words_is_given_texts_of_one_length(plain_mean: Path) -> None:
    model = ModelRef(plain_mean)
    answer = Runner.open(model).embed(EmbedRequest(model, MADE_HERE))
    assert answer.way == Way.SAME_LENGTH
    expected = np.array([TABLE[ids_of(text)].mean(axis=0) for text in MADE_HERE])
    assert answer.vectors == pytest.approx(expected, abs=1e-6)


def test_a_model_that_mixes_texts_is_given_one_at_a_time(less_the_others: Path) -> None:
    model = ModelRef(less_the_others)
    answer = Runner.open(model).embed(EmbedRequest(model, MADE_HERE))
    assert answer.way == Way.ALONE
    expected = np.array([TABLE[ids_of(text)].mean(axis=0) for text in MADE_HERE])
    assert answer.vectors == pytest.approx(expected, abs=1e-6)


def test_a_model_with_nothing_but_a_vector_is_taken(tmp_path: Path) -> None:
    bundled_one = bundled("sentences")
    proto = onnx.load(bundled_one.path)
    kept = [info for info in proto.graph.output if info.name == "sentence_vector"]
    del proto.graph.output[:]
    proto.graph.output.extend(kept)
    onnx.save(proto, tmp_path / "model.onnx")
    model = ModelRef(tmp_path / "model.onnx", bundled_one.tokenizer)
    answer = Runner.open(model).embed(EmbedRequest(model, TEXTS[:2]))
    assert answer.steps == ("the model's own output sentence_vector",)
    for text, vector in zip(TEXTS, answer.vectors, strict=False):
        assert np.abs(vector - alone(bundled_one, text, 128)).max() < 1e-5


def test_a_way_of_pooling_is_met_and_said() -> None:
    model = bundled("sentences")
    runner, pooling = Runner.open(model), Pooling("mean", normalise=True)
    answer = runner.embed(EmbedRequest(model, TEXTS[:2], pooling=pooling))
    assert answer.steps == ("mean of the tokens' vectors", "made length 1")
    trace = runner.trace(TraceRequest(model, text=TEXTS[0], pooling=pooling))
    assert answer.vectors[0] == pytest.approx(trace["pooled"].values, abs=1e-5)
    with pytest.raises(InputError, match="no such pooling"):
        runner.embed(EmbedRequest(model, TEXTS, pooling=Pooling("median")))


@pytest.mark.parametrize(("name", "advice"), [("sentiment-transformer", "sentences"), ("words", "--pooling")])
def test_a_model_without_a_vector_of_texts_is_refused(name: str, advice: str) -> None:
    model = bundled(name)
    with pytest.raises(UnsupportedModelError, match="no vector of a whole text") as caught:
        Runner.open(model).embed(EmbedRequest(model, TEXTS))
    assert advice in caught.value.advice


def test_a_model_without_a_tokenizer_is_refused(plain_mean: Path) -> None:
    (plain_mean.parent / "tokenizer.json").unlink()
    model = ModelRef(plain_mean)
    with pytest.raises(InputError, match="no tokenizer"):
        Runner.open(model).embed(EmbedRequest(model, MADE_HERE))


def test_the_digest_is_of_the_contents_and_not_of_the_place(plain_mean: Path, tmp_path: Path) -> None:
    def digest(path: Path) -> str:
        model = ModelRef(path)
        return Runner.open(model).embed(EmbedRequest(model, (), digest=True)).digest

    first, elsewhere = digest(plain_mean), tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (elsewhere / name).write_bytes((tmp_path / name).read_bytes())
    assert digest(elsewhere / "model.onnx") == first
    tokenizer = elsewhere / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text().replace('"five"', '"fives"'))
    assert digest(elsewhere / "model.onnx") != first


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["st-cls", "st-mean-norm", "st-weightedmean-norm", "st5-mean-dense-norm"])
def test_batches_are_what_sentence_transformers_computed(zoo: Path, name: str) -> None:
    model = ModelRef(zoo / "_deployed" / name / "model.onnx")
    with np.load(model.path.parent / "reference.npz") as stored:
        sentences, expected = tuple(map(str, stored["sentences"])), stored["embeddings"]
    answer = Runner.open(model).embed(EmbedRequest(model, sentences))
    assert answer.way == Way.PADDED
    assert np.abs(answer.vectors - expected).max() < 1e-5


@pytest.mark.zoo
def test_where_positions_begin_later_texts_are_cut_to_what_runs(zoo: Path, plain_mean: Path) -> None:
    """RoBERTa's table of 80 positions has two rows that stand for none."""
    model = ModelRef(zoo / "roberta-opt-tf4" / "model.onnx", plain_mean.parent / "tokenizer.json")
    answer = Runner.open(model).embed(EmbedRequest(model, ("one two " * 50, "three"), pooling=Pooling("mean")))
    assert answer.limit == 78
    assert np.isfinite(answer.vectors).all()


def test_a_tokenizer_that_knows_no_english_is_tried_out_with_drawn_ids(less_the_others: Path) -> None:
    tokenizer = Tokenizer(models.BPE({"в": 3, "к": 5, "д": 9}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(less_the_others.parent / "tokenizer.json"))
    model = ModelRef(less_the_others)
    answer = Runner.open(model).embed(EmbedRequest(model, ("в к", "д", "water", "в д")))
    assert answer.way == Way.ALONE
    assert answer.tokens.tolist() == [2, 1, 0, 2]
    assert answer.vectors[[0, 3]] == pytest.approx(np.array([(TABLE[3] + TABLE[5]) / 2, (TABLE[3] + TABLE[9]) / 2]))
