"""The bundled models, held against what their cards say of them."""

from __future__ import annotations

import pytest

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.reader import read
from embstudio.modelfile.catalogue import ModelSource, bundled
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.tokenizing.search import open_tokenizer
from embstudio.trace.points import parse

SOURCES = {source.name: source for source in bundled()}


def opened(name: str) -> tuple[ModelSource, Anatomy]:
    return SOURCES[name], read(ModelFile(SOURCES[name].path).graph)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_whatever_is_bundled_is_recognised_in_full(name: str) -> None:
    source, anatomy = opened(name)
    assert anatomy.unrecognised == ()
    assert "other" not in anatomy.parameters
    for point in anatomy.points:
        assert parse(point.name).kind.axes == point.axes or point.name == "logits"
    tokenizer = open_tokenizer(source.path.with_name("tokenizer.json"))
    assert tokenizer.size == anatomy.embeddings[0].rows


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_ids_of_the_checks_are_the_tokenizer_s(name: str) -> None:
    source, _ = opened(name)
    assert source.card is not None
    tokenizer = open_tokenizer(source.path.with_name("tokenizer.json"))
    for check in source.card.checks:
        assert tuple(token.id for token in tokenizer.encode(check.text)) == check.ids


@pytest.mark.parametrize(("name", "kind"), [("sentiment-lstm", "lstm"), ("sentiment-rnn", "rnn")])
def test_sentiment(name: str, kind: str) -> None:
    source, anatomy = opened(name)
    assert anatomy.kind == kind
    assert [(layer.kind, layer.units) for layer in anatomy.recurrent] == [(kind, 64)]
    assert anatomy.head is not None
    assert source.card is not None
    assert (anatomy.head.kind, anatomy.head.width) == ("classes per token", len(source.card.labels))


def test_next_word() -> None:
    source, anatomy = opened("next-word")
    assert source.card is not None
    stated = source.card.architecture
    assert len(anatomy.blocks) == stated["layers"]
    assert {block.attention[0].heads for block in anatomy.blocks} == {stated["heads"]}
    assert anatomy.head is not None
    assert (anatomy.head.kind, anatomy.head.width) == ("next word", stated["vocabulary"])
    assert anatomy.max_positions == source.card.max_tokens
    for layer in range(len(anatomy.blocks)):
        for part in ("resid_pre", "attn.q", "attn.pattern", "attn.out", "resid_mid", "mlp.out", "resid_post"):
            assert f"blocks.{layer}.{part}" in anatomy.point_names


def test_words() -> None:
    source, anatomy = opened("words")
    assert anatomy.kind == "embedding table"
    assert source.card is not None
    assert anatomy.embeddings[0].rows == source.card.architecture["vocabulary"]
