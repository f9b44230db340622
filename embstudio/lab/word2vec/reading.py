"""Reading a text block by block, so that of a large one no more than its numbers are held.

What would not fit into memory is refused, with numbers, while there still is some.
"""

from __future__ import annotations

import codecs
import re
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.word2vec.settings import GENSIM, SOFTMAX, Settings
from embstudio.lab.word2vec.vocabulary import Corpus, Vocabulary, check_size
from embstudio.space.files.memory import available_memory

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_END = re.compile(r"[.!?…。！？\n]+")
_BLOCK = 2**20  # bytes, or letters
_MOST_WORDS = 5_000_000  # different ones: the list of them alone is near a gigabyte
_MIB = 2**20
# Bytes of memory a word of the text takes: its number and its sentence's, and what an epoch chooses by.
_A_WORD = {True: 20, False: 48}  # by gensim; by ours
_TABLES = 6  # copies of both tables: in training, kept, shared, on the screen


class _Names(dict[str, int]):
    """Words by the order in which they were met."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


class Reader:
    """`take` the text in blocks, then `corpus`. size: of the whole text, in the unit of `read`. where: for errors."""

    def __init__(self, settings: Settings, size: int, where: str = "") -> None:
        self._settings, self._size, self._where = settings, size, where
        self._names = _Names()
        self._ids, self._sentences = array("i"), array("i")
        self._sentence = 0

    def take(self, block: str, read: int) -> None:
        """Read on; no word goes over the end of a block. read: how much of the size that makes. Raises InputError."""
        names, first = self._names, True
        for part in _END.split(block.lower()):
            self._sentence += not first
            first = False
            found = _WORD.findall(part)
            self._ids.extend([names[name] for name in found])
            self._sentences.extend([self._sentence] * len(found))
        self._check(read)

    def corpus(self) -> Corpus:
        """What was read. Raises InputError for a text in which there is nothing to learn."""
        names, rarest = list(self._names), self._settings.rarest
        ids = np.frombuffer(self._ids, np.int32) if self._ids else np.zeros(0, np.int32)
        counts = np.bincount(ids, minlength=len(names))
        _check_words(names, counts, len(ids), rarest)
        kept = np.flatnonzero(counts >= rarest).tolist()
        kept.sort(key=lambda number: (-counts[number], names[number]))
        self._check_memory(len(ids), len(kept))
        place = np.full(len(names), -1, np.int32)
        place[kept] = np.arange(len(kept))
        ids = place[ids]
        known = ids >= 0
        sentences = np.frombuffer(self._sentences, np.int32)[known]
        vocabulary = Vocabulary(tuple(names[number] for number in kept), counts[kept].astype(np.int64))
        if not (sentences[1:] == sentences[:-1]).any():
            raise InputError(
                "No two words of this text stand in one sentence.",
                advice="A word's meaning is learnt from the words around it: take a text of whole sentences.",
            )  # fmt: skip
        return Corpus(vocabulary, ids[known], sentences, int(len(known) - known.sum()))

    def _check(self, read: int) -> None:
        """Raises InputError for what will be too much, as far as the text so far tells."""
        settings, different = self._settings, len(self._names)
        part = f"in the first {read / self._size:.0%} of the text" if read < self._size else "in this text"
        if different > _MOST_WORDS:
            raise InputError(
                f"There are more than {_MOST_WORDS:,} different words {part}.", where=self._where,
                advice="Take a shorter text, or one in which words come back.",
            )  # fmt: skip
        if settings.rarest == 1:  # else it is not known yet which stay
            check_size(different, settings.dimensions, softmax=settings.loss == SOFTMAX)
        words = len(self._ids) * self._size / max(1, read)
        self._check_memory(words, different if settings.rarest == 1 else 0)

    def _check_memory(self, words: float, different: int) -> None:
        """Raises InputError where a text of so many words, of which so many differ, takes more than there is."""
        settings, available = self._settings, available_memory()
        wanted = words * _A_WORD[settings.trainer == GENSIM] + _TABLES * 8 * different * settings.dimensions
        if available is not None and wanted - self._held > available:
            raise InputError(
                f"Learning from about {words:,.0f} words takes {wanted / 1e9:.3g} GB of memory, and "
                f"{available / 1e9:.3g} GB can be had.", where=self._where,
                advice="Take a shorter text or fewer dimensions, or close other programs.",
            )  # fmt: skip

    @property
    def _held(self) -> int:
        """Bytes that are taken already."""
        return 8 * len(self._ids)


def read_text(text: str, settings: Settings) -> Corpus:
    """Words are letters and digits, with hyphens and apostrophes inside, in lower case; sentences end with . ! ? … or
    a line. Raises InputError for a text in which there is nothing to learn, or for which there is no room."""
    reader, read = Reader(settings, len(text)), 0
    for block in _whole_words(text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK)):
        read += len(block)
        reader.take(block, read)
    return reader.corpus()


def read_file(path: Path, settings: Settings) -> Corpus:
    """The same of a file in UTF-8. Raises InputError where it is none, too."""
    try:
        with path.open("rb") as file:
            reader = Reader(settings, path.stat().st_size, str(path))
            for block in _whole_words(_decoded(iter(lambda: file.read(_BLOCK), b""))):
                reader.take(block, file.tell())
            return reader.corpus()
    except FileNotFoundError as error:
        raise InputError("This file is not there.", where=str(path), detail=str(error),
                         advice="It may have been moved: choose it again.") from error  # fmt: skip
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "This file cannot be read as a text.", where=str(path), detail=str(error),
            advice="Choose a plain text file in UTF-8.",
        ) from error  # fmt: skip


def _decoded(blocks: Iterator[bytes]) -> Iterator[str]:
    """Raises UnicodeDecodeError, also for zero bytes, of which no text has any."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    for block in blocks:
        zero = block.find(b"\0")
        if zero >= 0:
            raise UnicodeDecodeError("utf-8", block[zero : zero + 1], 0, 1, "a zero byte: no text has any")
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _whole_words(blocks: Iterator[str]) -> Iterator[str]:
    """The same text in blocks that end with a blank; a word longer than a block is cut."""
    rest = ""
    for block in blocks:
        text = rest + block
        cut = max((text.rfind(blank) + 1 for blank in " \n\t\r"), default=0)
        if not cut and len(text) > _BLOCK:
            cut = len(text)
        if cut:
            yield text[:cut]
        rest = text[cut:]
    if rest:
        yield rest


def _check_words(names: list[str], counts: np.ndarray, words: int, rarest: int) -> None:
    if not names:
        raise InputError("There are no words in this text.", advice="Paste a text of some sentences, or open a file.")
    if len(names) == 1:
        raise InputError(
            f"“{names[0]}” is the only word in this text.", where=f"{words:,} words",
            advice="A word's meaning is learnt from the words around it: take a text of many different words.",
        )  # fmt: skip
    if (counts >= rarest).sum() < 2:
        raise InputError(
            f"Fewer than two words occur {rarest:,} times or more in this text.",
            where=f"{len(names):,} different words",
            advice="Leave fewer out (“rarest”), or take a longer text.",
        )  # fmt: skip
