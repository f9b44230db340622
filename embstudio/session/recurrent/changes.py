"""Replacements as the arrays that an opened-up graph takes them from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embstudio.base.errors import InputError
from embstudio.session.replacement import Replacement


@dataclass(frozen=True)
class Change:
    """What becomes of the values at one point, each [pos, 1, unit]: where `changed`, a value v becomes
    factor · v + added; where `set` as well, it becomes `added`, whatever it was."""

    changed: np.ndarray
    factor: np.ndarray
    added: np.ndarray
    set: np.ndarray

    @classmethod
    def nothing(cls, tokens: int, units: int) -> Change:
        """Everything as it is computed."""
        shape = (tokens, 1, units)
        return cls(np.zeros(shape, bool), np.ones(shape), np.zeros(shape), np.zeros(shape, bool))

    def follow(self, replacement: Replacement) -> None:
        """Make one replacement on top of those made before."""
        units = slice(None) if replacement.units is None else list(replacement.units)
        at = (slice(replacement.start, replacement.end), 0, units)
        self.changed[at] = True
        if replacement.how == "set":
            self.set[at], self.factor[at], self.added[at] = True, 0.0, replacement.value
        elif replacement.how == "scale":
            self.factor[at] *= replacement.value
            self.added[at] *= replacement.value
        else:
            self.added[at] += replacement.value


def changes_of(
    replacements: Sequence[Replacement],
    units: Mapping[str, int],
    tokens: int,
    length: int,
    together: Mapping[str, int] | None = None,
) -> dict[str, Change]:
    """By point, the replacements made one after the other.

    units: of the points that can be replaced. tokens: of the text; length: of what is run, with padding behind it.
    together: how many tokens share each position of a point, where it is more than one; a position is replaced where
    any of its tokens is.
    Raises InputError for a point, unit or token that there is not.
    """
    found: dict[str, Change] = {}
    for each in replacements:
        count = units.get(each.point)
        if count is None:
            raise InputError(
                "There is no such gate or state that could be replaced.", where=each.point,
                advice=f"There are {', '.join(units)}." if units else "This model has no recurrent layer that is "
                "opened up.",
            )  # fmt: skip
        outside = [unit for unit in each.units or () if not 0 <= unit < count]
        if outside:
            raise InputError(
                f"There is no unit {outside[0]}: the layer has {count}, counted from 0.", where=str(each),
                advice=f"Give units from 0 to {count - 1}.",
            )  # fmt: skip
        if not 0 <= each.start < tokens or (each.end is not None and each.end > tokens):
            wrong = each.start if each.start >= tokens else (each.end or 0) - 1
            raise InputError(
                f"There is no token {wrong}: the text has {tokens}, counted from 0.", where=str(each),
                advice=f"Give tokens from 0 to {tokens - 1}.",
            )  # fmt: skip
        shared = (together or {}).get(each.point, 1)
        end = -(-(tokens if each.end is None else each.end) // shared)
        whole = replace(each, start=each.start // shared, end=end)
        found.setdefault(each.point, Change.nothing(length // shared, count)).follow(whole)
    return found
