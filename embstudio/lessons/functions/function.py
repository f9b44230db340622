"""A function of the claims' language, and the sorts of values it takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from embstudio.lessons.facts import Facts
from embstudio.lessons.lesson import Run, Training
from embstudio.lessons.value import Value, ValueFault


@dataclass(frozen=True)
class Function:
    """call(facts, *values) works it out; Raises ValueFault, MissingError, or LookupError.

    takes: the sorts of its values, of `SORTS`; those behind "?" may be left out. about: for people, with the source.
    """

    name: str
    takes: tuple[str, ...]
    about: str
    call: Callable[..., Value]

    @property
    def fewest(self) -> int:
        return sum(not sort.endswith("?") for sort in self.takes)

    @property
    def signature(self) -> str:
        """`name(run, token, expression)`, as docs/lessons.md lists it."""
        return f"{self.name}({', '.join(self.takes)})"

    def of(self, facts: Facts, values: list[Value]) -> Value:
        """Raises ValueFault for values of the wrong sort."""
        if not self.fewest <= len(values) <= len(self.takes):
            raise ValueFault(f"Write {self.signature}.")
        taken = [
            _as(sort.rstrip("?"), value, self) for sort, value in zip(self.takes, values, strict=False)
        ]  # fmt: skip
        return self.call(facts, *taken)


def number(value: object) -> float:
    """Raises ValueFault for what is none."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.floating | np.integer):
        raise ValueFault("this must be a number")
    if not math.isfinite(value):
        raise ValueFault("this is too large, or no number")
    return float(value)


def _as(sort: str, value: Value, function: Function) -> Any:
    if sort in ("number", "place", "count", "steps"):
        try:
            return number(value)
        except ValueFault as error:
            raise ValueFault(f"{function.signature}: {sort}: {error}") from None
    if sort in ("vector", "matrix"):
        if isinstance(value, np.ndarray) and value.ndim == (1 if sort == "vector" else 2) and value.size:
            return value
    elif sort == "numbers":
        if isinstance(value, np.ndarray) and value.size:
            return value
        if not isinstance(value, str | Run | Training):
            return np.asarray(number(value))
    elif sort == "run":
        if isinstance(value, Run):
            return value
    elif sort == "training":
        if isinstance(value, Training):
            return value
    elif isinstance(value, str):  # all other sorts are texts
        return value
    raise ValueFault(f"{function.signature}: a {sort} is wanted where there is {_said(value)}.")


def _said(value: Value) -> str:
    match value:
        case str():
            return f"the text {value!r}"
        case bool():
            return "yes or no"
        case np.ndarray():
            return f"{' × '.join(map(str, value.shape))} numbers"
        case Run():
            return "a run"
        case Training():
            return "a training"
        case _:
            return "a number"
