"""Pictures that come with the program: found by what they are of, and those of the bundled vectors are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.base import paths
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner
from embstudio.space.projections.beforehand import Beforehand
from embstudio.space.projections.cache import PictureCache
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.method import Method
from embstudio.space.projections.run import drawn_aside
from embstudio.space.projections.tsne import Tsne
from embstudio.space.projections.umap import Umap
from embstudio.space.trust import TrustMeasure

VECTORS = np.random.default_rng(1).normal(size=(60, 5)).astype(np.float32)
DRAWING = Drawing(Tsne(iterations=3), seed=2)


def test_a_picture_is_found_by_its_vectors_its_method_and_its_seed(tmp_path: Path) -> None:
    kept = Beforehand(tmp_path)
    *_, picture = DRAWING.results(VECTORS)
    kept.put(VECTORS, DRAWING, picture)
    found = kept.get(VECTORS, DRAWING)
    assert found is not None
    assert found.finished
    assert found.points.dtype == np.float32
    np.testing.assert_allclose(found.points, picture.points, rtol=1e-3, atol=1e-3)
    assert dict(found.measures) == dict(picture.measures)
    assert kept.get(VECTORS, replace(DRAWING, most_rows=7)) is not None  # it is of all of them
    others = VECTORS.copy()
    others[3, 1] += 1
    for vectors, drawing in ((others, DRAWING), (VECTORS, replace(DRAWING, seed=3)), (VECTORS[:-1], DRAWING),
                             (VECTORS, Drawing(Tsne(iterations=4), seed=2))):  # fmt: skip
        assert kept.get(vectors, drawing) is None


def test_a_damaged_file_is_not_there(tmp_path: Path) -> None:
    kept = Beforehand(tmp_path)
    *_, picture = DRAWING.results(VECTORS)
    kept.put(VECTORS, DRAWING, picture).write_bytes(b"PK")
    assert kept.get(VECTORS, DRAWING) is None


@pytest.mark.parametrize("method", [Tsne(metric="cosine"), Umap(metric="cosine")], ids=["t-SNE", "UMAP"])
@pytest.mark.parametrize("name", ["words", "words-counted"])
def test_those_of_the_bundled_vectors_are_there_and_good(name: str, method: Method, tmp_path: Path) -> None:
    """Where this fails, vectors or methods are others than they were: run models/draw_pictures.py."""
    source = find(name)
    vectors = Runner.open(ModelRef(source.path, source.tokenizer)).table.vectors
    pictures, ends = [], []
    run = drawn_aside(vectors, Drawing(method), pictures.append, ends.append, PictureCache(tmp_path))
    run.start()
    run._thread.join()
    run.close()
    (picture,) = pictures
    assert run.pid is None  # no process was needed
    assert (picture.beforehand, picture.finished, picture.sample.count) == (True, True, len(vectors))
    assert not list(tmp_path.iterdir())
    measure = TrustMeasure(picture.snapshot.points, metric="cosine", most_points=150)
    *_, trust = measure.results(vectors)
    assert min(trust.overall) > 0.85


def test_they_are_small() -> None:
    files = list((paths.resources_dir() / "pictures").glob("*.npz"))
    assert len(files) == 4  # none is left over from before
    assert max(file.stat().st_size for file in files) < 500_000
