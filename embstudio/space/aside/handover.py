"""How a large table gets to another process on this computer without being copied more than once.

A table mapped from a file is mapped there too; any other goes through shared memory, or through the pipe where the
system has no room for it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np

from embstudio.space.mapped_file import mapping_of

_SHARED_FOLDER = Path("/dev/shm")
_PIECE = 2**24  # bytes through the pipe at a time


@dataclass(frozen=True)
class Parcel:
    """Where the table lies. place: path of a file, name of shared memory, or "" for the pipe."""

    dtype: str
    shape: tuple[int, ...]
    place: str = ""
    offset: int | None = None  # in the file

    @property
    def size(self) -> int:
        """Bytes."""
        return int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize


class Handover:
    """The giving side: `parcel` goes to the other process, then `send`; `close` once that has ended."""

    def __init__(self, table: np.ndarray) -> None:
        self._table = table
        self._block: SharedMemory | None = None
        self.parcel = self._mapped() or self._shared() or Parcel(table.dtype.str, table.shape)

    def _mapped(self) -> Parcel | None:
        """Where the table lies in its file; None if it is in no file, or not in one piece."""
        base = mapping_of(self._table)
        if base is None or not self._table.flags.c_contiguous:
            return None
        if base.filename is None or base.mode == "c":  # what was changed in a copy is not in the file
            return None
        offset = base.offset + self._table.ctypes.data - base.ctypes.data
        parcel = Parcel(self._table.dtype.str, self._table.shape, str(base.filename), offset)
        # Another file may have taken the old one's place since.
        here, there = self._table[:1], take_mapped(parcel)
        return parcel if there is not None and np.array_equal(here, there[:1], equal_nan=True) else None

    def _shared(self) -> Parcel | None:
        size = max(1, self._table.nbytes)
        if _SHARED_FOLDER.is_dir():
            # Linux promises more than it has and kills whoever writes to it.
            system = os.statvfs(_SHARED_FOLDER)
            if system.f_bavail * system.f_frsize <= size:
                return None
        try:
            self._block = SharedMemory(create=True, size=size)
        except OSError:
            return None
        np.ndarray(self._table.shape, self._table.dtype, self._block.buf)[...] = self._table
        return Parcel(self._table.dtype.str, self._table.shape, self._block.name)

    def send(self, connection: Connection) -> None:
        """Put the table into the pipe, where it has to. Raises OSError if nobody takes it."""
        if not self.parcel.place:
            raw = np.ascontiguousarray(self._table).data.cast("B")
            for start in range(0, len(raw), _PIECE):
                connection.send_bytes(raw[start : start + _PIECE])

    def close(self) -> None:
        """Give the shared memory back to the system."""
        if self._block is not None:
            self._block.close()
            self._block.unlink()
            self._block = None


def take_mapped(parcel: Parcel) -> np.ndarray | None:
    """The table in its file, or None if the file is gone or too short."""
    try:
        return np.memmap(parcel.place, np.dtype(parcel.dtype), "r", parcel.offset or 0, parcel.shape)
    except (OSError, ValueError):
        return None


def take(parcel: Parcel, connection: Connection) -> tuple[np.ndarray, SharedMemory | None]:
    """The receiving side: the table, and the shared memory that must live as long as it. Raises OSError."""
    if parcel.offset is not None:
        table = take_mapped(parcel)
        if table is None:
            raise OSError(f"{parcel.place} was changed")
        return table, None
    if parcel.place:
        block = SharedMemory(parcel.place)
        return np.ndarray(parcel.shape, parcel.dtype, block.buf), block
    raw = bytearray(parcel.size)
    at = 0
    while at < len(raw):
        at += connection.recv_bytes_into(memoryview(raw)[at:])
    return np.frombuffer(raw, parcel.dtype).reshape(parcel.shape), None
