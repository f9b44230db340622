"""Pictures that took long, kept where they can be found again by what they are of.

A picture belongs to the bytes of its vectors, the method with all its options, and the seed. Change any of them and it
is not found. At most `LIMIT` bytes are kept; those that were not looked at for longest go first.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import zipfile
from pathlib import Path

import numpy as np

from embstudio.base import paths
from embstudio.base.whole_file import write_whole
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.snapshot import Snapshot

LIMIT = 64 * 2**20  # bytes
_VERSION = 2  # raised when a method comes to draw something else with the same options
_BLOCK = 65_536  # rows


class PictureCache:
    """Files in one folder, which may not exist. Nothing here raises: what cannot be read is not there."""

    def __init__(self, folder: Path | None = None, limit: int = LIMIT) -> None:
        self.folder = folder if folder is not None else paths.cache_dir() / "pictures"
        self._limit = limit

    def key(self, vectors: np.ndarray, drawing: Drawing) -> str:
        """What the picture of these vectors [n, width] is found by."""
        return picture_key(vectors, drawing)

    def get(self, key: str) -> Snapshot | None:
        """The finished picture, or None."""
        path = self._path(key)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
                points, about = parts["points"], json.loads(str(parts["about"]))
            if points.ndim != 2 or points.dtype != np.float32 or not np.isfinite(points).all():
                raise ValueError("not a picture")
            snapshot = Snapshot(points, int(about["steps"]), int(about["steps"]), str(about["stage"]),
                                {str(name): float(value) for name, value in about["measures"].items()})  # fmt: skip
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile):
            self._forget(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # looked at now
        return snapshot

    def put(self, key: str, snapshot: Snapshot) -> None:
        """Keep a finished picture, if there is a place for it."""
        about = {"steps": snapshot.steps, "stage": snapshot.stage, "measures": dict(snapshot.measures)}
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with write_whole(self._path(key)) as out:
                np.savez(out, points=snapshot.points, about=json.dumps(about))
            self._tidy()

    def _tidy(self) -> None:
        """Let the oldest go until the rest is small enough."""
        files = [(file.stat().st_mtime_ns, file) for file in self.folder.glob("*.npz")]
        left = sum(file.stat().st_size for _, file in files)
        for _, file in sorted(files):
            if left <= self._limit:
                return
            left -= file.stat().st_size
            self._forget(file)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _forget(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()


def picture_key(vectors: np.ndarray, drawing: Drawing) -> str:
    """Of the bytes of vectors [n, width], the method with all its options, and the seed: 40 hexadecimal digits."""
    method = drawing.method
    options = dataclasses.asdict(method)  # type: ignore[call-overload]  # every method is a dataclass
    said = [_VERSION, method.name, options, drawing.seed, vectors.dtype.str, vectors.shape]
    digest = hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=20)
    for start in range(0, len(vectors), _BLOCK):
        digest.update(np.ascontiguousarray(vectors[start : start + _BLOCK]).data)
    return digest.hexdigest()
