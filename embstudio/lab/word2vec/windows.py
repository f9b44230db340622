"""The sliding window: which words are seen together.

The window is as wide at every word as it is drawn, and is cut off where the sentence ends. (word2vec.c shrinks it at
random, so that near words count more.) A word's place has a window of its own, also at both ends of the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Windows:
    """The windows of some neighbouring words. centres: [b] words. around: [c] words, all that stand in a window.

    seen: [b, c], 1 where a word stands in the window of a centre; a centre is not in its own.
    """

    centres: np.ndarray
    around: np.ndarray
    seen: np.ndarray


def windows_at(ids: np.ndarray, sentences: np.ndarray, start: int, end: int, width: int) -> Windows:
    """The windows of the words at start … end − 1 of a text, ids and sentences [tokens], `width` words to each side."""
    low, high = max(0, start - width), min(len(ids), end + width)
    rows, columns = np.arange(start, end)[:, None], np.arange(low, high)[None]
    seen = (np.abs(rows - columns) <= width) & (rows != columns)
    seen &= sentences[start:end, None] == sentences[None, low:high]
    return Windows(ids[start:end], ids[low:high], seen)


def context_of(sentences: np.ndarray, at: int, width: int) -> list[int]:
    """The places of the words in the window of the word at a place, from left to right."""
    low, high = max(0, at - width), min(len(sentences), at + width + 1)
    return [place for place in range(low, high) if place != at and sentences[place] == sentences[at]]
