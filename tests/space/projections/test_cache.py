"""Pictures that are remembered."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from embstudio.space.projections.cache import PictureCache
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.snapshot import Snapshot
from embstudio.space.projections.tsne import Tsne

VECTORS = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
PICTURE = Snapshot(VECTORS[:, :2].copy(), 9, 9, "settling", {"KL divergence": 1.25})


def test_what_was_put_is_found_to_the_byte(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "new")
    key = cache.key(VECTORS, Drawing(Tsne()))
    assert cache.get(key) is None
    cache.put(key, PICTURE)
    found = cache.get(key)
    assert found is not None
    assert found.points.tobytes() == PICTURE.points.tobytes()
    assert (found.finished, found.steps, dict(found.measures)) == (True, 9, {"KL divergence": 1.25})


def test_anything_else_is_another_key(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path)
    changed = VECTORS.copy()
    changed[49, 3] = np.nextafter(changed[49, 3], np.float32(np.inf))
    keys = [
        cache.key(VECTORS, Drawing(Tsne())),
        cache.key(changed, Drawing(Tsne())),
        cache.key(VECTORS.reshape(25, 8), Drawing(Tsne())),
        cache.key(VECTORS.astype(np.float64), Drawing(Tsne())),
        cache.key(VECTORS, Drawing(Tsne(), seed=1)),
        cache.key(VECTORS, Drawing(Tsne(perplexity=31))),
    ]
    assert len(set(keys)) == len(keys)
    assert cache.key(VECTORS.copy(), Drawing(Tsne())) == keys[0]


@pytest.mark.parametrize("cut", [0, 40, -30])
def test_a_damaged_file_is_forgotten(tmp_path: Path, cut: int) -> None:
    cache = PictureCache(tmp_path)
    cache.put("a", PICTURE)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:cut])
    assert cache.get("a") is None
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_looked_at_for_longest_goes_first(tmp_path: Path) -> None:
    PictureCache(tmp_path).put("a", PICTURE)
    size = next(tmp_path.iterdir()).stat().st_size
    cache = PictureCache(tmp_path, limit=2 * size + size // 2)
    cache.put("b", PICTURE)
    for at, key in enumerate(("b", "a")):  # a was looked at last
        os.utime(tmp_path / f"{key}.npz", (at, at))
    cache.put("c", PICTURE)
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["a", "c"]


def test_a_folder_that_cannot_be_made_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = PictureCache(tmp_path / "file" / "pictures")
    cache.put("a", PICTURE)
    assert cache.get("a") is None
