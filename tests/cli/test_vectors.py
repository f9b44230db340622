"""`embstudio vectors` and `convert`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Command

GLOVE = "the 0.5 -1\nof 2 7\nto 0 0\nthe 1 1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "v.txt"
    path.write_text(GLOVE)
    return path


def test_what_is_in_a_file(embstudio: Command, file: Path) -> None:
    said = embstudio("vectors", file)
    assert said.status == 0
    assert said.out.splitlines() == [
        f"GloVe text, {file}", "3 vectors of 2 numbers (float32, 2.4e-05 MB)", "words: the, of, to",
    ]  # fmt: skip
    assert [line.partition(" ")[0] for line in said.err.splitlines()] == ["note:", "note:"]
    assert "'the'" in said.err


def test_the_same_as_data(embstudio: Command, file: Path) -> None:
    said = embstudio("vectors", file, "--json", "--rows", "2")
    data = json.loads(said.out)
    assert (data["format"], data["version"], data["file"]) == ("embstudio vectors", 1, str(file))
    assert (data["rows"], data["width"], data["dtype"], data["nbytes"]) == (2, 2, "float32", 16)
    assert data["words"] == ["the", "of"]
    assert (data["metadata"], data["notices"], said.err) == ({}, [], "")


def test_a_bad_row_and_what_to_do_about_it(embstudio: Command, file: Path) -> None:
    file.write_text("the 0.5 -1\nof 2 x\nto 3 4\n")
    said = embstudio("vectors", file)
    assert (said.status, said.out) == (1, "")
    assert f"({file}, line 2, column 3)" in said.err
    assert "--skip-bad" in said.err
    assert embstudio("vectors", file, "--skip-bad").status == 0


@pytest.mark.parametrize("ending", [".npz", ".tsv", ".parquet"])
def test_converting(embstudio: Command, file: Path, ending: str) -> None:
    out = file.with_name(f"out{ending}")
    said = embstudio("convert", file, "--out", out)
    assert (said.status, said.out) == (0, f"{out}: 3 vectors of 2 numbers\n")
    again = json.loads(embstudio("vectors", out, "--json").out)
    assert (again["rows"], again["words"]) == (3, ["the", "of", "to"])
    if ending == ".npz":
        with np.load(out) as stored:
            assert stored["vectors"].tolist() == [[0.5, -1], [2, 7], [0, 0]]


def test_an_ending_that_is_not_known_is_said_before_anything_is_read(embstudio: Command, file: Path) -> None:
    said = embstudio("convert", file.with_name("none"), "--out", file.with_name("out.docx"))
    assert said.status == 1
    assert "cannot be saved as .docx" in said.err
