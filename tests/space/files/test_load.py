"""What a file is, whatever it is called; what is refused; and how a reading is followed and stopped."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load
from embstudio.space.files.memory import available_memory, ensure_room
from tests.conftest import PROJECT
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
GLOVE = b"cat 0.5 -1\ndog 2 7\n"


@pytest.mark.parametrize("name", ["x.npz", "x.bin", "x.json", "x", "x.parquet"])
def test_the_name_decides_nothing(read: Load, name: str) -> None:
    assert read(GLOVE, name).words == ("cat", "dog")


def test_text_may_be_packed(read: Load) -> None:
    lines = b"".join(b"w%d %d %d\n" % (at, at, -at) for at in range(100_000))
    vectors = read(gzip.compress(lines, 1))
    assert len(vectors) == 100_000
    assert vectors.vectors[-1].tolist() == [99_999, -99_999]


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("glove.6B.50d.txt", GLOVE)
    return out.getvalue()


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (b"", "empty"), (b"\n\n  \n", "empty"), (gzip.compress(b""), "empty"), (bytes(300), "no file of vectors"),
        (pickle.dumps(np.eye(3), 4), "pickle"), (bz2.compress(GLOVE), "bzip2"), (lzma.compress(GLOVE), "xz"),
        (zipped(), "glove.6B.50d.txt"), (GLOVE.decode().encode("utf-16"), "UTF-16"),
        (b"Some ordinary text, which is about nothing.\nAnd more of it.\n", "no file of vectors"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"), (gzip.compress(GLOVE * 1000)[:-20], "damaged or incomplete"),
        (b"7\n2\n1\n", "no file of vectors"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",  # packed files hold the time
)  # fmt: skip
def test_what_is_no_file_of_vectors_is_said_to_be_what_it_is(refused: Refused, contents: bytes, said: str) -> None:
    error = refused(contents)
    assert said in str(error)
    assert error.advice


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(VectorFileError, match="no such file"):
        load(tmp_path / "none")
    with pytest.raises(VectorFileError, match="a folder"):
        load(tmp_path)


@pytest.mark.parametrize("encoding", ["klingon", "utf-16", "rot13", "idna", "", "utf-8\0"])
def test_an_encoding_that_will_not_do(refused: Refused, encoding: str) -> None:
    assert refused(GLOVE, encoding=encoding).what.startswith("There is no encoding")


class Enough(Exception):
    pass


@pytest.mark.parametrize("kind", ["text", "binary", "table", "npy"])
def test_a_reading_can_be_followed_and_stopped(tmp_path: Path, kind: str) -> None:
    path, rows = tmp_path / "some.file", np.random.default_rng(0).normal(size=(60_000, 40)).astype(np.float32)
    if kind == "npy":
        np.save(path.with_suffix(".npy"), np.concatenate([rows] * 4))
        path = path.with_suffix(".npy")
    elif kind == "binary":
        path.write_bytes(b"60000 40\n" + b"".join(b"w%d " % at + row.tobytes() for at, row in enumerate(rows)))
    else:
        separator = {"text": " ", "table": "\t"}[kind]
        path.write_text("".join(f"w{at}{separator}{separator.join(['0.25'] * 40)}\n" for at in range(60_000)))
    shares: list[float] = []
    load(path, progress=shares.append)
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] == 1

    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Enough

    with pytest.raises(Enough):
        load(path, check=stop)
    assert calls == 2


def test_memory_that_is_not_there_is_not_taken() -> None:
    available = available_memory()
    assert available is not None
    ensure_room(available // 2, "v.txt", 10)
    with pytest.raises(VectorFileError, match=r"need .* GB of memory") as caught:
        ensure_room(4 * available, "v.txt", 1_000_000)
    assert "--rows 2" in caught.value.advice  # 225,000 and a little


PEAK = """
import sys
from pathlib import Path
from embstudio.space.files import load

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])

before = peak()
vectors = load(Path(sys.argv[1]))
print(vectors.vectors.nbytes, peak() - before)
"""


def test_text_is_not_held_twice(tmp_path: Path) -> None:
    """Neither the text nor the numbers: the process grows by one table, its words, and a few blocks."""
    path, line = tmp_path / "v.txt", " " + " ".join(["0.25"] * 300) + "\n"
    with path.open("w") as out:
        out.writelines(f"w{at}{line}" for at in range(60_000))
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    table, grown = map(int, done.stdout.split())
    assert table == 60_000 * 300 * 4
    assert table < grown < 1.6 * table


def test_options_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match="rows"):
        LoadOptions(rows=0)
