"""How numbers are written where many stand side by side."""

from __future__ import annotations

import math

import pytest

from embstudio.gui.plots.metric_table import seven
from embstudio.gui.plots.rank_table import short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0677078252, "1.0677078"), (0.47991678, "0.4799168"), (-0.5, "−0.5000000"), (0.0, "0.0000000"),
        (97.694289, "97.694289"), (123456.789, "123456.79"),
        (1e7, "1.0000e+07"), (1e-5, "1.0000e−05"), (math.inf, "∞"),
    ],
)  # fmt: skip
def test_distances_have_eight_digits(value: float, text: str) -> None:
    assert seven(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1.00"), (0.744, ".74"), (-0.451, "−.45"), (0.999, "1.00"), (-0.001, ".00")]
)
def test_correlations_are_as_short_as_can_be(value: float, text: str) -> None:
    assert short(value) == text
