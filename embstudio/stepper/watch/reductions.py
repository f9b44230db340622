"""One value of many, at every token, in float64. Each says in names.REDUCERS what it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.stepper.watch.arithmetic import constant
from embstudio.stepper.watch.flaws import Flaw
from embstudio.stepper.watch.series import Many, Series, first_of, no_flaws


def _entropy(a: np.ndarray) -> np.ndarray:
    """[rows] in bits, of p = a / Σ a: log₂ t − Σ a log₂ a / t, where 0 log 0 is 0 (as in trace.head_measures)."""
    logs = np.log2(a, out=np.zeros_like(a), where=a > 0)
    total = a.sum(axis=1)
    return np.asarray(np.log2(total) - (a * logs).sum(axis=1) / total)


_OF_NUMBERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda x: x.mean(axis=1),
    "max": lambda x: x.max(axis=1),
    "min": lambda x: x.min(axis=1),
    "sum": lambda x: x.sum(axis=1),
    "norm": lambda x: np.sqrt((x * x).sum(axis=1)),
    "std": lambda x: x.std(axis=1),
    "argmax": lambda x: x.argmax(axis=1).astype(np.float64),
    "entropy": _entropy,
    "count": lambda x: x.sum(axis=1).astype(np.float64),
    "any": lambda x: np.asarray(x.any(axis=1)),
    "all": lambda x: np.asarray(x.all(axis=1)),
}


def reduced(name: str, of: Many) -> Series:
    """One value of the many at each token."""
    values, flaws = np.zeros(of.length, bool if name in ("any", "all") else float), no_flaws(of.length)
    if not of.width:
        return Series(values, np.full(of.length, Flaw.EMPTY, np.uint8))
    for which, x, given in of.blocks():
        with np.errstate(all="ignore"):
            r = _OF_NUMBERS[name](x)
        nan = np.isnan(x).any(axis=1) if x.dtype == np.float64 else np.zeros(len(x), bool)
        odd = np.where(nan | np.isnan(r), Flaw.NOT_A_NUMBER, Flaw.NONE)
        if name in ("norm", "sum", "std", "mean"):
            odd = np.where(np.isinf(r) & np.isfinite(x).all(axis=1), Flaw.TOO_LARGE, odd)
        values[which], flaws[which] = r, first_of(given, odd)
    if name == "argmax":
        values += of.first
        return Series(values, flaws, of.names() or None if of.names else None)
    return Series(values, flaws)


def chosen(of: Many, place: int) -> Series:
    """The value at one place from 0 to width − 1 (of a part: counted from its first)."""
    return gathered(part(of, place, place + 1), constant(0.0, of.length))


def gathered(of: Many, places: Series) -> Series:
    """At each token the place that is worked out there; none where there is no such place."""
    wanted = places.values
    with np.errstate(invalid="ignore"):
        there = (wanted >= 0) & (wanted < of.width) & (wanted % 1 == 0) & places.known
    at = np.where(there, wanted, 0).astype(np.int64)
    values, flaws = np.zeros(of.length), no_flaws(of.length)
    if not of.width:
        return Series(values, np.full(of.length, Flaw.EMPTY, np.uint8))
    for which, x, given in of.blocks():
        if which.start == 0:
            values = values.astype(x.dtype)
        r = x[np.arange(len(x)), at[which]]
        nan = np.isnan(r) if x.dtype == np.float64 else np.zeros(len(x), bool)
        values[which], flaws[which] = r, first_of(given, np.where(nan, Flaw.NOT_A_NUMBER, Flaw.NONE))
    return Series(values, first_of(places.flaws, np.where(there, Flaw.NONE, Flaw.NO_PLACE), flaws))


def part(of: Many, first: int, last: int) -> Many:
    """The places from `first` up to and without `last`."""
    if of.narrow is not None:
        return of.narrow(first, last)

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        values, flaws = of.block(start, stop)
        return values[:, first:last], flaws

    return Many(of.length, max(0, last - first), block, of.names, of.first + first)
