"""The Embedding Projector's config with its tensors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
NUMBERS = np.arange(6, dtype="<f4").reshape(3, 2)


def config(**entry: object) -> bytes:
    return json.dumps({"embeddings": [{"tensorName": "t", "tensorShape": [3, 2], **entry}]}).encode()


@pytest.mark.zoo
def test_the_projectors_own(embeddings: Path) -> None:
    path = embeddings / "projector" / "oss_demo_projector_config.json"
    iris = load(path, LoadOptions(choice="Iris"))
    raw = np.frombuffer((embeddings / "projector" / "iris_tensors.bytes").read_bytes(), "<f4")
    assert np.array_equal(iris.vectors, raw.reshape(150, 4))
    assert iris.words[0] == "Iris-setosa"
    assert iris.metadata["petal-width"][:2] == ("0.2", "0.2")
    with pytest.raises(VectorFileError, match="There are 5 tensors") as caught:
        load(path)
    assert "Word2Vec 10K (10000 x 200)" in caught.value.advice
    with pytest.raises(VectorFileError, match="is not there"):
        load(path, LoadOptions(choice="GNMT Interlingua"))


@pytest.mark.parametrize("where", ["", "deep/"])
def test_raw_numbers_and_labels(read: Load, tmp_path: Path, where: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / where / "t.bytes").write_bytes(NUMBERS.tobytes())
    (tmp_path / where / "l.tsv").write_text("a\nb\nc\n")
    vectors = read(config(tensorPath=f"{where}t.bytes", metadataPath=f"{where}l.tsv"))
    assert vectors.words == ("a", "b", "c")
    assert np.array_equal(vectors.vectors, NUMBERS)
    assert "tensor t" in vectors.source


def test_a_tensor_in_text(read: Load, tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("0\t1\n2\t3\n4\t5\n")
    vectors = read(config(tensorPath="t.tsv"))
    assert np.array_equal(vectors.vectors, NUMBERS)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"tensorPath": "none.bytes"}, "is not there"),
        ({"tensorPath": "/etc/passwd"}, "outside its folder"),
        ({"tensorPath": "../../secret"}, "outside its folder"),
        ({"tensorPath": "https://example.org/t.bytes"}, "on the web"),
        ({"tensorPath": "t.bytes", "tensorShape": [4, 2]}, "should have 4 x 2"),
        ({"tensorPath": "t.bytes", "tensorShape": "3x2"}, "no shape"),
        ({}, "names no file"),
    ],
)
def test_what_cannot_be_read(refused: Refused, tmp_path: Path, entry: dict[str, object], what: str) -> None:
    (tmp_path / "t.bytes").write_bytes(NUMBERS.tobytes())
    assert what in refused(config(**entry)).what


@pytest.mark.parametrize("contents", [b'{"a": 1}', b'{"embeddings": []}', b'{"embeddings": [', b'{"embeddings": [1]}',
                                      b'{"' + b"[" * 100_000])  # fmt: skip
def test_other_json(refused: Refused, contents: bytes) -> None:
    assert refused(contents).what
