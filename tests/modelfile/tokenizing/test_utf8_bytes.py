"""Bytes as ids, against Python's own encoding; ByT5's numbers are those of transformers' ByT5Tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.modelfile.tokenizing.search import find_and_open
from embstudio.modelfile.tokenizing.utf8_bytes import BYT5, ByteTokenizer

TEXTS = ("the dog", "naïve 日本 🙂\n", "", "\x00\x7f")


@pytest.mark.parametrize("text", TEXTS)
def test_ids_are_the_bytes(text: str) -> None:
    tokenizer = ByteTokenizer(Path("model.onnx"))
    tokens = tokenizer.encode(text)
    assert bytes(token.id for token in tokens) == text.encode()
    assert all(text[slice(*token.span)].encode().find(bytes([token.id])) >= 0 for token in tokens if token.span)
    assert tokenizer.size == 256


@pytest.mark.parametrize("text", TEXTS)
def test_byt5_has_three_special_tokens_before_the_bytes_and_an_end(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "ByT5Tokenizer"}')
    tokenizer = find_and_open(tmp_path / "model.onnx")
    assert tokenizer is not None
    assert tokenizer.notes == ()
    assert tokenizer.size == 384
    assert [token.id for token in tokenizer.encode(text)] == [*(byte + 3 for byte in text.encode()), 1]
    assert [token.id for token in tokenizer.encode(text, text)] == 2 * [*(byte + 3 for byte in text.encode()), 1]
    assert [token.id for token in tokenizer.encode("a<extra_id_3>")] == [100, 262, 1]


def test_what_is_shown() -> None:
    tokenizer = ByteTokenizer(Path("x"), BYT5)
    assert [token.text for token in tokenizer.encode("a é")] == ["a", "␣", "é[1/2]", "é[2/2]", "</s>"]
    assert [token.text for token in tokenizer.tokens([1, 100, 35, 13, 230, 384])] == [
        "</s>", "a", "␣", "⏎", "<0xE3>", "<384>",
    ]  # fmt: skip
    assert tokenizer.piece(100) == "<0x61>"
    with pytest.raises(KeyError):
        tokenizer.piece(384)


def test_perceiver_has_six_special_tokens_and_a_frame(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "PerceiverTokenizer"}')
    tokenizer = find_and_open(tmp_path / "model.onnx")
    assert tokenizer is not None
    assert [token.id for token in tokenizer.encode("aé")] == [4, 103, 201, 175, 5]
    assert [token.id for token in tokenizer.encode("a", "[MASK]")] == [4, 103, 5, 3, 5]
    assert tokenizer.size == 262
