"""Files with bytes changed, cut out, doubled and put in: each loads, or says what is wrong with it."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load

TRIED = 80  # of each format
NUMBERS = np.random.default_rng(9).normal(size=(6, 3)).astype("<f4")
WORDS = ["the", "of", "ö", "a b", "x", "</s>"]


def text(separator: str, header: str = "") -> bytes:
    rows = (
        f"{word.replace(' ', '_')}{separator}{separator.join(map(str, row))}\n"
        for word, row in zip(WORDS, NUMBERS, strict=True)
    )
    return (header + "".join(rows)).encode()


def binary() -> bytes:
    return b"6 3\n" + b"".join(
        word.replace(" ", "_").encode() + b" " + row.tobytes() + b"\n" for word, row in zip(WORDS, NUMBERS, strict=True)
    )


def fasttext() -> bytes:
    head = struct.pack("<2i12id3iqq", 793712314, 12, 3, 5, 5, 1, 5, 1, 2, 2, 4, 1, 3, 100, 1e-4, 6, 6, 0, 9, -1)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 1, 0) for word in WORDS)
    return head + entries + b"\0" + struct.pack("<2q", 10, 3) + bytes(NUMBERS.tobytes() + bytes(48))


def numpy_file(packed: bool) -> bytes:
    out = io.BytesIO()
    if packed:
        np.savez(out, vectors=NUMBERS, words=np.array(WORDS))
    else:
        np.save(out, NUMBERS)
    return out.getvalue()


def safetensors() -> bytes:
    header = json.dumps({"t": {"dtype": "F32", "shape": [6, 3], "data_offsets": [0, 72]}}).encode()
    return struct.pack("<Q", len(header)) + header + NUMBERS.tobytes()


def arrow(kind: str) -> bytes:
    table, out = pa.table({"w": WORDS, "v": list(NUMBERS)}), io.BytesIO()
    if kind == "parquet":
        pa.parquet.write_table(table, out)
    else:
        with pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "glove": lambda: text(" "),
    "word2vec text": lambda: text(" ", "6 3\n"),
    "word2vec binary": binary,
    "fasttext": fasttext,
    "tsv": lambda: text("\t"),
    "csv": lambda: text(",", "word,d0,d1,d2\n"),
    "lists": lambda: b'w,v\n' + b"".join(b'%d,"[%f, %f]"\n' % (at, at / 2, -at) for at in range(6)),
    "config": lambda: b'{"embeddings": [{"tensorName": "t", "tensorShape": [6, 3], "tensorPath": "t.bytes"}]}',
    "npy": lambda: numpy_file(False),
    "npz": lambda: numpy_file(True),
    "safetensors": safetensors,
    "idx": lambda: bytes([0, 0, 13, 2]) + struct.pack(">2I", 6, 3) + NUMBERS.astype(">f4").tobytes(),
    "gzip": lambda: gzip.compress(text(" "), mtime=0),
    "parquet": lambda: arrow("parquet"),
    "arrow": lambda: arrow("file"),
}  # fmt: skip


def mutated(contents: bytes, rng: random.Random) -> bytes:
    changed = bytearray(contents)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, length = rng.randrange(len(changed) or 1), rng.randrange(1, 9)
        match rng.randrange(6):
            case 0:
                changed[at : at + 1] = bytes(byte ^ 1 << rng.randrange(8) for byte in changed[at : at + 1])
            case 1:
                changed[at : at + length] = rng.randbytes(length)
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + 8 * length]
            case 4:
                changed[at:at] = rng.choice(
                    (b"\0", b"\n", b" ", b"\t", b'"', b"9999999999", b"\xff\xff\xff\x7f", b"nan", b"-")
                )
            case 5:
                del changed[at + 1 :]
    return bytes(changed)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", FILES)
def test_a_changed_file_loads_or_says_what_is_wrong(tmp_path: Path, kind: str) -> None:
    rng, contents, path = random.Random(kind), FILES[kind](), tmp_path / "some.file"
    (tmp_path / "t.bytes").write_bytes(NUMBERS.tobytes())
    path.write_bytes(contents)
    assert load(path).width in (2, 3)
    loaded = 0
    for _ in range(TRIED):
        path.write_bytes(mutated(contents, rng))
        with contextlib.suppress(VectorFileError):
            vectors = load(path, LoadOptions(skip_bad=rng.random() < 0.5))
            assert np.isfinite(vectors.vectors).all()
            loaded += 1
    assert 0 < loaded < TRIED or kind in ("npz", "gzip", "config", "parquet", "arrow")
