"""vocab.json with merges.txt. Byte-level cutting is held against the tokenizers library set up by hand; the frames
against what transformers 4.57's RobertaTokenizer, GPT2Tokenizer, DebertaTokenizer and CLIPTokenizer put there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import models, pre_tokenizers

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing.search import find_and_open, open_tokenizer

MERGES = (("d", "o"), ("do", "g"), ("Ġ", "dog"), ("t", "h"), ("th", "e"))
ROBERTA = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


def write(folder: Path, special: tuple[str, ...], **settings: Any) -> dict[str, int]:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    entries = [*special, *letters, *(left + right for left, right in MERGES)]
    vocabulary = {entry: id_ for id_, entry in enumerate(entries)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in MERGES)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if settings:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return vocabulary


def found(folder: Path) -> Tokenizer:
    tokenizer = find_and_open(folder / "model.onnx")
    assert tokenizer is not None
    return tokenizer


@pytest.mark.parametrize("text", ["the dog", " naïve  日本 🙂", "\n\tthe dog's 12,000", "שלום नमस्ते"])
@pytest.mark.parametrize("space", [False, True])
def test_bytes_are_cut_as_the_library_does(tmp_path: Path, text: str, space: bool) -> None:
    vocabulary = write(tmp_path, (), tokenizer_class="GPT2Tokenizer", add_prefix_space=space)
    engine = tokenizers.Tokenizer(models.BPE(vocabulary, list(MERGES)))
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=space)
    tokens = found(tmp_path).encode(text)
    assert [token.id for token in tokens] == engine.encode(text).ids
    assert b"".join(_bytes(token.piece) for token in tokens).decode().lstrip(" ") == text.lstrip(" ")


def _bytes(piece: str) -> bytes:
    decoder = tokenizers.decoders.ByteLevel()
    printable: str = decoder.decode([piece])
    return printable.encode() if "\ufffd" not in printable else _raw(piece)


def _raw(piece: str) -> bytes:
    """GPT-2's table, as its encoder.py makes it."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    table = {chr(byte): byte for byte in visible} | {chr(256 + n): byte for n, byte in enumerate(hidden)}
    return bytes(table[letter] for letter in piece)


@pytest.mark.parametrize(
    ("special", "settings", "single", "pair"),
    [
        (ROBERTA, {"tokenizer_class": "RobertaTokenizer"}, "<s> A </s>", "<s> A </s> </s> B </s>"),
        (ROBERTA, {"tokenizer_class": "BartTokenizerFast"}, "<s> A </s>", "<s> A </s> </s> B </s>"),
        (("<|endoftext|>",), {"tokenizer_class": "GPT2Tokenizer"}, "A", "A B"),
        (("</s>",), {"tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "bos_token": "</s>"},
         "</s> A", "</s> A </s> B"),
        (("[CLS]", "[SEP]", "[UNK]"), {"tokenizer_class": "DebertaTokenizer"},
         "[CLS] A [SEP]", "[CLS] A [SEP] B [SEP]"),
    ],
)  # fmt: skip
def test_what_stands_around_a_text(
    tmp_path: Path, special: tuple[str, ...], settings: dict[str, Any], single: str, pair: str
) -> None:
    write(tmp_path, special, **settings)
    tokenizer = found(tmp_path)
    assert tokenizer.notes == ()
    for second, expected in ((None, single), ("the", pair)):
        names = {"dog": "A", "the": "B"}
        assert [names.get(token.piece, token.piece) for token in tokenizer.encode("dog", second)] == expected.split()


def test_without_settings_the_vocabulary_tells_and_a_note_says_so(tmp_path: Path) -> None:
    write(tmp_path, ROBERTA)
    assert [token.piece for token in found(tmp_path).encode("dog")] == ["<s>", "dog", "</s>"]
    assert "RoBERTa" in found(tmp_path).notes[0]
    write(tmp_path, ("<|endoftext|>",))
    assert [token.piece for token in found(tmp_path).encode("dog")] == ["dog"]
    assert "GPT-2" in found(tmp_path).notes[0]


def test_the_architecture_in_config_json_tells_as_well(tmp_path: Path) -> None:
    write(tmp_path, ROBERTA)
    (tmp_path / "config.json").write_text('{"model_type": "roberta"}')
    assert found(tmp_path).notes == ()
    assert found(tmp_path).encode("dog")[0].special


def test_a_mask_takes_the_blank_before_it_along(tmp_path: Path) -> None:
    write(tmp_path, ROBERTA, tokenizer_class="RobertaTokenizer", mask_token="<mask>")
    assert [t.piece for t in found(tmp_path).encode("the <mask> dog")] == ["<s>", "the", "<mask>", "Ġdog", "</s>"]


def test_word_ends_of_the_first_gpt(tmp_path: Path) -> None:
    entries = ["<unk>", "t", "h", "e", "e</w>", "th", "the</w>"]
    (tmp_path / "vocab.json").write_text(json.dumps({entry: id_ for id_, entry in enumerate(entries)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nt h\nth e</w>\n")
    (tmp_path / "config.json").write_text('{"model_type": "openai-gpt"}')
    tokenizer = found(tmp_path)
    tokens = tokenizer.encode("The thé x")
    assert [token.piece for token in tokens] == ["the</w>", "the</w>", "<unk>"]
    assert tokenizer.words()[-1] == "the"
    assert tokens[2].unknown


@pytest.mark.parametrize(
    ("vocabulary", "merges"),
    [("{", "#version\n"), ("[1]", ""), ('{"a": "b"}', ""), ('{"a": 0}', "a b\n"),
     ('{"a": 0, "b": 1}', "one two three\n"), ('{"a": 0}', None)],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_plain_words(tmp_path: Path, vocabulary: str, merges: str | None) -> None:
    path = tmp_path / "vocab.json"
    path.write_text(vocabulary)
    if merges is not None:
        (tmp_path / "merges.txt").write_text(merges)
    with pytest.raises(TokenizerError) as caught:
        open_tokenizer(path)
    assert str(tmp_path) in caught.value.where
    assert caught.value.advice
