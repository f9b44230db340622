"""What relates a step of the cursor to the one before: the token to its left, whichever way a layer reads."""

from __future__ import annotations

import numpy as np

from embstudio.stepper.watch.arithmetic import applied, combined
from embstudio.stepper.watch.flaws import Flaw
from embstudio.stepper.watch.series import Block, Many, Series, Values, first_of


def before(of: Values) -> Values:
    """The value one step earlier; there is none at the first."""
    if isinstance(of, Series):
        if not len(of):
            return of
        values = np.concatenate((of.values[:1], of.values[:-1]))
        return Series(values, _moved(of.flaws, of.flaws[:1]), of.names)

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        values, flaws = of.block(max(0, start - 1), stop - 1) if stop > 1 else of.block(0, 1)
        if start == 0 and stop > 1:
            values, flaws = np.concatenate((values[:1], values)), np.concatenate((flaws[:1], flaws))
        flaws = flaws.copy()
        if start == 0:
            flaws[0] = Flaw.FIRST_STEP
        return values, flaws

    return Many(of.length, of.width, block, of.names, of.first)


def change(of: Values) -> Values:
    """x − before(x)"""
    return combined("-", of, before(of))


def flips(of: Values) -> Values:
    """Whether a text, condition or name is another than before; of plain numbers, whether the sign is."""
    earlier = before(of)
    if isinstance(of, Series) and isinstance(earlier, Series) and (of.values.dtype != np.float64 or of.names):
        return Series(of.values != earlier.values, first_of(of.flaws, earlier.flaws))
    return changes_sign(of)


def changes_sign(of: Values) -> Values:
    """Whether it was below 0 before and is not now, or the other way round. 0 itself is not below."""
    if isinstance(of, Many):
        below: Values = Many(of.length, of.width, _below(of), of.names, of.first)
    else:
        below = of if of.values.dtype == bool else combined("<", of, Series(np.zeros(len(of)), of.flaws))
    return combined("!=", below, before(below))


def _below(of: Many) -> Block:
    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        values, flaws = of.block(start, stop)
        if values.dtype == bool:
            return values, flaws
        nan = np.isnan(values).any(axis=1)
        return values < 0, first_of(flaws, np.where(nan, Flaw.NOT_A_NUMBER, Flaw.NONE))

    return block


def crosses(of: Values, bound: Values, *, upward: bool) -> Values:
    """Whether it is beyond a bound now and was not one step earlier, each time held against the bound of that step."""
    beyond = combined(">" if upward else "<", of, bound)
    return combined("and", beyond, applied("not", before(beyond)))


def _moved(flaws: np.ndarray, first: np.ndarray) -> np.ndarray:
    moved = np.concatenate((first, flaws[:-1]))
    moved[0] = Flaw.FIRST_STEP
    return moved
