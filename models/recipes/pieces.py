"""Words, and pieces for the words outside: a WordPiece vocabulary whose vectors start from known word vectors.

A word that is not in the vocabulary is read as its longest known beginning and pieces, written ##… (Schuster &
Nakajima 2012). The vector of a piece starts at the mean of E[stem + piece] - E[stem], so that the vectors of a stem and
a piece add up to about that of their word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import NFC, Lowercase, Replace, Sequence
from tokenizers.pre_tokenizers import Split

from models.recipes import wording
from models.recipes.shipped import Shipped
from models.recipes.wording import ONIGURUMA_WORD, UNKNOWN

SHORTEST_STEM, LONGEST_PIECE = 3, 6
ENOUGH = 12  # words that end in a piece, for the piece to be kept
SHRINKING = 10  # as many differences of 0 are added to the mean, so that rare pieces start small
LEAST = 2  # uses of a new word
COMMON = 1e-4  # a in a / (a + p(word))
PIECE_FREQUENCY = 1e-4


@dataclass(frozen=True)
class Start:
    """entries: by id. vectors [entries, width] of length 1 or 0. weights [entries]: a / (a + p)."""

    entries: list[str]
    vectors: np.ndarray
    weights: np.ndarray

    @property
    def tokenizer(self) -> Tokenizer:
        return piece_tokenizer(self.entries)


def piece_tokenizer(entries: list[str]) -> Tokenizer:
    """Lower-cases, drops punctuation, and splits unknown words into pieces; ``entries[0]`` must be the unknown word."""
    assert entries[0] == UNKNOWN
    assert len(set(entries)) == len(entries)
    ids = {entry: i for i, entry in enumerate(entries)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = Sequence([NFC(), Replace("’", "'"), Lowercase()])
    tokenizer.pre_tokenizer = Split(Regex(ONIGURUMA_WORD), behavior="removed", invert=True)
    return tokenizer


def start(bundled: Shipped, texts: Iterable[str]) -> Start:
    """The bundled words, words that the texts use ``LEAST`` times or more, then single letters and pieces.

    Word vectors are centred and made length 1; a new word starts as the sum of its pieces.
    """
    counts = Counter(word for text in texts for word in wording.words(text))
    known = bundled.tokenizer.get_vocab()
    words = bundled.vocabulary
    vectors = centred(bundled.run(np.arange(len(words))))
    endings = _endings(words, known, vectors)
    letters = sorted({letter for word in words[1:] for letter in word})
    singles = [letter for letter in letters if letter not in known]
    kept = {piece for piece, differences in endings.items() if len(differences) >= ENOUGH}
    kept |= {f"##{letter}" for letter in letters}
    pieces = sorted(kept, key=lambda piece: (len(piece), piece))

    nothing = np.zeros(vectors.shape[1], np.float32)
    vector = dict.fromkeys(singles, nothing) | dict(zip(words, vectors, strict=True))
    for piece in pieces:
        differences = endings.get(piece, [])
        vector[piece] = np.sum(differences, axis=0) / (len(differences) + SHRINKING) if differences else nothing
    first = piece_tokenizer([*words, *singles, *pieces])
    new = [
        word for word, count in counts.items()
        if count >= LEAST and word not in known and len(word) > 1 and not word.isdigit()
    ]  # fmt: skip
    for word in new:
        vector[word] = np.sum([vector[piece] for piece in first.encode(word).tokens], axis=0)
    entries = [*words, *new, *singles, *pieces]
    p = np.full(len(entries), PIECE_FREQUENCY)
    p[: len(words)] = zipf(len(words))
    p[len(words) : len(words) + len(new) + len(singles)] = p[len(words) - 1]
    stacked = np.array([vector[entry] for entry in entries], np.float32)
    return Start(entries, stacked, (COMMON / (COMMON + p)).astype(np.float32))


def centred(vectors: np.ndarray) -> np.ndarray:
    """Less the mean of all words, then of length 1; row 0, the unknown word, becomes 0."""
    less = vectors - vectors[1:].mean(0)
    unit = less / np.linalg.norm(less, axis=1, keepdims=True)
    unit[0] = 0
    return unit


def zipf(words: int) -> np.ndarray:
    """p(word) = 1 / (rank · Σ 1/rank), for words sorted by their frequency; row 0, the unknown word, is the rarest."""
    rank = np.arange(words, dtype=np.float64)
    rank[0] = words
    p = 1 / rank
    return p / p.sum()


def _endings(words: list[str], known: dict[str, int], vectors: np.ndarray) -> dict[str, list[np.ndarray]]:
    """E[word] - E[stem], by the piece that makes the word of the stem."""
    endings = defaultdict(list)
    for row, word in enumerate(words[1:], start=1):
        for end in range(max(SHORTEST_STEM, len(word) - LONGEST_PIECE), len(word)):
            if word[:end] in known:
                endings[f"##{word[end:]}"].append(vectors[row] - vectors[known[word[:end]]])
    return endings
