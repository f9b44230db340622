"""vocab.txt. The expected ids were worked out by transformers 4.57's BertTokenizerFast, MPNetTokenizerFast and
FunnelTokenizerFast on the same vocabulary (in the order of VOCABULARY); here they stand as the pieces of those ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing.search import find_and_open, open_tokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = ("the", "dog", "##s", "cafe", "café", "caf", "##é", "Dog", ",", "日", "本", "##本")


def tokenizer(folder: Path, words: tuple[str, ...] = (*SPECIAL, *WORDS), **settings: Any) -> Tokenizer:
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    if settings:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    found = find_and_open(folder / "model.onnx")
    assert found is not None
    return found


def pieces(tokenizer: Tokenizer, text: str, second: str | None = None) -> list[str]:
    return [token.piece for token in tokenizer.encode(text, second)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"do_lower_case": True}, ["[CLS]", "the", "dog", "##s", ",", "cafe", "日", "本", "[SEP]"]),
        ({"do_lower_case": True, "strip_accents": False},
         ["[CLS]", "the", "dog", "##s", ",", "café", "日", "本", "[SEP]"]),
        ({"do_lower_case": False}, ["[CLS]", "[UNK]", "dog", "##s", ",", "café", "日", "本", "[SEP]"]),
        ({"do_lower_case": True, "tokenize_chinese_chars": False},
         ["[CLS]", "the", "dog", "##s", ",", "cafe", "日", "##本", "[SEP]"]),
    ],
)  # fmt: skip
def test_case_accents_and_chinese_as_the_settings_say(
    tmp_path: Path, settings: dict[str, Any], expected: list[str]
) -> None:
    made = tokenizer(tmp_path, **settings)
    assert pieces(made, "The dogs,  café 日本") == expected
    assert made.kind == "WordPiece"
    assert made.notes == ()
    assert made.unk_id == 1
    assert [t.span for t in made.encode("The dogs")][1:3] == [(0, 3), (4, 7)]


def test_pairs_have_types(tmp_path: Path) -> None:
    tokens = tokenizer(tmp_path, do_lower_case=True).encode("the dog", "dogs")
    assert [token.piece for token in tokens] == ["[CLS]", "the", "dog", "[SEP]", "dog", "##s", "[SEP]"]
    assert [token.segment for token in tokens] == [0, 0, 0, 0, 1, 1, 1]
    assert [token.span for token in tokens] == [None, (0, 3), (4, 7), None, (0, 3), (3, 4), None]
    assert [token.text for token in tokens[4:6]] == ["dog", "s"]


def test_other_families_have_other_frames(tmp_path: Path) -> None:
    funnel = tokenizer(tmp_path, ("<pad>", "<unk>", "<cls>", "<sep>", "the"), tokenizer_class="FunnelTokenizer",
                       unk_token="<unk>", do_lower_case=True)  # fmt: skip
    assert [(t.piece, t.segment) for t in funnel.encode("the")] == [("<cls>", 2), ("the", 0), ("<sep>", 0)]
    # MPNet's vocabulary holds BERT's special tokens as well, and does not use them.
    mpnet = tokenizer(tmp_path, ("<s>", "<pad>", "</s>", "<unk>", *SPECIAL, "the"), tokenizer_class="MPNetTokenizer",
                      do_lower_case=True)  # fmt: skip
    assert pieces(mpnet, "the", "the") == ["<s>", "the", "</s>", "</s>", "the", "</s>"]
    assert [t.piece for t in mpnet.encode("cat") if t.unknown] == ["[UNK]"]


def test_special_tokens_inside_a_text_stay_whole(tmp_path: Path) -> None:
    made = tokenizer(tmp_path, do_lower_case=True)
    assert pieces(made, "the [MASK] dog") == ["[CLS]", "the", "[MASK]", "dog", "[SEP]"]


def test_added_tokens_have_the_ids_that_are_stated(tmp_path: Path) -> None:
    (tmp_path / "added_tokens.json").write_text('{"[NEW]": 40}')
    made = tokenizer(tmp_path, do_lower_case=True)
    assert [t.id for t in made.encode("the [NEW]")] == [2, 5, 40, 3]
    assert made.size == 41
    assert made.words()[39] == "<39>"


def test_without_settings_the_vocabulary_tells_the_case_and_a_note_says_so(tmp_path: Path) -> None:
    cased = tokenizer(tmp_path)
    assert pieces(cased, "Dog") == ["[CLS]", "Dog", "[SEP]"]
    assert "capitals are kept" in cased.notes[0]
    uncased = tokenizer(tmp_path, (*SPECIAL, "the", "dog"))
    assert pieces(uncased, "Dog") == ["[CLS]", "dog", "[SEP]"]
    assert "small letters" in uncased.notes[0]


def test_windows_line_ends_and_odd_entries(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n\u2028\r\nthe\r\n".encode())
    assert open_tokenizer(path).piece(5) == "the"


@pytest.mark.parametrize("contents", [b"", b"one\ntwo\n", b"\xff\xfe\x00"])
def test_another_list_of_words_is_refused(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(contents)
    with pytest.raises(TokenizerError) as caught:
        open_tokenizer(path)
    assert caught.value.where == str(path)
    assert caught.value.advice


def test_broken_settings_are_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text("{")
    with pytest.raises(TokenizerError, match="could not be read") as caught:
        tokenizer(tmp_path)
    assert "tokenizer_config.json" in caught.value.where


@pytest.mark.zoo
def test_the_same_tokens_as_from_tokenizer_json(zoo: Path) -> None:
    folder = zoo / "_deployed" / "st5-mean-dense-norm"
    new, old = open_tokenizer(folder / "tokenizer.json"), open_tokenizer(folder / "vocab.txt")
    for text in ("The cat sat on the mat.", "Ünïcode 日本 [MASK] a", "wholly unheard-of 🙂"):
        assert new.encode(text) == old.encode(text)
        assert new.encode(text, "Rain") == old.encode(text, "Rain")


def test_a_tokenizer_that_is_not_known_is_named(tmp_path: Path) -> None:
    made = tokenizer(tmp_path, tokenizer_class="BertJapaneseTokenizer", do_lower_case=False)
    assert "bertjapanese" in made.doubts[0]
