"""Files of questions with known answers: analogies, and pairs of words that people have rated.

Analogies as Mikolov et al. (2013) publish them: four words a line, sections that begin with `: name`. Ratings: two
words and a number, with tabs, spaces or commas between; a line of headings and columns between the words and the number
(as the part of speech in SimLex-999) are passed over. Lines that begin with # are comments. Also packed, .gz or .xz.
"""

from __future__ import annotations

import csv
import gzip
import lzma
import math
from dataclasses import dataclass
from pathlib import Path

from embstudio.base.errors import InputError

_PACKED = {b"\x1f\x8b": gzip.decompress, b"\xfd7": lzma.decompress}


@dataclass(frozen=True)
class AnalogyFile:
    """sections: name → questions (a, b, c, d), with a : b = c : d. The name is "" where the file has none."""

    sections: dict[str, tuple[tuple[str, str, str, str], ...]]


@dataclass(frozen=True)
class SimilarityFile:
    """pairs: (word, word, rating); larger is more alike."""

    pairs: tuple[tuple[str, str, float], ...]


def read_evaluation(path: Path) -> AnalogyFile | SimilarityFile:
    """Either, told by what is in the file. Raises InputError with the line that cannot be read."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise InputError("There are no questions in this file.", where=str(path))
    sample = next((line for _, line in lines if not line.startswith(":")), "")
    separator = next((mark for mark in "\t,;" if mark in sample), None)
    rows = [(number, _fields(line, separator)) for number, line in lines]
    if lines[0][1].startswith(":") or (len(_fields(sample, separator)) == 4 and not _has_ratings(rows)):
        return _analogies(path, rows)
    return _similarities(path, rows)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        unpack = _PACKED.get(data[:2])
        return (unpack(data) if unpack else data).decode("utf-8-sig")
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise InputError("The file of questions could not be read.", where=str(path), detail=str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(
            "The file of questions is not UTF-8.", where=str(path), detail=str(error), advice="Save it as UTF-8.",
        ) from error  # fmt: skip


def _fields(line: str, separator: str | None) -> list[str]:
    if separator is None or line.startswith(":"):
        return line.split()
    return [field.strip() for field in next(csv.reader([line], delimiter=separator))]


def _has_ratings(rows: list[tuple[int, list[str]]]) -> bool:
    """Whether a line beyond that of headings holds a number after its two words."""
    return any(_rating(field) is not None for _, fields in rows[:2] for field in fields[2:])


def _analogies(path: Path, rows: list[tuple[int, list[str]]]) -> AnalogyFile:
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    name = ""
    for number, fields in rows:
        if fields[0].startswith(":"):
            name = " ".join(fields)[1:].strip()
            sections.setdefault(name, [])
        elif len(fields) == 4:
            sections.setdefault(name, []).append((fields[0], fields[1], fields[2], fields[3]))
        else:
            raise InputError(
                f"An analogy is four words, and here are {len(fields)}.", where=f"{path}, line {number}",
                advice="Write them with spaces between, a section as `: name`.",
            )  # fmt: skip
    return AnalogyFile({name: tuple(questions) for name, questions in sections.items()})


def _similarities(path: Path, rows: list[tuple[int, list[str]]]) -> SimilarityFile:
    if not _has_ratings(rows[:1]):
        rows = rows[1:]  # headings
    column = next(
        (place for place, field in enumerate(rows[0][1] if rows else ()) if place > 1 and _rating(field) is not None), 2
    )
    pairs = []
    for number, fields in rows:
        rating = _rating(fields[column]) if len(fields) > column else None
        if rating is None:
            raise InputError(
                "Here are not two words and a number.", where=f"{path}, line {number}",
                advice="Ratings are two words and a number with tabs, spaces or commas between; analogies are four "
                       "words with spaces between.",
            )  # fmt: skip
        pairs.append((fields[0], fields[1], rating))
    if not pairs:
        raise InputError("There are no ratings in this file.", where=str(path))
    return SimilarityFile(tuple(pairs))


def _rating(field: str) -> float | None:
    try:
        value = float(field)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
