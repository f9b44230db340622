"""What every way of drawing has in common, whichever there are."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from embstudio.space.projections.methods import METHODS

VECTORS = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_plain_data_that_draws_points(name: str) -> None:
    method = METHODS[name]()
    assert dataclasses.is_dataclass(method)
    assert pickle.loads(pickle.dumps(method)) == method
    first, *rest = method.pictures(VECTORS, seed=0)
    last = rest[-1] if rest else first
    assert last.finished
    for picture in (first, last):
        assert picture.points.shape == (40, method.dimensions)
        assert picture.points.dtype == np.float32
        assert np.isfinite(picture.points).all()


@pytest.mark.parametrize("name", METHODS)
def test_the_vectors_are_left_as_they_are(name: str) -> None:
    vectors = VECTORS.copy()
    vectors.flags.writeable = False
    next(iter(METHODS[name]().pictures(vectors, seed=0)))


def test_what_bends_space_says_so() -> None:
    assert {name for name, method in METHODS.items() if "no meaning" in method.caution} == {"t-SNE", "UMAP"}
