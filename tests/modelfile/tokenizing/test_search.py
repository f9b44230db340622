"""Which file is taken for a model, by where it lies and what else lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizing.search import find_and_open, find_tokenizer, open_tokenizer

WORD_PIECE = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\n"


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WORD_PIECE)


def test_the_file_that_says_most_is_taken(tmp_path: Path) -> None:
    model = tmp_path / "m" / "model.onnx"
    folder = model.parent
    for name in ("vocab.txt", "vocab.json", "spiece.model", "tokenizer.json"):
        touch(folder / name)
        # A vocab.json is of no use without merges.txt.
        assert find_tokenizer(model) == folder / ("vocab.txt" if name == "vocab.json" else name)
    (folder / "tokenizer.json").unlink()
    (folder / "spiece.model").unlink()
    touch(folder / "merges.txt")
    assert find_tokenizer(model) == folder / "vocab.json"


def test_the_nearest_folder_is_taken(tmp_path: Path) -> None:
    model = tmp_path / "m" / "onnx" / "model.onnx"
    for place in ("tokenizer/tokenizer.json", "tokenizer.json", "onnx/tokenizer/vocab.txt", "onnx/vocab.txt"):
        touch(tmp_path / "m" / place)
        assert find_tokenizer(model) == tmp_path / "m" / place


def test_a_folder_or_what_lies_beside_a_vocabulary_stands_for_it(tmp_path: Path) -> None:
    touch(tmp_path / "vocab.txt")
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    for path in (tmp_path, tmp_path / "tokenizer_config.json"):
        assert open_tokenizer(path).path == tmp_path / "vocab.txt"


def test_a_folder_with_settings_alone_has_no_tokenizer(tmp_path: Path) -> None:
    (tmp_path / "special_tokens_map.json").write_text("{}")
    with pytest.raises(TokenizerError, match="no tokenizer in this folder"):
        open_tokenizer(tmp_path / "special_tokens_map.json")
    with pytest.raises(TokenizerError, match="no such tokenizer"):
        open_tokenizer(tmp_path / "merges.txt")


def test_a_broken_file_beside_the_model_is_told_of_and_one_a_folder_up_left_alone(tmp_path: Path) -> None:
    model = tmp_path / "m" / "model.onnx"
    model.parent.mkdir()
    (tmp_path / "vocab.txt").write_text("just\nwords\n")
    assert find_and_open(model) is None
    (model.parent / "vocab.txt").write_text("just\nwords\n")
    with pytest.raises(TokenizerError, match="not a WordPiece vocabulary"):
        find_and_open(model)
    touch(model.parent / "vocab.txt")
    found = find_and_open(model)
    assert found is not None
    assert found.path == model.parent / "vocab.txt"


@pytest.mark.parametrize("name", ["vocab.txt", "vocab.json"])
def test_a_vocabulary_that_is_no_text_is_not_called_something_else(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x02}")
    with pytest.raises(TokenizerError, match="not text in UTF-8"):
        open_tokenizer(tmp_path / name)
