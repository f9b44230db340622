"""npy, npz, idx and safetensors: arrays as numpy writes them, or byte by byte."""

from __future__ import annotations

import gzip
import io
import json
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load, whole_array
from tests.space.files.conftest import Load

Refused = Callable[..., VectorFileError]
NUMBERS = np.random.default_rng(2).normal(size=(5, 3))


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def safetensors(**arrays: np.ndarray) -> bytes:
    header, data = dict[str, object](), b""
    for name, array in arrays.items():
        kind = {"f": "F", "i": "I"}[array.dtype.kind] + str(8 * array.itemsize)
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + data


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
@pytest.mark.parametrize("write", [npy, lambda a: npz(vectors=a)], ids=["npy", "npz"])
def test_numpy_files_keep_their_numbers(read: Load, write: Callable[[np.ndarray], bytes], dtype: type) -> None:
    vectors = read(write(NUMBERS.astype(dtype)))
    assert vectors.words == ("#0", "#1", "#2", "#3", "#4")
    assert np.array_equal(vectors.vectors, NUMBERS.astype(dtype))
    assert vectors.vectors.dtype.newbyteorder("=") == np.dtype(dtype).newbyteorder("=")


def test_a_large_npy_is_mapped_from_the_file(read: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_array, "COPIED", 0)
    vectors = read(npy(NUMBERS), rows=4).vectors
    while not isinstance(vectors, np.memmap):
        assert isinstance(vectors.base, np.ndarray), "copied"
        vectors = vectors.base
    assert isinstance(read(npy(np.asfortranarray(NUMBERS))).vectors, np.memmap)


WRITTEN_OVER = """
import sys
from pathlib import Path
from embstudio.space.files import load
path = Path(sys.argv[1])
vectors = load(path).vectors
path.write_bytes(b"")
print(vectors.sum())
"""


@pytest.mark.parametrize("write", [npy, lambda a: safetensors(vectors=a)], ids=["npy", "safetensors"])
def test_a_small_file_may_be_written_over_while_it_is_open(
    tmp_path: Path, write: Callable[[np.ndarray], bytes]
) -> None:
    """Whoever reads a mapped file that ends earlier by now is killed, so this is tried in a process of its own."""
    table = np.ones((5000, 30), np.float32)
    (tmp_path / "vectors").write_bytes(write(table))
    tried = subprocess.run(
        [sys.executable, "-c", WRITTEN_OVER, str(tmp_path / "vectors")], capture_output=True, text=True, check=False
    )
    assert (tried.returncode, tried.stdout.strip()) == (0, "150000.0"), tried.stderr


def test_whole_numbers_become_float32_and_further_axes_one(read: Load) -> None:
    vectors = read(npy(np.arange(12).reshape(2, 3, 2)))
    assert vectors.vectors.dtype == np.float32
    assert vectors.vectors.tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


@pytest.mark.parametrize(
    "array",
    [np.ones(3), np.float64(3), np.ones((0, 3)), np.ones((2, 3), complex), np.ones((2, 2), "U3")],
)
def test_what_is_no_table(refused: Refused, array: np.ndarray) -> None:
    assert "no table of vectors" in refused(npy(array)).what


def test_python_objects_are_not_opened(refused: Refused) -> None:
    out = io.BytesIO()
    np.save(out, np.array([{"a": 1}, None], object), allow_pickle=True)
    assert "Python objects" in refused(out.getvalue()).advice


def test_python_objects_beside_the_vectors_are_left_alone(read: Load) -> None:
    out = io.BytesIO()
    np.savez(out, words=np.array([{"a": 1}] * 5, object), vectors=NUMBERS)
    vectors = read(out.getvalue())
    assert np.array_equal(vectors.vectors, NUMBERS)
    assert vectors.words[0] == "#0"


@pytest.mark.parametrize("write", [npy, lambda a: npz(vectors=a)], ids=["npy", "npz"])
def test_numbers_that_are_not_finite(refused: Refused, read: Load, write: Callable[[np.ndarray], bytes]) -> None:
    array = NUMBERS.copy()
    array[3, 1] = np.inf
    error = refused(write(array))
    assert "Row 3" in error.what
    assert error.where.endswith("column 2")
    vectors = read(write(array), skip_bad=True)
    assert vectors.words == ("#0", "#1", "#2", "#4")
    assert np.array_equal(vectors.vectors, NUMBERS[[0, 1, 2, 4]])
    assert vectors.notices == ("1 row was left out: numbers that are not finite (the first: row 3).",)


def test_an_npz_has_words_and_metadata_beside_its_vectors(read: Load) -> None:
    words = np.array(["a", "b", "c", "ö", ""])
    vectors = read(npz(count=np.arange(5), vectors=NUMBERS, words=words, other=np.ones(4)), rows=4)
    assert vectors.words == ("a", "b", "c", "ö")
    assert vectors.metadata == {"count": ("0", "1", "2", "3")}


def test_of_several_arrays_one_has_to_be_chosen(refused: Refused, read: Load) -> None:
    contents = npz(one=NUMBERS, two=NUMBERS * 2)
    assert refused(contents).advice == "Choose one with --choice: one (5 x 3), two (5 x 3)."
    assert "There is no array 'three'" in refused(contents, choice="three").what
    assert np.array_equal(read(contents, choice="two").vectors, NUMBERS * 2)


@pytest.mark.parametrize(
    "write", [npy, lambda a: npz(a=a), lambda a: safetensors(a=a)], ids=["npy", "npz", "safetensors"]
)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_cut_short(refused: Refused, write: Callable[[np.ndarray], bytes], share: float) -> None:
    contents = write(NUMBERS)
    assert refused(contents[: int(share * len(contents))]).what


def test_safetensors_by_name(refused: Refused, read: Load) -> None:
    contents = safetensors(embed=NUMBERS.astype(np.float32), bias=NUMBERS[0], other=NUMBERS[:2])
    assert "--choice: embed (5 x 3), other (2 x 3)" in refused(contents).advice
    vectors = read(contents, choice="embed")
    assert np.array_equal(vectors.vectors, NUMBERS.astype(np.float32))
    assert "tensor embed" in vectors.source


def idx(array: np.ndarray, kind: int) -> bytes:
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
@pytest.mark.parametrize(("kind", "dtype"), [(8, "u1"), (0xB, ">i2"), (0xD, ">f4")])
def test_idx(read: Load, pack: Callable[[bytes], bytes], kind: int, dtype: str) -> None:
    pictures = np.arange(24).reshape(4, 2, 3).astype(dtype)
    assert read(pack(idx(pictures, kind))).vectors.tolist() == np.arange(24).reshape(4, 6).tolist()


def test_idx_cut_short(refused: Refused) -> None:
    contents = idx(np.arange(24, dtype="u1").reshape(4, 6), 8)
    assert "the file is shorter" in refused(contents[:-1]).what
    assert "the file is shorter" in refused(gzip.compress(contents[:-1])).what
    assert "damaged or incomplete" in refused(gzip.compress(contents)[:-9]).what


@pytest.mark.zoo
def test_real_pictures_with_their_labels(embeddings: Path) -> None:
    labels = embeddings / "mnist" / "t10k-labels-idx1-ubyte.gz"
    vectors = load(embeddings / "mnist" / "t10k-images-idx3-ubyte.gz", LoadOptions(metadata=labels))
    raw = gzip.decompress((embeddings / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    assert np.array_equal(vectors.vectors, np.frombuffer(raw, np.uint8, offset=16).reshape(10_000, 784))
    assert vectors.words == tuple((embeddings / "projector" / "mnist_10k_784d_labels.tsv").read_text().split())
    with pytest.raises(VectorFileError, match="labels, not vectors"):
        load(labels)
