from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.vector_set import VectorSet


def test_words_and_vectors_belong_together() -> None:
    table = VectorSet(("cat", "dog"), np.eye(2, 3))
    assert (len(table), table.width) == (2, 3)


@pytest.mark.parametrize("vectors", [np.eye(3), np.ones(2), np.ones((2, 3), int)])
def test_what_does_not_fit(vectors: np.ndarray) -> None:
    with pytest.raises(ValueError, match="vectors"):
        VectorSet(("cat", "dog"), vectors)
