"""Parquet and Arrow, written by pyarrow in every way that people do."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import load
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
NUMBERS = np.random.default_rng(6).normal(size=(9000, 3)).astype(np.float32)
WORDS = [f"w{at}" for at in range(9000)]


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pa.parquet.write_table(table, out, row_group_size=2000)
    return out.getvalue()


def arrow(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=5000)
    return out.getvalue()


def stream(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def feather(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pa.feather.write_feather(table, out)
    return out.getvalue()


@pytest.mark.parametrize("write", [parquet, arrow, stream, feather])
@pytest.mark.parametrize(
    "column",
    [
        pa.array(list(NUMBERS)), pa.array(list(NUMBERS), pa.large_list(pa.float32())),
        pa.FixedSizeListArray.from_arrays(pa.array(NUMBERS.ravel()), 3),
    ],
    ids=["list", "large list", "fixed size"],
)  # fmt: skip
def test_a_column_of_lists(read: Load, write: Callable[[pa.Table], bytes], column: pa.Array) -> None:
    table = pa.table({"n": list(range(9000)), "text": WORDS, "embedding": column})
    vectors = read(write(table))
    assert list(vectors.words) == WORDS
    assert np.array_equal(vectors.vectors, NUMBERS)
    assert vectors.metadata["n"][8999] == "8999"
    assert len(read(write(table), rows=4500)) == 4500


def test_columns_of_numbers_keep_their_precision(read: Load) -> None:
    wide = NUMBERS.astype(np.float64) / 3
    vectors = read(parquet(pa.table({"id": list(range(9000)), **{f"d{at}": wide[:, at] for at in range(3)}})))
    assert np.array_equal(vectors.vectors, wide)
    assert vectors.metadata["id"][:2] == ("0", "1")


def test_rows_that_are_missing_ragged_or_not_finite(refused: Refused, read: Load) -> None:
    rows = [[1.0, 2.0], None, [3.0], [4.0, None], [5.0, float("nan")], [6.0, 7.0]]
    contents = parquet(pa.table({"w": list("abcdef"), "v": rows}))
    assert "Row 1 (from 0) has no vector" in refused(contents).what
    vectors = read(contents, skip_bad=True)
    assert vectors.words == ("a", "f")
    assert vectors.vectors.tolist() == [[1, 2], [6, 7]]
    assert [notice[:19] for notice in vectors.notices] == ["2 rows were left ou"] * 2


def test_no_column_of_vectors(refused: Refused) -> None:
    assert refused(parquet(pa.table({"w": ["a"], "b": [True]}))).what == "No column of this table has vectors."


def test_several_columns_of_vectors(refused: Refused, read: Load) -> None:
    contents = parquet(pa.table({"w": ["a", "b"], "v": [[1.0], [2.0]], "u": [[3.0], [4.0]]}))
    assert refused(contents).advice == "Choose one with --choice: v, u."
    assert read(contents, choice="u").vectors.tolist() == [[3], [4]]


@pytest.mark.parametrize("write", [parquet, arrow, stream])
def test_cut_short(refused: Refused, write: Callable[[pa.Table], bytes]) -> None:
    contents = write(pa.table({"v": list(NUMBERS)}))
    assert refused(contents[: len(contents) // 2]).advice


def test_without_the_library_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "some.parquet"
    path.write_bytes(parquet(pa.table({"v": list(NUMBERS[:3])})))
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as Python itself marks what cannot be imported
    with pytest.raises(VectorFileError, match="need the package pyarrow") as caught:
        load(path)
    assert "embstudio[arrow]" in caught.value.advice
