"""Memory that the process which trains and the one which looks on share: the newest tables lie in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np

Tables = tuple[tuple[tuple[int, ...], str], ...]
_SHARED_FOLDER = Path("/dev/shm")


class Tray:
    """name: of the shared memory; "": there is none, and tables go through the pipe."""

    def __init__(self, tables: Tables, name: str | None = None) -> None:
        """Make one (name None), or take the one of that name. Raises OSError where that is gone."""
        self._tables = tables
        self._own = name is None
        self._block = _made(_size(tables)) if name is None else SharedMemory(name) if name else None
        self.name = self._block.name if self._block is not None else ""

    def put(self, arrays: Sequence[np.ndarray]) -> None:
        """Lay arrays into it."""
        for place, array in zip(self._views(), arrays, strict=True):
            place[...] = array

    def copies(self) -> tuple[np.ndarray, ...]:
        """What lies in it."""
        return tuple(place.copy() for place in self._views())

    def close(self) -> None:
        """Give it back to the system."""
        if self._block is not None:
            self._block.close()
            if self._own:
                self._block.unlink()
            self._block = None

    def _views(self) -> list[np.ndarray]:
        assert self._block is not None
        views, start = [], 0
        for shape, dtype in self._tables:
            views.append(np.ndarray(shape, dtype, self._block.buf, start))
            start += views[-1].nbytes
        return views


def _size(tables: Tables) -> int:
    return sum(int(np.prod(shape)) * np.dtype(dtype).itemsize for shape, dtype in tables)


def _made(size: int) -> SharedMemory | None:
    if _SHARED_FOLDER.is_dir():
        # Linux promises more than it has and kills whoever writes to it.
        system = os.statvfs(_SHARED_FOLDER)
        if system.f_bavail * system.f_frsize <= size:
            return None
    try:
        return SharedMemory(create=True, size=max(1, size))
    except OSError:
        return None
