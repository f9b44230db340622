"""From a text to numbers: its sentences, its words in lower case, and how often each occurs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|([.!?…。！？\n]+)")
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


def read_corpus(text: str, rarest: int = 1) -> Corpus:
    """Words are letters and digits, with hyphens and apostrophes inside, in lower case; sentences end with . ! ? … or
    a line. Raises InputError for a text in which there is nothing to learn."""
    names: list[str] = []
    sentence, sentences = 0, []
    for found in _WORD.finditer(text.lower()):
        if found[1]:
            sentence += 1
        else:
            names.append(found[0])
            sentences.append(sentence)
    if not names:
        raise InputError("There are no words in this text.", advice="Paste a text of some sentences, or open a file.")
    counted = Counter(names)
    kept = sorted(((-count, word) for word, count in counted.items() if count >= rarest))
    if len(counted) == 1:
        raise InputError(
            f"“{names[0]}” is the only word in this text.", where=f"{len(names):,} words",
            advice="A word's meaning is learnt from the words around it: take a text of many different words.",
        )  # fmt: skip
    if len(kept) < 2:
        raise InputError(
            f"Fewer than two words occur {rarest:,} times or more in this text.",
            where=f"{len(counted):,} different words",
            advice="Leave fewer out (“rarest”), or take a longer text.",
        )  # fmt: skip
    place = {word: at for at, (_count, word) in enumerate(kept)}
    ids = np.array([place.get(name, -1) for name in names], dtype=np.int32)
    known = ids >= 0
    vocabulary = Vocabulary(tuple(place), np.array([-count for count, _word in kept], dtype=np.int64))
    corpus = Corpus(vocabulary, ids[known], np.array(sentences, dtype=np.int32)[known], int((~known).sum()))
    if not (np.diff(corpus.sentences) == 0).any():
        raise InputError(
            "No two words of this text stand in one sentence.",
            advice="A word's meaning is learnt from the words around it: take a text of whole sentences.",
        )  # fmt: skip
    return corpus


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
