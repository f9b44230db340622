"""Pictures of the bundled vectors, computed beforehand, so that nobody waits for them.

They lie in resources/pictures, made by models/draw_pictures.py: coordinates in float16, found by the bytes of the
vectors, the method with all its options and the seed, as in the cache. Change any of them and it is not found.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np

from embstudio.base import paths
from embstudio.space.projections.cache import picture_key
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.snapshot import Snapshot


class Beforehand:
    """Files in one folder, which may not exist. They are of all rows, also of more than `most_rows`."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else paths.resources_dir() / "pictures"

    def get(self, vectors: np.ndarray, drawing: Drawing) -> Snapshot | None:
        """The picture of all rows of vectors [n, width], or None. Large vectors are only read where it may be there."""
        if not drawing.method.slow or not any(self.folder.glob(f"{_shape(vectors)}-*.npz")):
            return None
        try:
            with np.load(self._path(vectors, drawing), allow_pickle=False) as parts:
                points, about = parts["points"].astype(np.float32), json.loads(str(parts["about"]))
            if points.shape != (len(vectors), drawing.method.dimensions) or not np.isfinite(points).all():
                return None
            return Snapshot(points, int(about["steps"]), int(about["steps"]), str(about["stage"]),
                            {str(name): float(value) for name, value in about["measures"].items()})  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile):
            return None

    def put(self, vectors: np.ndarray, drawing: Drawing, snapshot: Snapshot) -> Path:
        """Write a finished picture; returns its file."""
        about = {"steps": snapshot.steps, "stage": snapshot.stage, "measures": dict(snapshot.measures)}
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(vectors, drawing)
        np.savez_compressed(path, points=snapshot.points.astype(np.float16), about=json.dumps(about))
        return path

    def _path(self, vectors: np.ndarray, drawing: Drawing) -> Path:
        return self.folder / f"{_shape(vectors)}-{picture_key(vectors, drawing)}.npz"


def _shape(vectors: np.ndarray) -> str:
    return "x".join(map(str, vectors.shape))
