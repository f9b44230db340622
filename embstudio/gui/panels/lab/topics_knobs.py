"""The knobs of LDA."""

from __future__ import annotations

from embstudio.gui.panels.lab.knobs import Knob, Part, Whole
from embstudio.lab.topics.settings import MOST_TOPICS

KNOBS: tuple[Knob, ...] = (
    Whole("topics", "topics", 2, MOST_TOPICS, "How many topics the words are sorted into"),
    Part(
        "alpha", "α", 0.001, 100.0, 0.1, 3,
        "What each document has of each topic before any word is counted. Small: documents of few topics",
    ),
    Part(
        "beta", "β", 0.001, 100.0, 0.1, 3,
        "What each topic has of each word before any is counted. Small: topics of few words",
    ),
    Whole("epochs", "epochs", 1, 10_000, "How often all words are sorted again"),
    Whole("seed", "seed", 0, 2**31 - 1, "Where chance begins: the same seed gives the same run"),
)  # fmt: skip
