"""Pairs: vectors pulled together and pushed apart by labels."""

from __future__ import annotations

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.bench import Order
from embstudio.lab.pairs.bench import PairsOrder
from embstudio.lab.pairs.ready import READY, ready_list
from embstudio.lab.pairs.settings import Settings
from embstudio.lessons.benches.lesson_bench import LessonBench, with_settings
from embstudio.lessons.facts import Trained
from embstudio.lessons.lesson import Training
from embstudio.lessons.value import Value, ValueFault


def _order(training: Training) -> Order:
    name = training.text or next(iter(READY))
    if name not in READY:
        raise InputError(f"There is no list of pairs {name!r}.", advice=f"There are {', '.join(READY)}.")
    found = ready_list(name)
    return PairsOrder.of(with_settings(Settings().turned(found.knobs), training), found)


def _item(trained: Trained, name: str) -> int:
    names = trained.about.items.names
    if name.lower() not in names:
        raise ValueFault(f"{name!r} is not among the items.")
    return int(names.index(name.lower()))


def _vector(trained: Trained, name: str) -> Value:
    return np.array(trained.arrays[0][_item(trained, name)], np.float64)


def _distance(trained: Trained, one: str, other: str) -> Value:
    vectors = np.asarray(trained.arrays[0], np.float64)
    return float(np.linalg.norm(vectors[_item(trained, one)] - vectors[_item(trained, other)]))


PAIRS = LessonBench(
    _order,
    {
        "loss": lambda trained: float(trained.facts.now.loss),
        "loss at the start": lambda trained: float(trained.facts.curve[0, 1]),
        "accuracy": lambda trained: float(trained.facts.now.accuracy),
        "accuracy at the start": lambda trained: float(trained.facts.curve[0, 3]),
        "held-out accuracy": lambda trained: float(trained.facts.now.held_accuracy),
        "vector": _vector,
        "distance": _distance,
    },
    f"a list of pairs that comes with the program: {', '.join(READY)}; without it the first",
)
