"""Operators on arrays of values, with the reason wherever the result is no number. All in float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.stepper.watch.flaws import Flaw
from embstudio.stepper.watch.series import Many, Series, Values, first_of, no_flaws, of_rows

_TWO: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power, "min": np.minimum,
    "max": np.maximum, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip
_ONE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "-": np.negative, "+": np.positive, "abs": np.abs, "sqrt": np.sqrt, "log": np.log, "exp": np.exp,
}  # fmt: skip


def combined(operator: str, left: Values, right: Values) -> Values:
    """`left operator right` at every token; one value at each goes with each of many."""
    if operator in ("and", "or"):
        return _each_pair(left, right, lambda a, fa, b, fb: _logic(operator, a, fa, b, fb))
    return _each_pair(left, right, lambda a, fa, b, fb: _result(operator, a, fa, b, fb))


def applied(function: str, of: Values) -> Values:
    """A function of one number, or `not`, at every token."""

    def result(a: np.ndarray, fa: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if function == "not":
            return ~a, fa
        with np.errstate(all="ignore"):
            r = _ONE[function](a)
        none = (a < 0) if function == "sqrt" else (a <= 0) if function == "log" else np.zeros(a.shape, bool)
        return r, first_of(fa, np.where(none, Flaw.BELOW_ZERO, _odd(r, a)))

    if isinstance(of, Series):
        return Series(*result(of.values, of.flaws))

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        values, flaws = of.block(start, stop)
        r, new = result(values, np.broadcast_to(flaws[:, None], values.shape))
        return r, of_rows(new)

    return Many(of.length, of.width, block, of.names, of.first)


_Pair = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _each_pair(left: Values, right: Values, result: _Pair) -> Values:
    if isinstance(left, Series) and isinstance(right, Series):
        return Series(*result(left.values, left.flaws, right.values, right.flaws))
    many = left if isinstance(left, Many) else right
    assert isinstance(many, Many)

    def part(of: Values, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        if isinstance(of, Series):
            return of.values[start:stop, None], of.flaws[start:stop, None]
        values, flaws = of.block(start, stop)
        return values, flaws[:, None]

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        (a, fa), (b, fb) = part(left, start, stop), part(right, start, stop)
        r, new = result(a, fa, b, fb)
        return r, of_rows(np.broadcast_to(new, r.shape))

    return Many(many.length, many.width, block, many.names, many.first)


def _result(
    operator: str, a: np.ndarray, fa: np.ndarray, b: np.ndarray, fb: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(all="ignore"):
        r = np.asarray(_TWO[operator](a, b))
    if a.dtype != np.float64:  # texts and conditions: they are equal or not
        return r.astype(bool), first_of(fa, fb)
    if r.dtype == bool:
        return r, first_of(fa, fb, np.where(np.isnan(a) | np.isnan(b), Flaw.NOT_A_NUMBER, Flaw.NONE))
    odd = _odd(r, a, b)
    if operator == "/":
        odd = np.where(np.broadcast_to(b == 0, r.shape), Flaw.DIVIDED_BY_ZERO, odd)
    elif operator == "**":
        odd = np.where((a == 0) & (b < 0), Flaw.DIVIDED_BY_ZERO, np.where((a < 0) & np.isnan(r), Flaw.BELOW_ZERO, odd))
    return r, first_of(fa, fb, odd)


def _odd(r: np.ndarray, *inputs: np.ndarray) -> np.ndarray:
    """The flaw of results that are NaN, or infinite without an infinite input (a masked score is −∞ by right)."""
    if np.isfinite(r).all():
        return np.zeros(r.shape, np.uint8)
    given = np.zeros(r.shape, bool)
    for each in inputs:
        given = given | np.isinf(each)
    return np.where(np.isnan(r), Flaw.NOT_A_NUMBER, np.where(np.isinf(r) & ~given, Flaw.TOO_LARGE, Flaw.NONE))


def _logic(
    operator: str, a: np.ndarray, fa: np.ndarray, b: np.ndarray, fb: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Kleene's logic: what one side decides alone holds, whether the other is known or not."""
    decides = operator == "or"  # true decides an or, false an and
    r = (a | b) if decides else (a & b)
    settled = ((a == decides) & (fa == 0)) | ((b == decides) & (fb == 0))
    return np.where(settled, decides, r), np.where(settled, Flaw.NONE, first_of(fa, fb)).astype(np.uint8)


def same_name(number: Series, text: Series, *, equal: bool) -> Series:
    """Whether numbers that stand for something are called as a text says (or are not)."""
    names = number.names or ()
    called = (names[int(at)].strip() if 0 <= at < len(names) else "" for at in number.values)
    same = np.fromiter((one == other for one, other in zip(called, text.values, strict=True)), bool, len(text))
    return Series(same == equal, first_of(number.flaws, text.flaws))


def constant(value: float | bool | str, count: int) -> Series:
    """The same at every token."""
    kind = {bool: np.bool_, str: np.object_}.get(type(value), np.float64)
    values = np.empty(count, kind)
    values[:] = value
    return Series(values, no_flaws(count))
