"""Tokens, spans and words, against the sentence itself and against the tokenizers library's own decoding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import decoders, models, pre_tokenizers, processors

from embstudio.base.errors import InputError, TokenizerError
from embstudio.modelfile.tokenizing.search import find_and_open, find_tokenizer, open_tokenizer


def byte_level(path: Path) -> Path:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: id_ for id_, letter in enumerate(letters)}
    merges = [("d", "o"), ("do", "g"), ("Ġ", "dog"), ("t", "h"), ("th", "e")]
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    engine = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    engine.decoder = decoders.ByteLevel()
    engine.save(str(path))
    return path


def word_piece(path: Path, **extra: Any) -> Path:
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "the": 4, "dog": 5, "##s": 6, "bark": 9}
    engine = tokenizers.Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    engine.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    engine.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    if extra.get("cut"):
        engine.enable_truncation(4)
        engine.enable_padding(length=4)
    engine.save(str(path))
    return path


def test_word_piece(tmp_path: Path) -> None:
    tokenizer = open_tokenizer(word_piece(tmp_path / "tokenizer.json"))
    tokens = tokenizer.encode("the  dogs 🙂")
    assert [token.text for token in tokens] == ["[CLS]", "the", "dog", "s", "🙂", "[SEP]"]
    assert [token.piece for token in tokens] == ["[CLS]", "the", "dog", "##s", "[UNK]", "[SEP]"]
    assert [token.span for token in tokens] == [None, (0, 3), (5, 8), (8, 9), (10, 11), None]
    assert [token.special for token in tokens] == [True, False, False, False, False, True]
    assert [token.unknown for token in tokens] == [False, False, False, False, True, False]
    assert tokenizer.kind == "WordPiece"
    assert tokenizer.unk_id == 1
    assert tokenizer.words() == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "dog", "##s", "<7>", "<8>", "bark"]
    assert tokenizer.size == 10
    assert tokenizer.piece(6) == "##s"
    with pytest.raises(KeyError):
        tokenizer.piece(7)


def test_a_word_that_the_vocabulary_has_nothing_for_is_named(tmp_path: Path) -> None:
    engine = tokenizers.Tokenizer(models.WordLevel({"the": 0, "cat": 1}, unk_token="[UNK]"))
    engine.pre_tokenizer = pre_tokenizers.Whitespace()
    engine.save(str(tmp_path / "tokenizer.json"))
    tokenizer = open_tokenizer(tmp_path / "tokenizer.json")
    assert [token.id for token in tokenizer.encode("the cat")] == [0, 1]
    with pytest.raises(InputError, match=r"no token for what it does not know. \('dog'\) Leave such words out") as said:
        tokenizer.encode("the cat dog")
    assert "UNK" in said.value.detail
    with pytest.raises(InputError, match="'dog'"):
        tokenizer.encode("the", "dog")


def test_empty_text_has_only_the_added_tokens(tmp_path: Path) -> None:
    assert [t.text for t in open_tokenizer(word_piece(tmp_path / "w.json")).encode("")] == ["[CLS]", "[SEP]"]
    assert open_tokenizer(byte_level(tmp_path / "b.json")).encode("") == ()


def test_cutting_and_padding_are_switched_off_and_said(tmp_path: Path) -> None:
    tokenizer = open_tokenizer(word_piece(tmp_path / "tokenizer.json", cut=True))
    assert len(tokenizer.encode("the dog the dog the dog")) == 8
    assert len(tokenizer.encode("the")) == 3
    assert "4 tokens" in tokenizer.notes[0]
    assert "pad" in tokenizer.notes[1]


def test_byte_level_shows_spaces_and_parts_of_characters(tmp_path: Path) -> None:
    tokenizer = open_tokenizer(byte_level(tmp_path / "tokenizer.json"))
    text = "the dog\n 🙂"
    tokens = tokenizer.encode(text)
    assert [t.text for t in tokens] == ["the", "dog", "⏎", "␣", "🙂[1/4]", "🙂[2/4]", "🙂[3/4]", "🙂[4/4]"]
    assert tokens[1].piece == "Ġdog"
    covered = sorted({index for token in tokens if token.span for index in range(*token.span)})
    assert covered in ([0, 1, 2, *range(3, len(text))], [0, 1, 2, *range(4, len(text))])
    words = tokenizer.words()
    assert words[tokens[1].id] == " dog"
    assert words[tokens[4].id] == "<0xF0>"


def test_words_of_byte_level_are_what_the_library_decodes(tmp_path: Path) -> None:
    path = byte_level(tmp_path / "tokenizer.json")
    engine = tokenizers.Tokenizer.from_file(str(path))
    for id_, word in enumerate(open_tokenizer(path).words()):
        decoded = engine.decode([id_])
        if decoded.isprintable() and decoded.strip() and "\ufffd" not in decoded:
            assert word == decoded


@pytest.mark.parametrize(
    "text", ["שלום עולם", "مرحبا بالعالم", "🙂👩‍👩‍👧‍👦", "a\u0301\u0000b", "\ud83d lone", "x " * 10_000]
)
def test_spans_stay_within_any_text(tmp_path: Path, text: str) -> None:
    for path in (word_piece(tmp_path / "w.json"), byte_level(tmp_path / "b.json")):
        tokens = open_tokenizer(path).encode(text)
        assert tokens
        spans = [token.span for token in tokens if token.span]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert spans == sorted(spans)
        assert all(token.text for token in tokens)


def test_ids_without_a_text(tmp_path: Path) -> None:
    tokens = open_tokenizer(word_piece(tmp_path / "tokenizer.json")).tokens([2, 5, 7, 1, 99])
    assert [token.text for token in tokens] == ["[CLS]", "dog", "<7>", "[UNK]", "<99>"]
    assert tokens[0].special
    assert tokens[3].unknown
    assert all(token.span is None for token in tokens)


@pytest.mark.parametrize(
    "contents",
    [b"", b"hello", b"\xff\xfe\x00", b"[1, 2]", b'{"model": 3}', b'{"model": {"type": "Riddle"}}', b"[" * 100_000],
)
def test_what_is_no_tokenizer_is_refused_in_plain_words(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(contents)
    with pytest.raises(TokenizerError, match=r"not a tokenizer\.json") as caught:
        open_tokenizer(path)
    assert caught.value.where == str(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="no such tokenizer"):
        open_tokenizer(tmp_path / "none.json")
    with pytest.raises(TokenizerError, match="no tokenizer in this folder"):
        open_tokenizer(tmp_path)


def test_is_found_beside_the_model_or_one_folder_up(tmp_path: Path) -> None:
    (tmp_path / "m" / "onnx").mkdir(parents=True)
    above, inside = tmp_path / "m" / "model.onnx", tmp_path / "m" / "onnx" / "model.onnx"
    assert find_tokenizer(above) is None
    path = word_piece(tmp_path / "m" / "tokenizer.json")
    assert find_tokenizer(above) == find_tokenizer(inside) == path
    found = find_and_open(inside)
    assert found is not None
    assert found.path == path
    assert find_and_open(tmp_path / "elsewhere" / "onnx" / "model.onnx") is None


def test_sentence_pieces_read_with_their_space(tmp_path: Path) -> None:
    vocabulary = [("<unk>", 0.0), ("▁the", -1.0), ("▁dog", -1.0), ("s", -2.0), ("▁", -3.0)]
    engine = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=0))
    engine.pre_tokenizer = pre_tokenizers.Metaspace()
    path = tmp_path / "tokenizer.json"
    engine.save(str(path))
    assert json.loads(path.read_text(encoding="utf-8"))["model"]["type"] == "Unigram"
    tokenizer = open_tokenizer(path)
    assert [token.text for token in tokenizer.encode("the dogs")] == ["the", "dog", "s"]
    assert tokenizer.words() == ["<unk>", " the", " dog", "s", "␣"]
    assert tokenizer.unk_id == 0
