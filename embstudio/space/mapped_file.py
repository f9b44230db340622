"""The file that a table is mapped from, and whether somebody wrote into it since.

Whoever touches a page that was cut off such a file is ended by the system (SIGBUS), and what was written over it shows
as other numbers. A file that took its name leaves the old one, and the table, as they were.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np


def mapping_of(table: np.ndarray) -> np.memmap | None:
    """The array mapped from a file that a table is a view of; None for one in memory."""
    below: object = table
    while isinstance(below, np.ndarray):
        owner: object = below.base
        if isinstance(below, np.memmap) and isinstance(owner, mmap.mmap):  # a copy of one is one by name only
            return below
        below = owner
    return None


@dataclass(frozen=True)
class MappedFile:
    """path, and what tells one file from another and a file from itself after somebody wrote: inode, size, time."""

    path: Path
    inode: int
    size: int
    written_ns: int

    @classmethod
    def under(cls, table: np.ndarray) -> MappedFile | None:
        """The file as it is now; None for a table in memory, and where the file has no name any more."""
        mapping = mapping_of(table)
        return None if mapping is None or mapping.filename is None else cls.at(Path(mapping.filename))

    @classmethod
    def at(cls, path: Path) -> MappedFile | None:
        """The file of that name as it is now; None where there is none."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(path, found.st_ino, found.st_size, found.st_mtime_ns)

    @property
    def is_intact(self) -> bool:
        """Whether nobody wrote into it: it is as it was, or its name is another file's or nobody's by now."""
        now = MappedFile.at(self.path)
        return now is None or now.inode != self.inode or now == self
