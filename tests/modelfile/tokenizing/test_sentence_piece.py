"""SentencePiece models, trained here on a few sentences. Ids are held against SentencePiece's own; how the families
shift and frame them, against what transformers 4.57's slow tokenizers return for models trained in the same way
(their numbers are repeated here as the rule they follow: fairseq's four tokens in front, and so on)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sentencepiece

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing.search import find_and_open, open_tokenizer

SENTENCES = ("the dog was cute", "the cat sat on the mat", "naïve café fine", "日本語のテキスト", "Hello world") * 20
TEXTS = ("the dog", "  two   blanks ", "naïve ﬁne ½ 日本 🙂", "ΑΣ שלום नमस्ते", "a\tb\nc", "zzz" * 40)
T5_LIKE = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}

Trained = tuple[Tokenizer, sentencepiece.SentencePieceProcessor]
Make = Callable[..., Trained]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """make(settings, **training): a tokenizer opened from a folder with these settings, and SentencePiece itself."""

    def made(settings: dict[str, Any] | None = None, name: str = "spiece.model", **training: Any) -> Trained:
        out = io.BytesIO()
        options = {"vocab_size": 90, "hard_vocab_limit": False, "minloglevel": 2, "model_type": "unigram", **training}
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(SENTENCES), model_writer=out, **options)
        (tmp_path / name).write_bytes(out.getvalue())
        if settings is not None:
            (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
        tokenizer = find_and_open(tmp_path / "model.onnx")
        assert tokenizer is not None
        return tokenizer, sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())

    return made


def ids(tokenizer: Tokenizer, text: str, second: str | None = None) -> list[int]:
    return [token.id for token in tokenizer.encode(text, second)]


@pytest.mark.parametrize("text", TEXTS)
def test_t5_ends_each_text(make: Make, text: str) -> None:
    tokenizer, own = make({"tokenizer_class": "T5Tokenizer"}, **T5_LIKE)
    assert tokenizer.notes == ()
    assert ids(tokenizer, text) == [*own.encode(text), 1]
    assert ids(tokenizer, text, "the dog") == [*own.encode(text), 1, *own.encode("the dog"), 1]
    for token in tokenizer.encode(text):
        assert token.unknown == (token.id == 2)
        assert token.span is None or 0 <= token.span[0] < token.span[1] <= len(text)


def test_places_left_out_are_numbered_from_the_end(make: Make) -> None:
    tokenizer, own = make({"tokenizer_class": "T5Tokenizer", "extra_ids": 100}, **T5_LIKE)
    size = own.get_piece_size()
    assert tokenizer.size == size + 100
    assert ids(tokenizer, "the <extra_id_0> cat") == [*own.encode("the"), size + 99, *own.encode("cat"), 1]
    assert tokenizer.words()[size] == "<extra_id_99>"


@pytest.mark.parametrize("text", TEXTS)
def test_llama_begins_each_text_and_falls_back_on_bytes(make: Make, text: str) -> None:
    training = {"model_type": "bpe", "byte_fallback": True, "vocab_size": 350, "normalization_rule_name": "identity"}
    tokenizer, own = make({"tokenizer_class": "LlamaTokenizer"}, "tokenizer.model", **training)
    assert ids(tokenizer, text) == [1, *own.encode(text)]
    assert ids(tokenizer, text, "the") == [1, *own.encode(text), 1, *own.encode("the")]


def test_parts_of_a_character_show_their_turn(make: Make) -> None:
    training = {"model_type": "bpe", "byte_fallback": True, "vocab_size": 350}
    tokenizer, _ = make({"tokenizer_class": "LlamaTokenizer"}, **training)
    tokens = tokenizer.encode("a 🙂")[-4:]
    assert [token.text for token in tokens] == ["🙂[1/4]", "🙂[2/4]", "🙂[3/4]", "🙂[4/4]"]
    assert [token.piece for token in tokens] == ["<0xF0>", "<0x9F>", "<0x99>", "<0x82>"]
    assert {token.span for token in tokens} == {(2, 3)}


@pytest.mark.parametrize("text", TEXTS)
def test_xlm_roberta_moves_all_by_one(make: Make, text: str) -> None:
    tokenizer, own = make({"tokenizer_class": "XLMRobertaTokenizer"}, "sentencepiece.bpe.model")
    moved = [3 if number == 0 else number + 1 for number in own.encode(text)]
    assert ids(tokenizer, text) == [0, *moved, 2]
    assert ids(tokenizer, text, text) == [0, *moved, 2, 2, *moved, 2]
    assert tokenizer.words()[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert tokenizer.words()[own.get_piece_size() + 1] == "<mask>"
    assert tokenizer.unk_id == 3


def test_camembert_and_mbart_move_and_frame_in_their_ways(make: Make) -> None:
    tokenizer, own = make({"tokenizer_class": "CamembertTokenizer"})
    assert ids(tokenizer, "the dog") == [5, *(number + 4 for number in own.encode("the dog")), 6]
    tokenizer, own = make({"tokenizer_class": "MBartTokenizer", "src_lang": "de_DE"})
    german = own.get_piece_size() + 1 + 2  # the third of its languages
    assert ids(tokenizer, "the dog") == [*(number + 1 for number in own.encode("the dog")), 2, german]
    assert tokenizer.piece(german) == "de_DE"


def test_albert_and_xlnet_change_the_text_and_keep_the_places(make: Make) -> None:
    symbols = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1, "control_symbols": ["[CLS]", "[SEP]"]}
    tokenizer, own = make({"tokenizer_class": "AlbertTokenizer"}, **symbols)
    cls, sep = own.piece_to_id("[CLS]"), own.piece_to_id("[SEP]")
    assert ids(tokenizer, "  The   NAÏVE ") == [cls, *own.encode("the naive"), sep]
    tokens = tokenizer.encode("  The   DOG ")
    assert "".join(token.text for token in tokens if token.span).replace("␣", "") == "TheDOG"
    symbols = {"control_symbols": ["<cls>", "<sep>"]}
    tokenizer, own = make({"tokenizer_class": "XLNetTokenizer"}, **symbols)
    cls, sep = own.piece_to_id("<cls>"), own.piece_to_id("<sep>")
    first, other = own.encode("Hello"), own.encode("dog")
    assert ids(tokenizer, "Hello", "dog") == [*first, sep, *other, sep, cls]
    segments = [token.segment for token in tokenizer.encode("Hello", "dog")]
    assert segments == [0] * (len(first) + 1) + [1] * (len(other) + 1) + [2]


def test_marian_takes_its_ids_from_a_table(make: Make, tmp_path: Path) -> None:
    table = {"</s>": 0, "<unk>": 1, "▁the": 2, "▁": 3, "d": 4, "o": 5, "g": 6, "▁do": 7}
    (tmp_path / "vocab.json").write_text(json.dumps(table), encoding="utf-8")
    tokenizer, own = make({"tokenizer_class": "MarianTokenizer"}, "source.spm")
    expected = [table.get(piece, 1) for piece in own.encode("the dog", return_type=str)]
    assert ids(tokenizer, "the dog") == [*expected, 0]


def test_without_settings_the_file_tells_and_a_note_says_so(make: Make) -> None:
    tokenizer, own = make(None, **T5_LIKE)
    assert ids(tokenizer, "the dog") == [*own.encode("the dog"), 1]
    assert "as in T5" in tokenizer.notes[0]
    tokenizer, own = make(None)
    assert ids(tokenizer, "the dog") == [1, *own.encode("the dog")]
    assert "as in Llama" in tokenizer.notes[0]


def test_ids_without_a_text(make: Make) -> None:
    tokenizer, own = make({"tokenizer_class": "T5Tokenizer", "extra_ids": 0}, **T5_LIKE)
    size = own.get_piece_size()
    tokens = tokenizer.tokens([1, own.piece_to_id("▁"), size + 7])
    assert [token.text for token in tokens] == ["</s>", "␣", f"<{size + 7}>"]
    assert tokens[0].special
    with pytest.raises(KeyError):
        tokenizer.piece(size + 7)


@pytest.mark.parametrize("contents", [b"", b"hello world", b"\x0a\x03abc", b"\xff" * 40, b"IQ== 0\nIg== 1\n"])
def test_what_is_no_model_is_refused_in_plain_words(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(contents)
    with pytest.raises(TokenizerError, match="not a SentencePiece model") as caught:
        open_tokenizer(path)
    assert caught.value.where == str(path)
