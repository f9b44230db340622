"""What is saved comes back as it was, and a file is whole or untouched."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import load, save
from embstudio.space.files.tsv import metadata_path
from embstudio.space.vector_set import VectorSet

WORDS = ("the", "two words", "ö", "", '"')


def some(dtype: type = np.float32) -> VectorSet:
    rng = np.random.default_rng(8)
    numbers = (rng.normal(size=(5, 3)) * 10.0 ** rng.integers(-4, 5, (5, 3))).astype(dtype)
    return VectorSet(WORDS, numbers, {"n": ("1", "2", "3", "4", "5"), "text": ("a", "", "c d", "é", "'")})


@pytest.mark.parametrize("ending", [".npz", ".parquet", ".tsv", ".csv"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_there_and_back(tmp_path: Path, ending: str, dtype: type) -> None:
    vectors, path = some(dtype), tmp_path / f"v{ending}"
    save(vectors, path)
    back = load(path)
    assert back.words == WORDS
    assert back.metadata == vectors.metadata
    expected = (
        vectors.vectors if ending in (".npz", ".parquet") else vectors.vectors.astype(np.float32)
    )  # text is read as float32
    assert np.array_equal(back.vectors, expected)
    assert back.vectors.dtype == expected.dtype
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def test_without_metadata(tmp_path: Path) -> None:
    for ending in (".npz", ".parquet", ".tsv", ".csv"):
        save(VectorSet(("a", "b"), np.eye(2, dtype=np.float32)), path := tmp_path / f"v{ending}")
        back = load(path)
        assert (back.words, back.metadata, back.vectors.tolist()) == (("a", "b"), {}, [[1, 0], [0, 1]])


def test_other_programs_read_them(tmp_path: Path) -> None:
    vectors = some()
    save(vectors, tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz", allow_pickle=False) as stored:
        assert np.array_equal(stored["vectors"], vectors.vectors)
        assert tuple(stored["words"].tolist()) == WORDS
    save(vectors, tmp_path / "v.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "v.parquet")
    assert table.column_names == ["word", "vector", "n", "text"]
    assert np.array_equal(np.array(table["vector"].to_pylist(), np.float32), vectors.vectors)
    save(vectors, tmp_path / "v.tsv")
    assert np.array_equal(np.loadtxt(tmp_path / "v.tsv", np.float32, delimiter="\t"), vectors.vectors)
    assert metadata_path(tmp_path / "v.tsv").read_text("utf-8").splitlines()[:2] == ["word\tn\ttext", "the\t1\ta"]


def test_csv_as_other_programs_read_it(tmp_path: Path) -> None:
    vectors = VectorSet(("a,b", 'say "x"', "two\nlines"), np.eye(3), {"d1": ("x", "y", "z"), "year": ("1", "2", "3")})
    save(vectors, path := tmp_path / "v.csv")
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["word", "d1", "year", "d_0", "d_1", "d_2"]
    assert [row[0] for row in rows] == list(vectors.words)
    assert np.array_equal(np.array([row[3:] for row in rows], float), np.eye(3))
    back = load(path)
    assert back.words == ("a,b", 'say "x"', "two lines"), "a word is one line here"
    assert back.metadata == vectors.metadata, "numbers of the metadata stay metadata"


def test_long_words_do_not_make_all_words_long(tmp_path: Path) -> None:
    words = (*(f"w{at}" for at in range(3000)), "x" * 20_000, "ends in nul\0")
    vectors = VectorSet(words, np.ones((len(words), 2), np.float32))
    save(vectors, path := tmp_path / "v.npz")
    assert path.stat().st_size < 1_000_000
    assert load(path).words == words


def test_tabs_and_line_ends_in_a_tsv_become_blanks(tmp_path: Path) -> None:
    save(VectorSet(("a\tb", "c\nd"), np.eye(2)), tmp_path / "v.tsv")
    assert load(tmp_path / "v.tsv").words == ("a b", "c d")


def test_an_ending_that_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(VectorFileError, match=r"cannot be saved as \.docx") as caught:
        save(some(), tmp_path / "v.docx")
    assert caught.value.advice == "Endings that can: .npz, .tsv, .parquet, .csv, .txt."


@pytest.mark.parametrize("ending", [".npz", ".parquet", ".tsv", ".csv"])
def test_what_cannot_be_saved_leaves_what_was_there(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"v{ending}"
    path.write_bytes(b"what was there")
    odd = VectorSet(("\ud800",), np.ones((1, 2), np.float32))  # half a character, which no encoding has
    with pytest.raises(VectorFileError, match="could not be saved"):
        save(VectorSet(WORDS, some().vectors), tmp_path / "no folder" / f"v{ending}")
    if ending == ".parquet":
        with pytest.raises(VectorFileError, match="could not be saved"):
            save(odd, path)
        assert path.read_bytes() == b"what was there"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_word2vec_text_comes_back_bit_by_bit_and_holds_no_blanks(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    save(VectorSet(("é", "two", "王"), vectors), tmp_path / "v.txt")
    assert (tmp_path / "v.txt").read_text(encoding="utf-8").startswith("3 4\né ")
    back = load(tmp_path / "v.txt")
    assert back.words == ("é", "two", "王")
    assert np.array_equal(back.vectors, vectors)
    with pytest.raises(VectorFileError, match="a blank ends a word"):
        save(VectorSet(("a b",), vectors[:1]), tmp_path / "w.txt")
    assert not (tmp_path / "w.txt").exists()
