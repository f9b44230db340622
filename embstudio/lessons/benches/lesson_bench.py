"""A bench of the Lab as claims speak of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from embstudio.base.errors import InputError
from embstudio.lab.bench import Order
from embstudio.lessons.lesson import Training
from embstudio.lessons.value import Value

Measure = Callable[..., Value]


@dataclass(frozen=True)
class LessonBench:
    """order: how it is made; raises InputError for settings that cannot be. measures: by name; called with what was
    learnt, and words. takes: what `text` of a training is, for docs/lessons.md."""

    order: Callable[[Training], Order]
    measures: Mapping[str, Measure]
    takes: str


def with_settings(settings: Any, training: Training) -> Any:
    """Settings with those of a training put in. Raises InputError for a name that there is not, or a wrong sort."""
    known = [field.name for field in fields(settings)]
    for name, value in training.settings:
        if name not in known:
            raise InputError(f"{training.bench} has no setting {name}.", advice=f"There are {', '.join(known)}.")
        first = getattr(settings, name)
        if type(value) is not type(first) and not (isinstance(first, float) and type(value) is int):
            raise InputError(f"{name} cannot be {value!r}.", advice=f"It is {first!r} at first.")
    changed = replace(settings, **dict(training.settings))
    changed.check()
    return changed
