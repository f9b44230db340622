"""A file packed with gzip, read as far as it is whole."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

UNPACKED_AT_ONCE = 1 << 17  # bytes


class Unpacking(io.RawIOBase):
    """told(nbytes): where the file is damaged it ends there, and this is called with how much came out of it before;
    without it what gzip and zlib raise is raised."""

    def __init__(self, packed: BinaryIO, told: Callable[[int], object] | None) -> None:
        self._file = gzip.GzipFile(fileobj=packed)
        self._told, self._count, self._ended = told, 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        if self._ended:
            return 0
        try:
            some = self._file.read1(len(room))
        except (gzip.BadGzipFile, EOFError, zlib.error):
            if self._told is None:
                raise
            self._ended = True
            self._told(self._count)
            return 0
        room[: len(some)] = some
        self._count += len(some)
        return len(some)
