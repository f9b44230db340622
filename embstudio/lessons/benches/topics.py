"""Topics: LDA by Gibbs sampling. Which number a topic has is chance; a claim names it by a word that belongs to it."""

from __future__ import annotations

import numpy as np

from embstudio.lab.bench import Order
from embstudio.lab.topics.bench import TopicsOrder
from embstudio.lab.topics.books import books
from embstudio.lab.topics.documents import Reading, read_documents
from embstudio.lab.topics.settings import Settings
from embstudio.lessons.benches.lesson_bench import LessonBench, with_settings
from embstudio.lessons.facts import Trained
from embstudio.lessons.lesson import Training
from embstudio.lessons.value import Value, ValueFault


def _order(training: Training) -> Order:
    corpus = read_documents(training.text, Reading()) if training.text else books()
    return TopicsOrder(with_settings(Settings(), training), corpus)


def _word(trained: Trained, word: str) -> int:
    words = list(trained.about.words)
    if word not in words:
        raise ValueFault(f"{word!r} is not among the words.")
    return words.index(word)


def _topic(trained: Trained, word: str) -> int:
    """The topic that has most of a word's tokens."""
    return int(np.asarray(trained.arrays[2])[_word(trained, word)].argmax())


def _first_word(trained: Trained, word: str) -> Value:
    column = np.asarray(trained.arrays[2])[:, _topic(trained, word)]
    return str(trained.about.words[int(column.argmax())])


def _together(trained: Trained, one: str, other: str) -> Value:
    return _topic(trained, one) == _topic(trained, other)


def _share(trained: Trained, document: str, word: str) -> Value:
    """θ = (n_dk + α) / (n_d + K α): the document's share of the topic that a word belongs to."""
    names = list(trained.about.names)
    if document not in names:
        raise ValueFault(f"there is no document {document!r}; there are {', '.join(names[:12])}.")
    counts = np.asarray(trained.arrays[1], np.float64)[names.index(document)] + trained.facts.alpha
    return float(counts[_topic(trained, word)] / counts.sum())


TOPICS = LessonBench(
    _order,
    {
        "perplexity": lambda trained: float(trained.facts.curve[-1, 1]),
        "perplexity at the start": lambda trained: float(trained.facts.curve[0, 1]),
        "perplexity of one topic": lambda trained: float(trained.facts.nothing),
        "together": _together,
        "first word": _first_word,
        "share": _share,
    },
    "documents, one a line, a title and a tab before each if you like; without it the notes' books",
)
