"""Texts out of files of every kind, and what is said of files that have none."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.texts import columns_of, read_texts

ROWS = [
    ("1", "The dog", "a"),
    ("2", 'She said "no", twice\nand left', "b"),
    ("3", " ", "c"),
    ("4", "日本語; naïve", ""),
]
KEPT = tuple(text for _, text, _ in ROWS if text.strip())


def written(path: Path, contents: str | bytes) -> str:
    path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return str(path)


def test_a_text_a_line_without_blank_ones(tmp_path: Path) -> None:
    found = read_texts(written(tmp_path / "t.txt", "\ufeffThe dog\r\n\n  \nA cat\x0cwith a form feed\n日本語"))
    assert found.texts == ("The dog", "A cat\x0cwith a form feed", "日本語")
    assert found.blank == 2
    assert found.metadata == {}


def test_lines_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"eins\nzwei\n")))
    assert read_texts("-").texts == ("eins", "zwei")


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_column_of_csv_as_the_csv_module_wrote_it(tmp_path: Path, separator: str) -> None:
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows([("id", "text", "x"), *ROWS])
    found = read_texts(str(tmp_path / "t.csv"), "text")
    assert found.texts == KEPT
    assert found.metadata == {"id": ("1", "2", "4"), "x": ("a", "b", "")}
    assert found.blank == 1


def test_a_column_of_tsv_is_not_quoted(tmp_path: Path) -> None:
    found = read_texts(written(tmp_path / "t.data", 'text\tn\nan "open quote\t1\n"\t2\n'), "text")
    assert found.texts == ('an "open quote', '"')
    assert found.metadata == {"n": ("1", "2")}


def test_json_lines(tmp_path: Path) -> None:
    lines = [{"text": "The dog", "n": 1}, {"text": None, "n": 2}, {"n": [3], "text": "A cat"}]
    found = read_texts(written(tmp_path / "t", "\n".join(map(json.dumps, lines))), "text")
    assert found.texts == ("The dog", "A cat")
    assert found.metadata == {"n": ("1", "[3]")}


@pytest.mark.parametrize("kind", ["parquet", "arrow file", "arrow stream"])
def test_a_column_of_parquet_and_arrow(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t"
    columns = [list(column) for column in zip(*ROWS, strict=True)]
    table = pyarrow.table({"id": [1, 2, 3, 4], "text": columns[1], "v": [[1.0]] * 4, "x": [*columns[2][:3], None]})
    if kind == "parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        new = pyarrow.ipc.new_file if kind == "arrow file" else pyarrow.ipc.new_stream
        with new(str(path), table.schema) as writer:
            writer.write_table(table)
    found = read_texts(str(path), "text")
    assert found.texts == KEPT
    assert found.metadata == {"id": ("1", "2", "4"), "x": ("a", "b", "")}
    with pytest.raises(VectorFileError, match="holds no text, but int64"):
        read_texts(str(path), "id")


def test_a_table_with_one_column_needs_no_choice(tmp_path: Path) -> None:
    assert read_texts(written(tmp_path / "t.csv", "text\none\ntwo\n")).texts == ("one", "two")


def test_other_encodings(tmp_path: Path) -> None:
    assert read_texts(written(tmp_path / "a", "naïve\n".encode("cp1252")), encoding="cp1252").texts == ("naïve",)
    assert read_texts(written(tmp_path / "b", "naïve\n".encode("utf-16"))).texts == ("naïve",)


@pytest.mark.parametrize(
    ("name", "contents", "column", "said", "where"),
    [
        ("t.txt", b"one\ntw\xf6\n", None, "not in utf-8", "line 2"),
        ("t.txt", b"", None, "no texts", "t.txt"),
        ("t.txt", b"\n \n", None, "no texts", "t.txt"),
        ("t.txt", b"PK\x03\x04\0\0", None, "zero bytes", "t.txt"),
        ("t.csv", b"a,b\n1,2\n", None, "2 columns", "t.csv"),
        ("t.csv", b"a,b\n1,2\n", "c", "no column 'c'", "t.csv"),
        ("t.csv", b"a,b\n1,2\n1,2,3\n", "a", "3 fields", "line 3"),
        ("t.csv", b'a,b\n1,"2\n', "a", "cannot be read", "line 2"),
        ("t", b'{"a": 1}\n{"a": \n', "a", "no JSON", "line 2"),
        ("t", b'{"a": 1}\n[]\n', "a", "no JSON object", "line 2"),
        ("t", b"PAR1 and then nothing", "a", "cannot be read", "t"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, name: str, contents: bytes, column: str | None, said: str, where: str
) -> None:
    with pytest.raises(VectorFileError, match=said) as caught:
        read_texts(written(tmp_path / name, contents), column)
    assert caught.value.where.endswith(where)
    assert caught.value.advice


def test_a_file_that_is_not_there_and_an_encoding_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(VectorFileError, match="could not be read"):
        read_texts(str(tmp_path / "no"))
    with pytest.raises(VectorFileError, match="no encoding"):
        read_texts(written(tmp_path / "t", "a"), encoding="klingon")


def test_columns_that_may_have_the_texts(tmp_path: Path) -> None:
    csv, lines, plain = tmp_path / "a.csv", tmp_path / "a.jsonl", tmp_path / "a.txt"
    csv.write_text('id;"the; text"\n1;hello\n')
    lines.write_text('{"text": "hello"}\n{"text": "you", "kind": 3}\n{"late": 1}\n')
    plain.write_text("hello, you\n")
    assert columns_of(str(csv)) == ("id", "the; text")
    assert columns_of(str(lines)) == ("text", "kind", "late")
    assert columns_of(str(plain)) == ()


def test_columns_of_parquet_are_those_of_text(tmp_path: Path) -> None:
    table = pyarrow.table({"text": ["a"], "count": [1], "vector": [[1.0, 2.0]]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    assert columns_of(str(tmp_path / "a.parquet")) == ("text",)
