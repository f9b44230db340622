"""The corpus of the word vectors: Wikipedia, novels, tales and stories, as lower-cased words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.recipes import library, wording


def lines(data: Path) -> Iterator[list[str]]:
    """The corpus, a paragraph at a time; text8, which has no lines, in runs of 1,000 words."""
    for paragraph in library.read_text(data / "wordvec/enwiki_shards.txt").splitlines():
        yield wording.words(paragraph)
    for novel in library.novels(data).values():
        for paragraph in novel.splitlines():
            yield wording.words(paragraph)
    for tale in library.fairy_tales(data):
        for paragraph in tale.splitlines():
            yield wording.words(paragraph)
    for paragraph in library.read_text(data / "lm/tinystories_arnoochka.txt").splitlines():
        yield wording.words(paragraph)
    text8 = library.read_text(data / "wordvec/text8_head.txt.gz").split()
    for start in range(0, len(text8), 1000):
        yield text8[start : start + 1000]


def write(data: Path, path: Path) -> int:
    """One paragraph a line, words separated by spaces. Returns the number of words."""
    count = 0
    with path.open("w") as file:
        for line in lines(data):
            if len(line) > 1:
                file.write(" ".join(line) + "\n")
                count += len(line)
    return count
