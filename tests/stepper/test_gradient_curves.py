"""Curves of what arrives, against numpy in the plain and numbers that are noted elsewhere."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from embstudio.stepper.gradient_curves import Curve, Scale, bound, places_of, power, power_curve
from embstudio.stepper.reading import Reading
from embstudio.trace.token import Token


def tokens(*pieces: tuple[str, int | None]) -> list[Token]:
    return [
        Token(text, text, number, (start, start + len(text)) if start is not None else None)
        for number, (text, start) in enumerate(pieces)
    ]


def curve(values: list[float], at: int, *, backwards: bool = False) -> Curve:
    return Curve("h", "h", "h", np.arange(len(values), dtype=float), np.array(values), at, backwards)


@pytest.mark.parametrize(
    ("w", "steps", "noted"),
    [(0.8, 5, 0.32768), (0.8, 10, 0.1073742), (0.8, 13, 0.0549756), (1.2, 10, 6.1917364224), (1.0, 40, 1.0)],
)
def test_the_plain_curve_is_the_power(w: float, steps: int, noted: float) -> None:
    exact = Decimal(w) ** steps
    assert power(w, steps) == pytest.approx(float(exact), rel=1e-15)
    assert power(w, steps) == pytest.approx(noted, rel=1e-6)
    along = power_curve(w, 40, 41)
    assert 10 ** along.values[40 - steps] == pytest.approx(float(exact), rel=1e-13)


def test_the_plain_curve_goes_on_where_others_do() -> None:
    assert np.isnan(power_curve(0.5, 2, 5).values).tolist() == [False, False, False, True, True]
    both = power_curve(0.5, 2, 5, (True, True)).values
    assert both.tolist() == pytest.approx([np.log10(0.25), np.log10(0.5), 0, np.log10(0.5), np.log10(0.25)])


def test_a_curve_is_divided_by_its_value_at_the_last_token_or_the_one_before() -> None:
    nan, nothing = np.nan, -np.inf
    here = curve([-4.0, -1.0, 0.5, nothing], 2)
    assert here.scaled(Scale.ABSOLUTE) is here
    assert here.scaled(Scale.SHARE).values.tolist() == [-4.5, -1.5, 0.0, nothing]
    assert here.scaled(Scale.SHARE_BEFORE).values.tolist() == [-3.0, 0.0, 1.5, nothing]
    back = curve([nan, 0.5, -1.0, -4.0], 1, backwards=True)
    assert back.scaled(Scale.SHARE_BEFORE).values.tolist()[1:] == [1.5, 0.0, -3.0]
    assert curve([0.0], 0).scaled(Scale.SHARE_BEFORE) is None
    assert curve([0.0, nothing], 1).scaled(Scale.SHARE) is None


def test_the_factor_of_each_step() -> None:
    here = curve([3 * np.log10(0.8) + 0.3, 0.3 + 2 * np.log10(0.8), 0.3 + np.log10(0.8), 0.3], 3)
    assert [here.factor_at(column) for column in range(3)] == pytest.approx([0.8] * 3)
    assert here.factor_at(3) is None
    assert curve([-np.inf, 0.0], 1).factor_at(0) is None


def test_the_product_of_the_steps_bounds_the_jacobian_of_all_of_them() -> None:
    random = np.random.default_rng(3)
    jacobians = [random.normal(0, 0.4, (6, 6)) for _ in range(8)]  # of each token by the one before; [0] is unused
    steps = np.array([np.nan, *(np.linalg.norm(each, 2) for each in jacobians[1:])])
    last = 6
    product, least = np.eye(6), bound(steps, last)
    assert least[last] == 0
    assert np.isnan(least[last + 1 :]).all()
    for at in range(last - 1, -1, -1):
        product = product @ jacobians[at + 1]
        assert least[at] == pytest.approx(np.log10(np.prod(steps[at + 1 : last + 1])))
        assert np.log10(np.linalg.norm(product, 2)) <= least[at] + 1e-12
    backwards = bound(steps[::-1], 7 - last, backwards=True)
    assert backwards[::-1][: last + 1].tolist() == pytest.approx(least[: last + 1].tolist())


def reading(text: str, *pieces: tuple[str, int | None]) -> Reading:
    return Reading.of(tokens(*pieces), text)


def test_tokens_of_another_cut_stand_where_their_characters_do() -> None:
    text = "The dog won"
    whole = reading(text, ("The", 0), ("dog", 4), ("won", 8))
    assert places_of(whole, whole).tolist() == [0, 1, 2]
    spaced = reading(text, ("The", 0), (" dog", 3), (" won", 7))
    assert places_of(spaced, whole).tolist() == [0, 1, 2]
    pieces = reading(text, ("[CLS]", None), ("The", 0), ("do", 4), ("g", 6), ("won", 8), ("[SEP]", None))
    places = places_of(pieces, whole)
    assert np.isnan(places[[0, 5]]).all()
    assert places[[1, 4]].tolist() == [0, 2]
    assert 0.5 < places[2] < 1 < places[3] < 1.5
    other = Curve("h", "h", "h", places, np.array([-9.0, -1.0, -3.0, -2.0, 0.0, -9.0]), 4)
    assert other.value_at(1) == -2.0  # of both pieces the one that moves more
    assert np.isnan(curve([np.nan, 0.0], 1).value_at(0))


def test_readings_that_share_no_characters_share_no_columns() -> None:
    numbers = reading("5 17 3", ("#5", None), ("#17", None))
    assert numbers.numbered
    assert places_of(numbers, numbers).tolist() == [0, 1]
    assert np.isnan(places_of(numbers, reading("The", ("The", 0)))).all()
