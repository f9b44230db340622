"""Models written with their tokenizer, over nothing that is another model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.base.errors import VectorFileError
from embstudio.session.model_folder import write_model

OWN, OTHER = {"tokenizer.json": {"words": ["a"]}}, {"tokenizer.json": {"words": ["b"]}}


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_another_models_tokenizer_stays(tmp_path: Path) -> None:
    write_model(tmp_path / "one.onnx", b"1", OWN)
    before = files(tmp_path)
    assert before == {"one.onnx": b"1", "tokenizer.json": b'{"words": ["a"]}'}
    with pytest.raises(VectorFileError, match="another model may need it"):
        write_model(tmp_path / "two.onnx", b"2", OTHER)
    assert files(tmp_path) == before
    (tmp_path / "tokenizer.json").write_bytes(b"not JSON")
    with pytest.raises(VectorFileError, match="a folder of its own"):
        write_model(tmp_path / "two.onnx", b"2", OTHER)


def test_a_model_that_is_replaced_takes_its_tokenizer_with_it(tmp_path: Path) -> None:
    write_model(tmp_path / "one.onnx", b"1", OWN)
    write_model(tmp_path / "one.onnx", b"2", OTHER)
    assert files(tmp_path) == {"one.onnx": b"2", "tokenizer.json": b'{"words": ["b"]}'}
    write_model(tmp_path / "two.onnx", b"3", OTHER)  # which needs the same
    with pytest.raises(VectorFileError, match="another model may need it"):
        write_model(tmp_path / "one.onnx", b"1", OWN)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VectorFileError, match="could not be saved"):
        write_model(tmp_path / "gone" / "one.onnx", b"1", OWN)
