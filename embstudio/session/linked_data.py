"""Weights in data files that are symbolic links, as the cache of the Hugging Face hub lays them out.

onnxruntime refuses to follow such links out of the model's folder when a model is given as bytes, so they are mapped
into memory and handed over. Only links that lie in the model's own folder are followed: a location that leads
elsewhere by itself ("../../etc/passwd") is left to onnxruntime, which refuses it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath


@contextmanager
def linked_data(folder: Path, names: Sequence[str]) -> Iterator[dict[str, mmap.mmap]]:
    """The contents of those data files that are links, by name, for as long as the block lasts."""
    with ExitStack() as stack:
        found: dict[str, mmap.mmap] = {}
        for name in names:
            path = folder / name
            if len(PurePath(name).parts) == 1 and path.is_symlink() and path.is_file() and path.stat().st_size:
                file = stack.enter_context(path.open("rb"))
                found[name] = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        yield found
