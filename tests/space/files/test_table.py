"""TSV, CSV and numbers in columns, with words, metadata, and lists of numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
NUMBERS = np.random.default_rng(4).normal(size=(3000, 4)).astype(np.float32)


@pytest.mark.parametrize("separator", ["\t", ",", ";", " "])
def test_nothing_but_numbers(read: Load, separator: str) -> None:
    out = io.BytesIO()
    np.savetxt(out, NUMBERS, delimiter=separator)
    vectors = read(out.getvalue())
    assert np.array_equal(vectors.vectors, NUMBERS)
    assert vectors.words[2999] == "#2999"


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("header", [True, False])
def test_a_word_and_its_numbers(read: Load, separator: str, header: bool) -> None:
    lines = [separator.join([f"w{at}", *map(str, row)]) for at, row in enumerate(NUMBERS)]
    first = [separator.join(["word", "x", "y", "z", "t"])] if header else []
    vectors = read("\n".join([*first, *lines]).encode())
    assert np.array_equal(vectors.vectors, NUMBERS)
    assert vectors.words[:2] == ("w0", "w1")
    assert vectors.metadata == {}


def test_quoted_fields_with_separators_quotes_and_line_ends(read: Load) -> None:
    out = io.StringIO()
    rows = [["a, b", 'say "so"', 1.5, 2], ["c", "two\nlines", 3, 4], ["", "x", 5, 6]]
    csv.writer(out).writerows([["name", "text", "x", "y"], *rows])
    vectors = read(out.getvalue().encode())
    assert vectors.words == ("a, b", "c", "")
    assert vectors.metadata == {"text": ('say "so"', "two\nlines", "x")}
    assert vectors.vectors.tolist() == [[1.5, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize(
    "write", [lambda r: str(list(r)), lambda r: " ".join(map(str, r)), lambda r: f"({r[0]},{r[1]})"]
)
def test_a_column_of_lists(read: Load, write: Callable[[list[float]], str]) -> None:
    out = io.StringIO()
    rows = [["red", 1, write([0.5, -1.25])], ["green", 2, write([1e-3, 7.0])]]
    csv.writer(out).writerows([["text", "n", "embedding"], *rows])
    vectors = read(out.getvalue().encode())
    assert vectors.words == ("red", "green")
    assert vectors.metadata == {"n": ("1", "2")}
    assert np.array_equal(vectors.vectors, np.array([[0.5, -1.25], [1e-3, 7]], np.float32))


def test_columns_with_running_numbers_are_the_vector_and_others_are_metadata(read: Load) -> None:
    contents = b"word,count,d0,d1,d2\na,10,1,2,3\nb,20,4,5,6\n"
    vectors = read(contents)
    assert vectors.vectors.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert vectors.metadata == {"count": ("10", "20")}
    assert vectors.notices == (
        "The vectors are made of 3 columns, 'd0' to 'd2'. Others are taken by naming them as FIRST:LAST "
        "(on the command line: --choice).",
    )
    assert read(contents, choice="count:d0").vectors.tolist() == [[10, 1], [20, 4]]


def test_the_index_that_pandas_writes_is_no_part_of_the_vector(read: Load) -> None:
    vectors = read(b",0,1\n0,1.5,2.5\n1,3.5,4.5\n")
    assert vectors.vectors.tolist() == [[1.5, 2.5], [3.5, 4.5]]
    assert vectors.words == ("0", "1")


@pytest.mark.parametrize(
    ("contents", "place", "what"),
    [
        (b"a,1,2\nb,3\nc,4,5\nd,6,7\n", "line 2", "2 fields, and others have 3"),
        (b"a,1,2\nb,3,x\nc,4,5\n", "line 2, column 3", "'x' is not a number"),
        (b"a,1,2\nb,,4\nc,4,5\n", "line 2, column 2", "A number is missing"),
        (b"a\t1\t2\nb\t3\tnan\nc\t4\t5\n", "line 2, column 3", "not finite"),
        (b't,e\na,"[1, 2]"\nb,"[1]"\nc,"[1, 3]"\n', "line 3, column 2", "lists 1 numbers, and others 2"),
        (b't,e\na,"[1, 2]"\nb,"[1, x]"\nc,"[1, 3]"\n', "line 3, column 2", "'x' is not a number"),
        (b"w,x,y\na,1,2\n\xff,3,4\n", "line 3, column 1", "not utf-8"),
    ],
)
def test_a_bad_row_is_named_and_can_be_left_out(
    refused: Refused, read: Load, contents: bytes, place: str, what: str
) -> None:
    error = refused(contents)
    assert error.where.endswith(f"some.file, {place}")
    assert what in error.what
    assert "--skip-bad" in error.advice
    vectors = read(contents, skip_bad=True)
    assert len(vectors) >= 2
    assert len(vectors.notices) >= 1


def test_a_quotation_mark_that_is_not_closed(refused: Refused) -> None:
    lines = "".join(f"w{at},1,2\n" for at in range(100))
    assert "quotation mark" in refused(f'{lines}"open,1,2\n'.encode()).advice


def test_a_table_with_one_column_of_numbers_is_taken_for_metadata(refused: Refused) -> None:
    assert "--metadata" in refused(b"word\tcount\nthe\t10\nof\t9\n").advice


def test_metadata_with_and_without_a_header(read: Load, tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("red\ngreen\n")
    assert read(b"1\t2\n3\t4\n", metadata=labels).words == ("red", "green")
    labels.write_text('id\tname\tnote\n7\tred\t"a\n8\tgreen\t\n')
    vectors = read(b"1\t2\n3\t4\n", metadata=labels)
    assert vectors.words == ("red", "green")
    assert vectors.metadata == {"id": ("7", "8"), "note": ('"a', "")}
    labels.write_text("colour\nred\ngreen\n")
    assert read(b"1\t2\n3\t4\n", metadata=labels).words == ("red", "green")


def test_metadata_goes_with_the_rows_that_are_kept(read: Load, tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("name\tn\na\t1\nb\t2\nc\t3\n")
    vectors = read(b"1\t2\n3\tx\n5\t6\n", metadata=labels, skip_bad=True)
    assert vectors.words == ("a", "c")
    assert vectors.metadata == {"n": ("1", "3")}
    assert read(b"1\t2\n3\t4\n5\t6\n", metadata=labels, rows=2).words == ("a", "b")


def test_metadata_of_something_else(refused: Refused, tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("a\n")
    assert refused(b"1\t2\n3\t4\n5\t6\n", metadata=labels).what == "There are 3 vectors, and metadata for 1."
    labels.write_text("a\tb\nc\td\te\n")
    assert refused(b"1\t2\n3\t4\n", metadata=labels).where.endswith("labels.tsv, line 1")


@pytest.mark.zoo
def test_real_vectors_with_their_titles(embeddings: Path) -> None:
    folder = embeddings / "projector"
    vectors = load(folder / "cent_3.tsv", LoadOptions(metadata=folder / "label_512_new.tsv"))
    assert np.array_equal(vectors.vectors, np.loadtxt(folder / "cent_3.tsv", dtype=np.float32, delimiter="\t"))
    rows = [line.split("\t") for line in (folder / "label_512_new.tsv").read_text("utf-8").splitlines()]
    assert vectors.words == tuple(row[1] for row in rows[1:])
    assert list(vectors.metadata) == ["label", "vv", "vvrank"]
    with pytest.raises(VectorFileError, match="--metadata"):
        load(folder / "word2vec_10000_200d_labels.tsv")
