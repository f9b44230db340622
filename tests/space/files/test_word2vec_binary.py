"""word2vec's binary format, written byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import load
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
NUMBERS = np.random.default_rng(0).normal(size=(3, 4)).astype("<f4")
WORDS = ["the", "ö", "New_York"]


def written(between: bytes = b"\n", count: int = 3) -> bytes:
    rows = (word.encode() + b" " + row.tobytes() + between for word, row in zip(WORDS, NUMBERS, strict=True))
    return b"%d 4\n" % count + b"".join(rows)


@pytest.mark.parametrize("between", [b"\n", b""], ids=["line feeds", "nothing"])
def test_words_and_numbers(read: Load, between: bytes) -> None:
    vectors = read(written(between))
    assert list(vectors.words) == WORDS
    assert np.array_equal(vectors.vectors, NUMBERS)
    assert vectors.source.startswith("word2vec binary")


@pytest.mark.zoo
def test_a_real_file(embeddings: Path) -> None:
    path = embeddings / "gensim" / "euclidean_vectors.bin"
    contents, words, rows = path.read_bytes(), [], []
    count, width = map(int, contents[: contents.index(b"\n")].split())
    at = contents.index(b"\n") + 1
    for _ in range(count):
        blank = contents.index(b" ", at)
        words.append(contents[at:blank].strip().decode())
        rows.append(struct.unpack_from(f"<{width}f", contents, blank + 1))
        at = blank + 1 + 4 * width
    vectors = load(path)
    assert list(vectors.words) == words
    assert np.array_equal(vectors.vectors, np.array(rows, np.float32))


def test_a_file_longer_than_a_block(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).normal(size=(20_000, 100)).astype("<f4")
    path = tmp_path / "long"
    path.write_bytes(b"20000 100\n" + b"".join(b"w%d " % at + row.tobytes() for at, row in enumerate(numbers)))
    vectors = load(path)
    assert np.array_equal(vectors.vectors, numbers)
    assert vectors.words[12_345] == "w12345"


def test_cut_short(refused: Refused, read: Load) -> None:
    error = refused(written()[:-10])
    assert "too short" in error.what or "ends after" in error.what
    assert "--skip-bad" in error.advice
    vectors = read(written()[:-10], skip_bad=True)
    assert list(vectors.words) == WORDS[:2]
    assert "promises 3 vectors, and the file ends after 2" in vectors.notices[0]


def test_a_header_that_promises_the_world(refused: Refused) -> None:
    assert "too short" in refused(written(count=10**14)).what


def test_a_number_that_is_not_finite(refused: Refused, read: Load) -> None:
    contents = written().replace(NUMBERS[1, 2].tobytes(), np.array(np.nan, "<f4").tobytes())
    assert "not finite" in refused(contents).what
    assert read(contents, skip_bad=True).words == ("the", "New_York")


def test_only_the_first_rows(read: Load) -> None:
    assert list(read(written(), rows=2).words) == WORDS[:2]
