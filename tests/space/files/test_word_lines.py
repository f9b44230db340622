"""word2vec's, fastText's and GloVe's text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]


def line_by_line(path: Path, skip: int) -> tuple[list[bytes], np.ndarray]:
    """Words and numbers as plain Python reads them."""
    rows = [line.rstrip(b" \n").split(b" ") for line in path.read_bytes().splitlines(keepends=True)[skip:]]
    return [row[0] for row in rows], np.array([[float(x) for x in row[1:]] for row in rows]).astype(np.float32)


@pytest.mark.zoo
@pytest.mark.parametrize(
    ("name", "skip", "encoding", "source"),
    [
        ("test_glove.txt", 0, "utf-8", "GloVe text"),
        ("word2vec_pre_kv_c", 1, "utf-8", "word2vec text"),
        ("lee_fasttext.vec", 1, "utf-8", "word2vec text"),
        ("crime-and-punishment.vec", 1, "utf-8", "word2vec text"),
        ("toy-model.vec", 1, "utf-8", "word2vec text"),
        ("pang_lee_polarity_fasttext.vec", 1, "latin-1", "word2vec text"),
        ("EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt", 1, "utf-8", "word2vec text"),
    ],
)
def test_real_files(embeddings: Path, name: str, skip: int, encoding: str, source: str) -> None:
    words, numbers = line_by_line(embeddings / "gensim" / name, skip)
    vectors = load(embeddings / "gensim" / name, LoadOptions(encoding=encoding))
    assert list(vectors.words) == [word.decode(encoding) for word in words]
    assert np.array_equal(vectors.vectors, numbers)
    assert vectors.vectors.dtype == np.float32
    assert vectors.source.startswith(source)
    assert vectors.notices == ()


@pytest.mark.parametrize(
    "contents",
    [
        b"2 2\ncat 0.5 -1\ndog 2e-3 7\n", b"cat 0.5 -1\ndog 2e-3 7\n", b"cat 0.5 -1\ndog 2e-3 7",
        b"2 2\r\ncat 0.5 -1\r\ndog 2e-3 7\r\n", b"2 2\ncat 0.5 -1 \ndog 2e-3 7 \n",
        b"\xef\xbb\xbf2 2\ncat 0.5 -1\ndog 2e-3 7\n",
        b"cat  0.5   -1\ndog 2e-3  7\n", b"cat 0.5 -1\n\ndog 2e-3 7\n\n",
    ],
    ids=["header", "GloVe", "no last line feed", "CR LF", "blanks at ends", "byte order mark",
         "several blanks", "blank lines"],
)  # fmt: skip
def test_the_same_two_vectors_however_they_are_written(read: Load, contents: bytes) -> None:
    vectors = read(contents)
    assert vectors.words == ("cat", "dog")
    assert vectors.vectors.tolist() == [[0.5, -1], [np.float32(2e-3), 7]]


def test_words_with_blanks_end_where_the_numbers_of_other_lines_begin(read: Load) -> None:
    vectors = read(b"the 1 2 3\n. . . 4 5 6\nat a@b.com 7 8 9\nof 1 1 1\n")
    assert vectors.words == ("the", ". . .", "at a@b.com", "of")
    assert vectors.vectors[2].tolist() == [7, 8, 9]


def test_a_word_of_digits_is_a_word(read: Load) -> None:
    vectors = read(b"3 2\n1 0.5 1.5\n22 2.5 3.5\n1984 4.5 5.5\n")
    assert vectors.words == ("1", "22", "1984")


def test_many_blocks_give_what_one_would(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=(30_000, 8)).astype(np.float32)
    path = tmp_path / "many"
    path.write_text("".join(f"w{at} {' '.join(map(str, row))}\n" for at, row in enumerate(numbers)))
    assert path.stat().st_size > 4 * (1 << 19)
    shares: list[float] = []
    vectors = load(path, progress=shares.append)
    assert np.array_equal(vectors.vectors, numbers)
    assert vectors.words[-1] == "w29999"
    assert vectors.vectors.base is None  # exactly its own memory, none left over
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("contents", "place", "what"),
    [
        (b"a 1 2\nb 3\nc 4 5\n", "line 2", "1 number, and others have 2"),
        (b"a 1 2\nb 3 4 5\nc 4 5\n", "line 2", "3 numbers, and others have 2"),
        (b"3 2\na 1 2\nb 3 4\nc 4 x\n", "line 4, column 3", "'x' is not a number"),
        (b"3 2\na 1 2\nb nan 4\nc 4 5\n", "line 3, column 2", "not finite"),
        (b"3 2\na 1 2\nb 3 4\nc 4 1e60\n", "line 4, column 3", "not finite or too large"),
        (b"9 2\na 1 2\nb 3 4\n", "line 4", "promises 9 vectors, and there are 2"),
        (b"2 2\na 1 2\n\xff\xfe 3 4\n", "line 3, column 1", "not utf-8"),
        (b"3 3\na 1 2\nb 3 4 5\nc 3 4 5\n", "line 2", "2 numbers, and others have 3"),
    ],
)
def test_a_bad_line_is_named_and_can_be_left_out(refused: Refused, contents: bytes, place: str, what: str) -> None:
    error = refused(contents)
    assert error.where.endswith(f"some.file, {place}")
    assert what in error.what
    assert "--skip-bad" in error.advice


@pytest.mark.parametrize("skipped", [b"b 3\n", b"b 3 4 5\n", b"b nan 4\n", b"b 3 x\n"])
def test_bad_lines_that_are_left_out_are_counted(read: Load, skipped: bytes) -> None:
    vectors = read(b"a 1 2\n" + skipped + b"c 4 5\n" + skipped + b"d 6 7\n", skip_bad=True)
    assert vectors.words == ("a", "c", "d")
    assert vectors.vectors.tolist() == [[1, 2], [4, 5], [6, 7]]
    [notice] = vectors.notices
    assert notice.startswith("2 rows were left out: ")
    assert "line 2" in notice


def test_more_lines_than_the_header_promises_are_read_and_said(read: Load) -> None:
    vectors = read(b"1 2\na 1 2\nb 3 4\n")
    assert (len(vectors), vectors.notices) == (2, ("The header promises 1 vectors, and there are 2.",))


def test_a_word_that_comes_again_keeps_its_first_vector(read: Load) -> None:
    vectors = read(b"a 1 2\nb 3 4\na 5 6\na 7 8\n")
    assert vectors.words == ("a", "b")
    assert vectors.vectors.tolist() == [[1, 2], [3, 4]]
    assert vectors.notices == ("2 rows were left out whose word had come before: 'a'. The first counts.",)


def test_vectors_of_zeros_are_kept_and_said(read: Load) -> None:
    vectors = read(b"a 0 -0\nb 3 4\n")
    assert len(vectors) == 2
    assert vectors.notices[0].startswith("1 vector is all zeros: kept")


def test_words_that_are_not_utf_8(read: Load) -> None:
    contents = b"a 1 2\nkter\xec 3 4\n"
    assert read(contents, encoding="cp852").words[1] == b"kter\xec".decode("cp852")
    escaped = read(contents, skip_bad=True)
    with pytest.raises(VectorFileError, match=r"word 'kter\\xec' is not utf-8") as error:
        read(contents)
    assert error.value.where.endswith("line 2, column 5")
    assert escaped.words[1] == "kter\\xec"
    assert escaped.notices == ("1 word was not utf-8: bytes that are not are written as \\x97.",)


def test_only_the_first_rows(read: Load) -> None:
    vectors = read(b"a 1 2\nb 3 4\nthis is not looked at\n", rows=2)
    assert vectors.words == ("a", "b")
    assert read(b"a 1 2\na 1 2\nb  3 4\nc 5 6\nno more\n", rows=3).words == ("a", "b", "c")
    assert read(b"9 2\na 1 2\nb 3 4\n", rows=1).words == ("a",)
