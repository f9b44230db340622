"""A text as numbers: its words and how often each occurs, and which word stands where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError

_MOST_BYTES = 2**30  # of both tables
_MOST_FOR_SOFTMAX = 5_000


@dataclass(frozen=True)
class Vocabulary:
    """words: the most frequent first. counts: [words] int64, how often each occurs in the text."""

    words: tuple[str, ...]
    counts: np.ndarray

    @property
    def frequencies(self) -> np.ndarray:
        """[words], sum 1."""
        return np.asarray(self.counts / self.counts.sum())


@dataclass(frozen=True)
class Corpus:
    """ids: [tokens] int32, places in the vocabulary. sentences: [tokens] int32, which sentence each stands in.
    left_out: tokens of words that are too rare."""

    vocabulary: Vocabulary
    ids: np.ndarray
    sentences: np.ndarray
    left_out: int


def check_size(words: int, dimensions: int, *, softmax: bool) -> None:
    """Raises InputError for tables that would not fit into memory, or a softmax that would take too long."""
    if 2 * 4 * words * dimensions > _MOST_BYTES:
        raise InputError(
            "The tables of vectors would be too large.", where=f"2 × {words:,} words × {dimensions:,} dimensions",
            advice="Leave rare words out (“rarest”), or take fewer dimensions.",
        )  # fmt: skip
    if softmax and words > _MOST_FOR_SOFTMAX:
        raise InputError(
            f"The full softmax asks all words at each step, and is for {_MOST_FOR_SOFTMAX:,} words at most.",
            where=f"{words:,} words",
            advice="Take negative sampling, or leave rare words out (“rarest”).",
        )  # fmt: skip
