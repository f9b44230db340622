from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.vector_set import VectorSet


def test_words_and_vectors_belong_together() -> None:
    table = VectorSet(("cat", "dog"), np.eye(2, 3))
    assert (len(table), table.width) == (2, 3)
    assert (table.metadata, table.source, table.notices) == ({}, "", ())


def test_each_column_of_metadata_has_a_value_a_row() -> None:
    assert VectorSet(("cat", "dog"), np.eye(2), {"n": ("1", "2")}).metadata["n"] == ("1", "2")
    with pytest.raises(ValueError, match="1 values of 'n' for 2 vectors"):
        VectorSet(("cat", "dog"), np.eye(2), {"n": ("1",)})


@pytest.mark.parametrize("vectors", [np.eye(3), np.ones(2), np.ones((2, 3), int)])
def test_what_does_not_fit(vectors: np.ndarray) -> None:
    with pytest.raises(ValueError, match="vectors"):
        VectorSet(("cat", "dog"), vectors)
