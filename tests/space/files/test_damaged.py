"""Files that are damaged, cut short, wrong about themselves or too large: what is said, and that what helps helps."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load, memory
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
LINES = b"".join(b"w%d %d.25 -1.5 3e-2\n" % (row, row) for row in range(90_000))  # more than a format is told by


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


@pytest.mark.parametrize("cut", [lambda packed: packed[:-4], lambda packed: packed[: len(packed) // 2]])
def test_a_packed_file_that_ends_early_is_taken_as_far_as_it_goes(
    read: Load, refused: Refused, cut: Callable[[bytes], bytes]
) -> None:
    damaged = cut(gzip.compress(LINES, mtime=0))
    error = refused(damaged)
    assert "damaged or incomplete" in error.what
    assert "--skip-bad" in error.advice
    vectors = read(damaged, skip_bad=True)
    assert 40_000 < len(vectors) <= 90_000
    row = len(vectors) - 2  # the last may be cut
    assert (vectors.words[row], vectors.vectors[row].tolist()) == (
        f"w{row}",
        np.float32([row + 0.25, -1.5, 0.03]).tolist(),
    )
    assert "damaged or incomplete: what came before" in vectors.notices[0]


def test_a_packed_file_damaged_from_the_start_is_not_called_empty(refused: Refused) -> None:
    packed = gzip.compress(LINES, mtime=0)
    assert "damaged" in refused(packed[:12] + b"\xff" * 40).what
    assert "damaged" in refused(packed[:12], skip_bad=True).what


def test_a_header_that_every_line_contradicts(read: Load, refused: Refused) -> None:
    contents = b"2 3\na 1 2\nb 3 4\n"
    error = refused(contents)
    assert error.what == "The header promises vectors of 3 numbers, and the lines have 2."
    assert error.where.endswith("line 1")
    vectors = read(contents, skip_bad=True)
    assert vectors.vectors.tolist() == [[1, 2], [3, 4]]
    assert vectors.notices == (error.what,)


def test_an_npy_cut_short_is_taken_as_far_as_it_goes(read: Load, refused: Refused) -> None:
    table = np.arange(40, dtype=np.float32).reshape(10, 4)
    contents = npy(table)[:-41]
    error = refused(contents)
    assert error.what == "The header promises 10 rows, and the file ends after 7."
    assert read(contents, skip_bad=True).vectors.tolist() == table[:7].tolist()
    assert "cannot be read" in refused(npy(np.asfortranarray(table))[:-4]).what  # columns: no row is whole


def test_a_damaged_word2vec_file_is_read_up_to_the_damage(read: Load, refused: Refused) -> None:
    numbers = np.ones((50, 2), "<f4")
    rows = [b"word%d " % row + numbers[row].tobytes() + b"\n" for row in range(50)]
    contents = b"50 2\n" + b"".join(rows[:20]) + b"\n\nxx\nyy" * 3 + b"".join(rows[20:]) + bytes(200)
    error = refused(contents)
    rows_there = int(error.advice.rsplit("--rows ", 1)[1].rstrip("."))
    assert read(contents, rows=rows_there).words[:20] == tuple(f"word{row}" for row in range(20))


@pytest.mark.parametrize(
    ("contents", "place", "said"),
    [
        (b"a 1 2\nb 3 4\n\0c 5 6\nd 7 8\n", "line 3, column 1", "zero byte"),
        (b"a 1 2\rb 3 4\rc 5 6\r", "line 1", "carriage returns"),
        (b"a 0,5 -1,25 3\nb 0,5 -1,25 2,5\nc 0,5 -1,25 2,5\n", "line 2", "decimal commas"),
        (b"a " + b"1 " * (1 << 20), "line 1", "first line has more than 1 MB"),
    ],
)
def test_text_that_would_be_misread_is_not(refused: Refused, contents: bytes, place: str, said: str) -> None:
    error = refused(contents)
    assert said in error.what
    assert error.where.endswith(place)
    assert error.advice


def test_words_of_an_npz_that_do_not_fit_or_come_again_are_said(read: Load) -> None:
    def npz(**arrays: np.ndarray) -> bytes:
        out = io.BytesIO()
        np.savez(out, **arrays)  # type: ignore[arg-type]
        return out.getvalue()

    vectors = read(npz(vectors=np.eye(3), words=np.array(["a", "b"])))
    assert vectors.words == ("#0", "#1", "#2")
    assert vectors.notices == ("The array words has 2 entries for 3 rows: it was left out.",)
    twice = read(npz(vectors=np.eye(3), words=np.array(["a", "b", "a"])))
    assert twice.words == ("a", "b", "a")
    assert "1 row was kept whose word had come before" in twice.notices[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(VectorFileError, match="no ordinary file"):
        load(tmp_path / "pipe")


def test_a_file_that_goes_while_it_is_read(tmp_path: Path) -> None:
    """Removed, it is read to its end, since the system keeps it; what is cut off ends early, and that is said."""
    path = tmp_path / "vectors.vec"
    header = b"90000 3\n"
    path.write_bytes(header + LINES)
    assert len(load(path, check=lambda: path.unlink(missing_ok=True))) == 90_000
    path.write_bytes(header + LINES)
    with pytest.raises(VectorFileError, match=r"promises 90,000 vectors, and there are|This line has|not a number"):
        load(path, check=lambda: os.truncate(path, 600_000))


def huge(path: Path, head: bytes, size: int) -> Path:
    """A file that says it is so large, and takes no room on the disk."""
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


def _text(header: bytes) -> bytes:
    return header + b"".join(b"w%d" % row + b" 1" * 300 + b"\n" for row in range(2000))


def _tensor(kind: str, itemsize: int) -> tuple[bytes, int]:
    shape, nbytes = [33_000_000, 300], 33_000_000 * 300 * itemsize
    header = json.dumps({"t": {"dtype": kind, "shape": shape, "data_offsets": [0, nbytes]}}).encode()
    return struct.pack("<Q", len(header)) + header, 8 + len(header) + nbytes


HUGE = {
    "GloVe": (_text(b""), 20 * 10**9),
    "word2vec text": (_text(b"33000000 300\n"), 20 * 10**9),
    "word2vec binary": (
        b"33000000 300\n" + b"".join(b"w%d " % row + bytes(1200) for row in range(8000)), 33_000_000 * 1208
    ),
    "safetensors": _tensor("BF16", 2),
}  # fmt: skip


@pytest.mark.parametrize("kind", HUGE)
def test_a_file_larger_than_the_memory_says_what_it_needs_and_its_first_part_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = huge(tmp_path / "huge", *HUGE[kind])
    monkeypatch.setattr(memory, "available_memory", lambda: 24 * 10**9)
    seen: list[float] = []
    with pytest.raises(VectorFileError, match=r"need (39|4\d)[.\d]* GB of memory, and 21.6 GB can be had") as caught:
        load(path, progress=seen.append)
    assert max(seen, default=0) < 0.01  # before it is read
    rows = int(caught.value.advice.split("--rows ")[-1].split(".")[0])
    assert rows * 1200 <= 21.6e9
    assert rows * 1300 > 18e9
    assert load(path, LoadOptions(rows=1500)).vectors.shape == (1500, 300)
