"""fastText's .bin: the dictionary and the input matrix, and word vectors made of both.

The layout is that of FastText::saveModel, Args::save and Dictionary::save in its sources (github.com/facebookresearch/
fastText), versions 11 and 12, and of files from before there was a version. A word's vector is the mean of its own row
and those of its character n-grams (Bojanowski et al. 2017, "Enriching word vectors with subword information").

Read here, since fastText's own package needs a compiler, and gensim brings scipy for what is a header and a matrix.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

import numpy as np

from embstudio.space.files.gathering import Gathering
from embstudio.space.files.ngram_hashes import ngram_hashes
from embstudio.space.files.reading import Reading
from embstudio.space.vector_set import VectorSet

_MAGIC = 793712314
_ARGS = struct.Struct("<12id")
_SIZES = struct.Struct("<3iq")
_ENTRY = struct.Struct("<xqb")  # after a word: its end, how often it came, what it is
_SUPERVISED = 3
_END_OF_SENTENCE = b"</s>"
_TOGETHER = 1024  # words; each takes some dozen rows
_LONGEST_WORD = 1 << 14
_CUT_SHORT = "The file may be cut short or damaged: copy or download it again."


@dataclass(frozen=True)
class _Args:
    width: int
    shortest: int
    longest: int
    buckets: int
    splits_end: bool  # whether the mark of a sentence's end has n-grams


def _args(head: bytes) -> tuple[_Args, int, int] | None:
    """The settings, where the dictionary begins, and the version, 0 from before there was one. None: no fastText."""
    at, version = 0, 0
    if len(head) >= 8 and struct.unpack_from("<i", head)[0] == _MAGIC:
        version, at = struct.unpack_from("<i", head, 4)[0], 8
    if len(head) < at + _ARGS.size + _SIZES.size:
        return None
    width, window, epochs, least, negatives, word_ngrams, loss, model, buckets, shortest, longest, _, threshold = (
        _ARGS.unpack_from(head, at)
    )
    entries, words, labels, _ = _SIZES.unpack_from(head, at + _ARGS.size)
    plausible = (
        0 < width <= 1 << 16 and min(window, epochs, least, negatives, word_ngrams) >= 0 and 1 <= loss <= 4
        and 1 <= model <= _SUPERVISED and buckets >= 0 and 0 <= shortest <= 64 and 0 <= longest <= 64
        and 0 <= threshold < 1 and words >= 0 and labels >= 0 and entries == words + labels
    )  # fmt: skip
    if not plausible:
        return None
    if model == _SUPERVISED and version in (0, 11):
        longest = 0  # as FastText::loadModel does: these had no character n-grams
    return _Args(width, shortest, longest, buckets, not version), at + _ARGS.size, version


def matches(head: bytes) -> bool:
    """Whether a file begins as fastText's do."""
    return head[:4] == struct.pack("<i", _MAGIC) or _args(head) is not None


def read(reading: Reading) -> VectorSet:
    """Raises VectorFileError: packed, quantised, cut short, or a version that is not known."""
    if reading.packed:
        reading.fail("A fastText model has to be unpacked first.", advice=f"gunzip {reading.path.name}")
    found = _args(reading.head)
    if found is None or found[2] not in (0, 11, 12):
        reading.fail("This fastText model cannot be read.", advice=f"Only versions 11 and 12 are known. {_CUT_SHORT}")
    args, at, version = found
    with reading.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as contents:
        try:
            names, at = _dictionary(reading, contents, at, version)
            height, width = struct.unpack_from("<2q", contents, at)
        except struct.error:
            reading.fail("The file ends before its matrix.", advice=_CUT_SHORT)
    hashed = args.buckets if args.longest else 0
    if width != args.width or height < len(names) + hashed:
        reading.fail(f"Its matrix is {height} by {width}, which does not go with its settings.", advice=_CUT_SHORT)
    if at + 16 + 4 * height * width > reading.size:
        reading.fail(f"The file ends within its matrix of {height:,} by {width}.", advice=_CUT_SHORT)
    table = np.memmap(reading.path, "<f4", mode="r", offset=at + 16, shape=(height, width))
    rows = Gathering(reading, width)
    for start in range(0, len(names), _TOGETHER):
        reading.step(start / len(names))
        some = names[start : start + _TOGETHER]
        rows.add(some, _mean_rows(args, table, some, start, len(names)), None, len(names))
        if rows.full:
            break
    return rows.done(f"fastText model, {reading.path}")


def _dictionary(reading: Reading, contents: mmap.mmap, at: int, version: int) -> tuple[list[bytes], int]:
    """The words, and where the matrix begins. Raises VectorFileError or struct.error where there is none."""
    entries, words, _, _ = _SIZES.unpack_from(contents, at)
    at += _SIZES.size
    pruned = 0
    if version:
        (pruned,) = struct.unpack_from("<q", contents, at)
        at += 8
    names = list[bytes]()
    for entry in range(entries):
        end = contents.find(b"\0", at, at + _LONGEST_WORD)
        if end < 0 or end + _ENTRY.size > len(contents):
            reading.fail(f"The file ends, or is no dictionary any more, at its word {entry + 1:,} of {entries:,}.",
                         advice=_CUT_SHORT)  # fmt: skip
        if contents[end + 9] == 0:  # 1: a label
            names.append(contents[at:end])
        at = end + _ENTRY.size
        if entry % 100_000 == 0:
            reading.step(0)
    if len(names) != words:
        reading.fail(f"Its dictionary has {len(names):,} words and promises {words:,}.", advice=_CUT_SHORT)
    if not version:
        return names, at
    if pruned > 0 or struct.unpack_from("<?", contents, at)[0]:
        reading.fail("The vectors of this fastText model are quantised (.ftz).",
                     advice="Give the .bin that it was made from, or its .vec.")  # fmt: skip
    return names, at + 1


def _mean_rows(args: _Args, table: np.ndarray, names: list[bytes], first: int, words: int) -> np.ndarray:
    """The vectors of some words, the first of which has the row `first`; `words` rows are words, others n-grams.

    v(w) = mean of z_g over g in {w} and the n-grams of <w>
    """
    own = np.arange(len(names), dtype=np.int64)
    whole = () if args.splits_end else (_END_OF_SENTENCE,)
    spellings = [b"" if name in whole else b"<" + name + b">" for name in names]
    of, hashes = ngram_hashes(spellings, args.shortest, args.longest if args.buckets else 0)
    word = np.concatenate((own, of))
    row = np.concatenate((own + first, words + hashes % max(1, args.buckets)))
    order = np.argsort(word, kind="stable")
    starts = np.searchsorted(word[order], own)
    with np.errstate(over="ignore", invalid="ignore"):  # no longer finite, which the caller looks for
        sums = np.add.reduceat(table[row[order]], starts, axis=0)
    share = np.float32(1) / np.bincount(word, minlength=len(names)).astype(np.float32)
    return np.asarray(sums * share[:, None], np.float32)
