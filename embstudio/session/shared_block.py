"""One block of shared memory, used again and again for the arrays of one reply at a time.

The client owns it: a worker that is killed leaves nothing behind. No numpy here: the window imports this file before
its first paint.
"""

from __future__ import annotations

import os
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

_SMALLEST = 2**20
_KEEP = 2**26  # a larger block goes back to the system after use
_SHARED_FOLDER = Path("/dev/shm")


class SharedBlock:
    """`make_room` before a reply, `memory` while it is read, `rest` afterwards, `close` at the end."""

    def __init__(self) -> None:
        self._block: SharedMemory | None = None

    @property
    def memory(self) -> memoryview:
        """The block's bytes. Raises RuntimeError before `make_room`."""
        if self._block is None or self._block.buf is None:
            raise RuntimeError("no shared memory was asked for")
        return self._block.buf

    def make_room(self, size: int) -> str:
        """Name of a block of at least `size` bytes; "" where the system has no room for one."""
        if self._block is None or self._block.size < size:
            self.close()
            size = max(_SMALLEST, size + size // 4)
            if not _fits(size):
                return ""
            try:
                self._block = SharedMemory(create=True, size=size)
            except OSError:
                return ""  # the pipe will do: slower, but it works everywhere
        return self._block.name

    def rest(self) -> None:
        """The reply has been read; give a very large block back."""
        if self._block is not None and self._block.size > _KEEP:
            self.close()

    def close(self) -> None:
        """Give the block back to the system."""
        if self._block is not None:
            self._block.close()
            self._block.unlink()
            self._block = None


def _fits(size: int) -> bool:
    """Whether there is so much shared memory. Linux promises more than it has (a container often has 64 MB) and
    kills whoever writes to it."""
    if not _SHARED_FOLDER.is_dir():
        return True
    system = os.statvfs(_SHARED_FOLDER)
    return system.f_bavail * system.f_frsize > size
