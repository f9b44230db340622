"""From texts to counts: documents are paragraphs or lines, words are taken in lower case."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np

from embstudio.base.errors import InputError
from embstudio.base.paths import resources_dir
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.sparse import Sparse

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_TITLE = re.compile(r"([^\t\n]{1,60})\t")
_NAMED_BY = 3  # words of a document without a title


@dataclass(frozen=True)
class Reading:
    """stop_words: whether the frequent little words of English are left out. also: more words to leave out. rarest:
    words that occur less often in all documents together are left out."""

    stop_words: bool = True
    also: tuple[str, ...] = ()
    rarest: int = 1


def read_documents(text: str, reading: Reading) -> Corpus:
    """Paragraphs where there are blank lines, else lines; a title may stand before a document, with a tab between.

    Words are letters and digits, with hyphens and apostrophes inside. Raises InputError where no word is left.
    """
    pieces = [piece for piece in _pieces(text) if piece.strip()]
    if not pieces:
        raise InputError("There are no documents yet.", advice="Type or paste some, one a line, or open a file.")
    names: list[str] = []
    found: list[list[str]] = []
    for number, piece in enumerate(pieces, 1):
        titled = _TITLE.match(piece)
        body = piece[titled.end() :] if titled else piece
        found.append(words_of(body))
        names.append(titled[1].strip() if titled else f"{number}: {' '.join(body.split()[:_NAMED_BY])}")
    out = (_stop_words() if reading.stop_words else frozenset()) | set(reading.also)
    counted = Counter(word for words in found for word in words)
    kept = sorted((-count, word) for word, count in counted.items() if count >= reading.rarest and word not in out)
    if not kept:
        cause = "they are all stop words or too rare" if counted else "they have no letters or digits"
        raise InputError(
            f"No word of these documents is left: {cause}.", where=f"{len(pieces):,} documents",
            advice="Keep stop words and rare words, or take other documents.",
        )  # fmt: skip
    place = {word: at for at, (_count, word) in enumerate(kept)}
    ids = [[place[word] for word in words if word in place] for words in found]
    lengths = np.array([len(each) for each in ids])
    order = np.array([word for each in ids for word in each], dtype=np.int32)
    rows = np.repeat(np.arange(len(ids)), lengths)
    counts = Sparse.of_places(rows, order, len(ids), len(place))
    return Corpus(tuple(names), tuple(place), counts, order, counted.total() - len(order))


def words_of(text: str) -> list[str]:
    """Its words, in lower case."""
    return _WORD.findall(text.lower())


def _pieces(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").strip("\n")
    return _BLANK_LINE.split(text) if _BLANK_LINE.search(text) else text.split("\n")


@cache
def _stop_words() -> frozenset[str]:
    file = resources_dir() / "texts" / "english-stop-words.txt"
    return frozenset(file.read_text(encoding="utf-8").split())
