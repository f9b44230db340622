"""fastText's .bin: files written byte by byte as its sources do, and real ones beside the .vec that fastText made."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load
from embstudio.space.files.ngram_hashes import ngram_hashes
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
WORDS = ["</s>", "cat", "naïve", "हु", "x"]
BUCKETS = 50
MATRIX = np.random.default_rng(5).normal(size=(len(WORDS) + BUCKETS, 3)).astype("<f4")


def fnv(ngram: str) -> int:
    """Dictionary::hash, a byte at a time."""
    value = 2166136261
    for byte in ngram.encode():
        value = (value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619 % 2**32
    return value


def ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """Dictionary::computeSubwords."""
    marked = f"<{word}>"
    return [
        marked[start : start + length]
        for start in range(len(marked))
        for length in range(shortest, longest + 1)
        if start + length <= len(marked) and not (length == 1 and (start == 0 or start + 1 == len(marked)))
    ]


def written(
    version: int | None = 12, words: Sequence[str] = WORDS, labels: Sequence[str] = (), model: int = 2,
    shortest: int = 1, longest: int = 4, pruned: int = -1, quantised: bool = False,
) -> bytes:  # fmt: skip
    head = struct.pack("<2i", 793712314, version) if version is not None else b""
    args = struct.pack("<12id", 3, 5, 5, 1, 5, 1, 2, model, BUCKETS, shortest, longest, 100, 1e-4)
    sizes = struct.pack("<3iq", len(words) + len(labels), len(words), len(labels), 99)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 7, 0) for word in words)
    entries += b"".join(label.encode() + b"\0" + struct.pack("<qb", 7, 1) for label in labels)
    middle = b"" if version is None else struct.pack("<q", pruned)
    flag = b"" if version is None else struct.pack("<?", quantised)
    return (
        head + args + sizes + middle + entries + flag + struct.pack("<2q", *MATRIX.shape) + MATRIX.tobytes() + b"rest"
    )


def expected(word: str, row: int, shortest: int = 1, longest: int = 4) -> np.ndarray:
    rows = [row] + [len(WORDS) + fnv(ngram) % BUCKETS for ngram in ngrams(word, shortest, longest)]
    return MATRIX[rows].astype(np.float64).mean(axis=0)


def test_hashes_are_those_of_every_ngram_in_order() -> None:
    spellings = [f"<{word}>".encode() for word in WORDS] + [b""]
    of, hashes = ngram_hashes(spellings, 1, 4)
    assert [(at, fnv(ngram)) for at, word in enumerate(WORDS) for ngram in ngrams(word, 1, 4)] == list(
        zip(of.tolist(), hashes.tolist(), strict=True)
    )


def test_a_vector_is_the_mean_of_the_word_and_its_ngrams(read: Load) -> None:
    vectors = read(written())
    assert list(vectors.words) == WORDS
    assert np.array_equal(vectors.vectors[0], MATRIX[0])  # the end of a sentence has no n-grams
    for row, word in enumerate(WORDS[1:], 1):
        assert np.allclose(vectors.vectors[row], expected(word, row), rtol=0, atol=1e-6)


def test_before_there_was_a_version_the_end_of_a_sentence_had_ngrams(read: Load) -> None:
    assert np.allclose(read(written(None)).vectors[0], expected("</s>", 0), rtol=0, atol=1e-6)


def test_a_classifier_of_version_11_has_none(read: Load) -> None:
    vectors = read(written(11, words=WORDS[:4], labels=["__label__a"], model=3))
    assert list(vectors.words) == WORDS[:4]
    assert np.array_equal(vectors.vectors, MATRIX[:4])


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["lee_fasttext", "crime-and-punishment"])
def test_real_models_give_what_fasttext_wrote_as_text(embeddings: Path, name: str) -> None:
    model, text = load(embeddings / "gensim" / f"{name}.bin"), load(embeddings / "gensim" / f"{name}.vec")
    assert model.words == text.words
    assert np.allclose(model.vectors, text.vectors, rtol=1e-4, atol=1e-6)  # five digits


@pytest.mark.zoo
def test_a_real_model_in_another_encoding(embeddings: Path) -> None:
    path = embeddings / "gensim" / "cp852_fasttext.bin"
    with pytest.raises(VectorFileError, match=r"not utf-8.*--encoding"):
        load(path)
    assert load(path, LoadOptions(encoding="cp852")).words[:3] == ("ji", "který", "jen")


def test_a_quantised_model_is_refused_in_words(refused: Refused) -> None:
    assert "quantised" in refused(written(quantised=True)).what
    assert "quantised" in refused(written(pruned=2)).what


@pytest.mark.parametrize("length", [20, 70, 100, 130, 180, 500])
def test_cut_short(refused: Refused, length: int) -> None:
    assert refused(written()[:length]).advice


def test_a_later_version_is_refused(refused: Refused) -> None:
    assert "versions 11 and 12" in refused(written(13)).advice
