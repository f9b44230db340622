"""The Lab's benches as claims speak of them: how one is made from a lesson's training, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from embstudio.base.errors import InputError
from embstudio.base.paths import resources_dir
from embstudio.formulas.distances import cosine_similarity
from embstudio.lab.bench import Order
from embstudio.lab.word2vec.bench import Word2vecOrder
from embstudio.lab.word2vec.settings import Settings as Word2vecSettings
from embstudio.lessons.facts import Trained
from embstudio.lessons.lesson import Training
from embstudio.lessons.value import Value, ValueFault

Measure = Callable[..., Value]


@dataclass(frozen=True)
class LessonBench:
    """order: raises InputError for settings that cannot be. measures: by name; called with what was learnt, and words.
    words: what each takes, for docs/lessons.md."""

    order: Callable[[Training], Order]
    measures: Mapping[str, Measure]


def with_settings(settings: Any, training: Training) -> Any:
    """Settings with those of a training put in. Raises InputError for a name that there is not."""
    known = {field.name: field.type for field in fields(settings)}
    for name, value in training.settings:
        if name not in known:
            raise InputError(f"{training.bench} has no setting {name}.", advice=f"There are {', '.join(known)}.")
        if type(value) is not type(getattr(settings, name)) and not (
            isinstance(getattr(settings, name), float) and isinstance(value, int)
        ):
            raise InputError(f"{name} cannot be {value!r}.", advice=f"It is {getattr(settings, name)!r} at first.")
    changed = replace(settings, **dict(training.settings))
    changed.check()
    return changed


def _word2vec(training: Training) -> Order:
    sample = resources_dir() / "texts" / "small-world.txt"
    settings = with_settings(Word2vecSettings(), training)
    return Word2vecOrder(settings, training.text) if training.text else Word2vecOrder(settings, path=sample)


def order_of(training: Training) -> Order:
    """What a bench is made from. Raises InputError for a bench or settings that there are not."""
    if training.bench not in BENCHES:
        raise InputError(f"There is no bench {training.bench!r}.", advice=f"There are {', '.join(BENCHES)}.")
    return BENCHES[training.bench].order(training)


def _input(trained: Trained, word: str) -> np.ndarray:
    words = trained.about.words
    if word not in words:
        raise ValueFault(f"{word!r} is not in the text that was learnt from.")
    return np.asarray(trained.arrays[0][words.index(word)], np.float64)


def _likeness(trained: Trained, one: str, other: str) -> Value:
    return float(cosine_similarity(_input(trained, one), _input(trained, other)))


def _nearest(trained: Trained, word: str) -> Value:
    vectors = np.asarray(trained.arrays[0], np.float64)
    scores = cosine_similarity(vectors, _input(trained, word))
    scores[trained.about.words.index(word)] = -np.inf
    return str(trained.about.words[int(scores.argmax())])


def _loss(trained: Trained) -> Value:
    return float(trained.facts.curve[-1, 1])


def _first_loss(trained: Trained) -> Value:
    return float(trained.facts.nothing)


BENCHES: Mapping[str, LessonBench] = {
    "word2vec": LessonBench(
        _word2vec,
        {
            "loss": _loss,
            "loss of knowing nothing": _first_loss,
            "likeness": _likeness,
            "nearest": _nearest,
            "words": lambda trained: float(len(trained.about.words)),
        },
    ),
}
