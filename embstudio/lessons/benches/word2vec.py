"""Word2vec: vectors of words, learnt from the words around them."""

from __future__ import annotations

import numpy as np

from embstudio.base.paths import resources_dir
from embstudio.formulas.distances import cosine_similarity
from embstudio.lab.bench import Order
from embstudio.lab.word2vec.bench import Word2vecOrder
from embstudio.lab.word2vec.settings import Settings
from embstudio.lessons.benches.lesson_bench import LessonBench, with_settings
from embstudio.lessons.facts import Trained
from embstudio.lessons.lesson import Training
from embstudio.lessons.value import Value, ValueFault


def _order(training: Training) -> Order:
    settings = with_settings(Settings(), training)
    if training.text:
        return Word2vecOrder(settings, training.text)
    return Word2vecOrder(settings, path=resources_dir() / "texts" / "small-world.txt")


def _row(trained: Trained, word: str) -> int:
    words = list(trained.about.words)
    if word not in words:
        raise ValueFault(f"{word!r} is not in the text that was learnt from.")
    return words.index(word)


def _vectors(trained: Trained) -> np.ndarray:
    """The input table [words, dimensions]."""
    return np.asarray(trained.arrays[0], np.float64)


def _vector(trained: Trained, word: str) -> Value:
    return np.array(_vectors(trained)[_row(trained, word)])


def _likeness(trained: Trained, one: str, other: str) -> Value:
    vectors = _vectors(trained)
    return float(cosine_similarity(vectors[_row(trained, one)], vectors[_row(trained, other)]))


def _nearest(trained: Trained, word: str) -> Value:
    vectors, row = _vectors(trained), _row(trained, word)
    scores = cosine_similarity(vectors, vectors[row])
    scores[row] = -np.inf
    return str(trained.about.words[int(scores.argmax())])


def _analogy(trained: Trained, a: str, b: str, c: str) -> Value:
    """3CosAdd: a − b + c, without the words asked with."""
    vectors = _vectors(trained)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [_row(trained, word) for word in (a, b, c)]
    scores = unit @ (unit[rows[0]] - unit[rows[1]] + unit[rows[2]])
    scores[rows] = -np.inf
    return str(trained.about.words[int(scores.argmax())])


WORD2VEC = LessonBench(
    _order,
    {
        "loss": lambda trained: float(trained.facts.curve[-1, 1]),
        "loss of knowing nothing": lambda trained: float(trained.facts.nothing),
        "words": lambda trained: float(len(trained.about.words)),
        "vector": _vector,
        "likeness": _likeness,
        "nearest": _nearest,
        "analogy": _analogy,
    },
    "the text itself; without it the Lab's own",
)
