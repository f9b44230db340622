"""Each bundled model's card: complete, and its stored figures come out of the shipped files again.

Needs onnxruntime, tokenizers and numpy only: no trainer, no data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer

MODELS = Path(__file__).parents[2] / "models"
SENTIMENT = ["sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer"]
NEXT_WORD = ["next-word", "next-word-shared"]
TOYS = ["toy-rnn", "toy-lstm", "toy-attention"]
NAMES = ["words", "words-counted", *SENTIMENT, *NEXT_WORD, "masked-word", "sentences", *TOYS]
WHOLE = {"sentiment-transformer", "sentences"}  # one row for a text, not one after each token
BESIDE = {"sentences": ["token_vectors"], "masked-word": ["vectors"]}  # what else comes out, where a mask goes in
KINDS = {"word vectors", "sentiment", "next word", "masked word", "sentence vectors", "toy"}
REQUIRED = [
    "title",
    "kind",
    "summary",
    "licence",
    "example_sentences",
    "architecture",
    "data",
    "training",
    "quality",
    "check",
]
WIDTHS = {
    "words": 100,
    "sentences": 100,
    "words-counted": 50,
    **dict.fromkeys(SENTIMENT, 2),
    "toy-rnn": 2,
    "toy-lstm": 2,
    "toy-attention": 3,
}


def read_card(name: str) -> dict[str, Any]:
    return tomllib.loads((MODELS / name / "card.toml").read_text(encoding="utf-8"))


def feeds(session: onnxruntime.InferenceSession, ids: list[list[int]]) -> dict[str, np.ndarray]:
    """The ids, and a mask that hides nothing where one is asked for."""
    given = np.array(ids)
    return {each.name: given if each.name == "input_ids" else np.ones_like(given) for each in session.get_inputs()}


def answer(name: str) -> str:
    """The output that the model is for."""
    return str(read_card(name)["check"][0]["output"])


def checks() -> list[Any]:
    rows = [(name, check) for name in NAMES for check in read_card(name)["check"]]
    return [pytest.param(name, check, id=f"{name}: {check['text']}") for name, check in rows]


@pytest.fixture(scope="module")
def sessions() -> dict[str, onnxruntime.InferenceSession]:
    paths = {name: MODELS / name / "model.onnx" for name in NAMES}
    return {
        name: onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for name, path in paths.items()
    }


@pytest.fixture(scope="module")
def tokenizers() -> dict[str, Tokenizer]:
    return {name: Tokenizer.from_file(str(MODELS / name / "tokenizer.json")) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_card_is_complete(name: str) -> None:
    card = read_card(name)
    assert [key for key in REQUIRED if key not in card] == []
    assert card["kind"] in KINDS
    assert card["licence"] == "MIT"
    assert 3 <= len(card["example_sentences"]) <= 6
    assert len(card["summary"]) > 100
    trained = {"seed", "length", "minutes", "hardware"} if card["kind"] != "toy" else set()
    assert {*trained, "recipe", "date"} <= card["training"].keys()
    for source in card["data"]:
        assert all(source[key] for key in ("name", "source", "licence", "use"))
    for figure in card["quality"]:
        assert isinstance(figure["value"], int | float)
        assert {"name", "unit", "split", "note"} <= figure.keys()
    for failure in card.get("failure", []):
        assert failure["text"]
        assert failure["note"]
    if card["kind"] == "sentiment":
        assert card["labels"] == ["negative", "positive"]
    assert ("max_tokens" in card) == (card["kind"] in ("next word", "masked word", "sentence vectors"))


@pytest.mark.parametrize("name", NAMES)
def test_graph_keeps_the_contract(name: str) -> None:
    model = onnx.load(MODELS / name / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version <= 10
    assert [(opset.domain, opset.version in (17, 18)) for opset in model.opset_import] == [("", True)]
    assert [each.name for each in model.graph.input] == ["input_ids", *["attention_mask"] * (name in BESIDE)]
    for each in model.graph.input:
        assert [axis.dim_param for axis in each.type.tensor_type.shape.dim] == ["batch", "pos"]
    outputs = {each.name: each for each in model.graph.output}
    output = outputs.pop(answer(name))
    assert list(outputs) == BESIDE.get(name, [])
    axes = ["batch"] if name in WHOLE else ["batch", "pos"]
    assert [axis.dim_param for axis in output.type.tensor_type.shape.dim][: len(axes)] == axes
    assert all(weight.name and "::" not in weight.name for weight in model.graph.initializer)


@pytest.mark.parametrize(("name", "check"), checks())
def test_check_is_reproduced(name: str, check: dict[str, Any], sessions, tokenizers) -> None:
    assert tokenizers[name].encode(check["text"]).ids == check["ids"]
    [output] = sessions[name].run([check["output"]], feeds(sessions[name], [check["ids"]]))
    assert output.dtype == np.float32
    assert output.shape[:-1] == ((1,) if name in WHOLE else (1, len(check["ids"])))
    last = output.reshape(-1, output.shape[-1])[-1]
    assert len(check["last"]) == min(8, len(last))
    np.testing.assert_allclose(last[:8], check["last"], rtol=0, atol=check["tolerance"])


@pytest.mark.parametrize("name", NAMES)
def test_examples_hold_known_tokens(name: str, tokenizers) -> None:
    card, tokenizer = read_card(name), tokenizers[name]
    for sentence in card["example_sentences"]:
        encoding = tokenizer.encode(sentence)
        assert encoding.ids
        assert "[UNK]" not in encoding.tokens
        assert len(encoding.ids) <= card.get("max_tokens", len(encoding.ids))


@pytest.mark.parametrize("name", NAMES)
def test_tokenizer_matches_the_graph(name: str, sessions, tokenizers) -> None:
    size = tokenizers[name].get_vocab_size()
    assert size == read_card(name)["architecture"]["vocabulary"]
    [output] = sessions[name].run([answer(name)], feeds(sessions[name], [[0, size - 1], [size - 1, 0]]))
    assert output.shape == (*((2,) if name in WHOLE else (2, 2)), WIDTHS.get(name, size))
    assert np.isfinite(output).all()


@pytest.mark.parametrize("name", NAMES)
def test_unknown_text_does_no_harm(name: str, tokenizers) -> None:
    for text in ("zzyzxq", "日本語", "😀", "שלום", "naïve café"):
        encoding = tokenizers[name].encode(text)
        assert all(0 <= start <= end <= len(text) for start, end in encoding.offsets)


def test_padding_changes_no_sentence_vector(sessions, tokenizers) -> None:
    texts = ("A dog runs", "The dog ran over to the old house")
    short, long = (tokenizers["sentences"].encode(text).ids for text in texts)
    session = sessions["sentences"]
    [alone] = session.run(["sentence_vector"], feeds(session, [short]))
    ids, mask = np.zeros((2, 2, len(long)), np.int64)
    ids[0, : len(short)], mask[0, : len(short)] = short, 1
    ids[1], mask[1] = long, 1
    [together] = session.run(["sentence_vector"], {"input_ids": ids, "attention_mask": mask})
    np.testing.assert_allclose(together[0], alone[0], rtol=0, atol=1e-5)


def test_no_word_of_a_sentence_is_lost(tokenizers) -> None:
    for text in ("zzyzxq", "a café", "skateboarders in 1987", "supercalifragilistic", "o'clock"):
        assert "[UNK]" not in tokenizers["sentences"].encode(text).tokens
