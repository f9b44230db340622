"""Named axes: names and dimensions must agree, and are looked up by name."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.trace.axes import NamedArray

VALUES = np.arange(24).reshape(2, 3, 4)
ARRAY = NamedArray(VALUES, ("head", "query", "key"))


def test_indexing_by_name_keeps_the_other_axes_in_order() -> None:
    np.testing.assert_array_equal(ARRAY.at(query=1), VALUES[:, 1])
    np.testing.assert_array_equal(ARRAY.at(key=3, head=1), VALUES[1, :, 3])
    assert ARRAY.at(head=1, query=2, key=3) == VALUES[1, 2, 3]
    np.testing.assert_array_equal(ARRAY.at(), VALUES)


def test_sizes() -> None:
    assert (ARRAY.size("query"), ARRAY.shape, ARRAY.nbytes) == (3, (2, 3, 4), VALUES.nbytes)
    with pytest.raises(ValueError, match="not in tuple"):
        ARRAY.size("unit")
    with pytest.raises(ValueError, match="no axis 'unit'"):
        ARRAY.at(unit=1)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="3 dimensions"):
        NamedArray(VALUES, ("head", "query"))
    with pytest.raises(ValueError, match="heads"):
        NamedArray(VALUES, ("heads", "query", "key"))
