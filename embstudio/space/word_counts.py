"""Texts as counts of their words, or of words that stand side by side. No word order but that of a pair is left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

MOST = 10_000  # words of a text that is written out
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
_TIMES = re.compile(r"(\w[\w'’\-]*)\s*[×*]\s*(\d+)")


def written_out(text: str) -> str:
    """A text in which "dog×3" stands for "dog dog dog". Raises ValueError where that is more than MOST words."""
    if sum(int(times) for _, times in _TIMES.findall(text)) > MOST:
        raise ValueError(f"that would be more than {MOST:,} words")
    return _TIMES.sub(lambda found: " ".join([found[1]] * int(found[2])), text)


def words_of(text: str, without: Collection[str] = ()) -> list[str]:
    """Its words in small letters, in order. without: words that are left out."""
    return [word for word in _WORD.findall(text.lower()) if word not in without]


def pairs_of(words: Sequence[str]) -> list[str]:
    """Each two that stand side by side (bigrams): "the cat", "cat chased", …"""
    return [f"{first} {second}" for first, second in pairwise(words)]


def counts_of(*texts: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """All different words of some texts, in the order in which they come, and how often each text has each:
    [texts, words] float64."""
    names = tuple(dict.fromkeys(word for text in texts for word in text))
    counted = [Counter(text) for text in texts]
    return names, np.array([[float(each[name]) for name in names] for each in counted]).reshape(len(texts), len(names))


def shares_of(counts: np.ndarray) -> np.ndarray:
    """Counts [..., words] as shares of 1; zeros where there is nothing."""
    whole = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, whole, out=np.zeros_like(counts), where=whole > 0))
