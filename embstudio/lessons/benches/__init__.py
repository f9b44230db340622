"""The Lab's benches as claims speak of them: how one is made from a lesson's training, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping

from embstudio.base.errors import InputError
from embstudio.lab.bench import Order
from embstudio.lessons.benches.lesson_bench import LessonBench
from embstudio.lessons.benches.pairs import PAIRS
from embstudio.lessons.benches.recurrent import RECURRENT
from embstudio.lessons.benches.topics import TOPICS
from embstudio.lessons.benches.word2vec import WORD2VEC
from embstudio.lessons.lesson import Training

BENCHES: Mapping[str, LessonBench] = {"word2vec": WORD2VEC, "pairs": PAIRS, "topics": TOPICS, "recurrent": RECURRENT}


def order_of(training: Training) -> Order:
    """What a bench is made from. Raises InputError for a bench, a text or settings that there are not."""
    if training.bench not in BENCHES:
        raise InputError(f"There is no bench {training.bench!r}.", advice=f"There are {', '.join(BENCHES)}.")
    return BENCHES[training.bench].order(training)
