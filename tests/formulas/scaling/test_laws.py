"""The published laws against what their papers say of them, and against a search for the best model."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.scaling.laws import (
    BESIROGLU,
    HOFFMANN,
    KAPLAN,
    LAWS,
    NOTED,
    PF_DAY,
    UNROUNDED,
    FlooredLaw,
    noted_exponent,
    perplexity,
)

GOPHER = 5.76e23  # operations: the budget that Chinchilla was made for
FLOORED = (HOFFMANN, UNROUNDED, BESIROGLU)


@pytest.mark.parametrize("law", FLOORED, ids=[law.name for law in FLOORED])
def test_the_best_model_is_what_a_search_finds(law: FlooredLaw) -> None:
    N = np.logspace(8, 13, 200_001)
    found = N[int(law.loss(N, GOPHER / 6 / N).argmin())]
    best_N, best_D = law.best(GOPHER)
    assert best_N == pytest.approx(found, rel=2e-3)
    assert 6 * best_N * best_D == pytest.approx(GOPHER)
    assert float(law.loss_of_compute(GOPHER)) == pytest.approx(float(law.loss(N, GOPHER / 6 / N).min()), rel=1e-9)


def test_the_best_models_for_gophers_budget_are_the_papers() -> None:
    assert UNROUNDED.best(GOPHER)[0] == pytest.approx(40e9, rel=0.02)  # Hoffmann et al., §3.4: approach 3 says 40 B
    assert HOFFMANN.best(GOPHER)[0] == pytest.approx(32e9, rel=0.01)  # what the printed digits give
    N, D = BESIROGLU.best(GOPHER)
    assert pytest.approx(70e9, rel=0.05) == N  # like approaches 1 and 2, and Chinchilla itself
    assert 15 < D / N < 25  # "20 tokens a parameter"


def test_exponents_of_the_best_model() -> None:
    N1, _ = BESIROGLU.best(1e20)
    N2, _ = BESIROGLU.best(1e22)
    assert np.log10(N2 / N1) / 2 == pytest.approx(0.5126, abs=1e-4)  # their a = β/(α+β) = 0.513
    K1, _ = KAPLAN.best(1e20)
    K2, _ = KAPLAN.best(1e22)
    assert np.log10(K2 / K1) / 2 == pytest.approx(0.73)


def test_the_worked_example_of_the_law() -> None:
    N, D = 124_439_808, 1e10
    assert float(HOFFMANN.loss(N, D)) == pytest.approx(1.69 + 406.4 / N**0.34 + 410.7 / D**0.28, rel=1e-12)


def test_no_model_gets_below_the_floor() -> None:
    for law in FLOORED:
        assert float(law.loss(1e30, np.inf)) == pytest.approx(law.floor, abs=1e-6)
        assert float(law.loss(1e30, np.inf)) > law.floor
    assert float(KAPLAN.of_size(8.8e13)) == 1.0  # without a floor it goes on falling


def test_kaplans_laws() -> None:
    assert float(KAPLAN.of_size(1e9) / KAPLAN.of_size(2e9)) == pytest.approx(2**0.076)  # their 5 % for twice the size
    assert float(KAPLAN.of_text(5.4e13)) == 1.0
    assert float(KAPLAN.loss_of_compute(3.1e8 * PF_DAY)) == 1.0
    assert PF_DAY == 8.64e19
    assert KAPLAN.best(PF_DAY) == (1.3e9, 2.0e10)
    # With text enough the joint law is near the one for size alone: they were fitted apart.
    assert float(KAPLAN.loss(1e8, 1e15)) == pytest.approx(float(KAPLAN.of_size(1e8)), rel=0.03)
    assert float(KAPLAN.loss(1e8, np.inf)) == float(KAPLAN.of_size(1e8))


def test_where_a_law_was_fitted() -> None:
    assert KAPLAN.range.holds(1e8, 1e10)
    assert not KAPLAN.range.holds(1e10, 1e10)
    assert HOFFMANN.range.holds(1e9, 2e10)
    assert not HOFFMANN.range.holds(1e9, 1e9)
    assert len(LAWS) == 4


def test_the_notes_table_as_a_power() -> None:
    """Against the line through both ends, and numpy's own least squares solved by hand."""
    x, y = np.log([N for N, _ in NOTED]), np.log([1 - accuracy for _, accuracy in NOTED])
    slope = np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2)
    assert noted_exponent() == pytest.approx(-slope)
    assert noted_exponent() == pytest.approx(np.log(0.30 / 0.15) / np.log(1e5), rel=0.05)


def test_perplexity() -> None:
    assert perplexity(np.log(50)) == pytest.approx(50)
