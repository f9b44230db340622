"""Vectors that are being made, kept as they come, so that what was begun can be gone on with.

A line of JSON says of what; behind it stand blocks, each with its checksum: what was cut off in the middle of being
written is not counted as there.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from embstudio.base.errors import VectorFileError

FORMAT = "embstudio vectors in the making"
_HEAD = struct.Struct("<II")  # rows, checksum of what follows
_LONGEST_LINE = 1 << 16


class PartFile:
    """`done` rows are there, those of `vectors` [done, width] and `states` [done].

    of: what the vectors are of, by what it is called ("model" → a digest). width: of the vectors.
    Raises VectorFileError: there is one of something else, or the folder cannot be written to.
    """

    def __init__(self, path: Path, of: Mapping[str, Any], width: int) -> None:
        self.path, self._width = path, width
        self._head = json.dumps({"format": FORMAT, "version": 1, "width": width, **of}).encode() + b"\n"
        self._vectors: list[np.ndarray] = []
        self._states: list[np.ndarray] = []
        with _writing(path):
            self._end = self._read() if path.exists() else self._begin()

    @property
    def done(self) -> int:
        """Rows that are there."""
        return sum(map(len, self._vectors))

    @property
    def vectors(self) -> np.ndarray:
        """[done, width] float32."""
        return np.concatenate([np.zeros((0, self._width), np.float32), *self._vectors])

    @property
    def states(self) -> np.ndarray:
        """[done] uint8, as they were given."""
        return np.concatenate([np.zeros(0, np.uint8), *self._states])

    def add(self, vectors: np.ndarray, states: np.ndarray) -> None:
        """Keep some more rows: vectors [n, width] float32, states [n] uint8. Raises VectorFileError."""
        body = vectors.astype("<f4").tobytes() + states.astype(np.uint8).tobytes()
        with _writing(self.path), self.path.open("r+b") as file:
            file.seek(self._end)
            file.truncate()
            file.write(_HEAD.pack(len(vectors), zlib.crc32(body)) + body)
            file.flush()
            os.fsync(file.fileno())
            self._end = file.tell()
        self._vectors.append(vectors)
        self._states.append(states)

    def remove(self) -> None:
        """Delete the file. Raises VectorFileError."""
        with _writing(self.path):
            self.path.unlink(missing_ok=True)

    def _begin(self) -> int:
        with self.path.open("xb") as file:
            file.write(self._head)
        return len(self._head)

    def _read(self) -> int:
        """Take what is there; returns where the last whole block ends."""
        with self.path.open("rb") as file:
            head = file.readline(_LONGEST_LINE)
            if head != self._head:
                self._refuse(head)
            end = file.tell()
            while (found := self._block(file.read(_HEAD.size), file)) is not None:
                self._vectors.append(found[0])
                self._states.append(found[1])
                end = file.tell()
        return end

    def _block(self, head: bytes, file: Any) -> tuple[np.ndarray, np.ndarray] | None:
        if len(head) < _HEAD.size:
            return None
        rows, checksum = _HEAD.unpack(head)
        size = rows * (4 * self._width + 1)
        if size > self.path.stat().st_size:  # what is no count of rows must not ask for memory
            return None
        body = file.read(size)
        if len(body) < size or zlib.crc32(body) != checksum:
            return None
        vectors = np.frombuffer(body, "<f4", rows * self._width).reshape(rows, self._width)
        return vectors.astype(np.float32), np.frombuffer(body, np.uint8)[-rows:].copy()

    def _refuse(self, head: bytes) -> None:
        own = json.loads(self._head)
        try:
            there = json.loads(head)
            known = isinstance(there, dict) and there.get("format") == FORMAT
        except ValueError:
            there, known = {}, False
        other = [name for name in own if there.get(name) != own[name]] if known else []
        what = f"It was begun with another {', another '.join(other)}." if known else "It is no file of this kind."
        raise VectorFileError(
            f"There is an unfinished file that cannot be gone on with. {what}", where=str(self.path),
            advice="Give what it was begun with to finish it, or delete it to begin anew.",
        )  # fmt: skip


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Within, what the system has to say comes as VectorFileError."""
    try:
        yield
    except OSError as error:
        raise VectorFileError(
            "The vectors could not be kept.", where=str(path), detail=str(error),
            advice="Choose a folder that can be written to, with room enough.",
        ) from error  # fmt: skip
