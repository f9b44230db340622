"""A file of texts looked at before vectors are made of it: its columns, the one that has the texts, and these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embstudio.space.texts import Texts, columns_of, read_texts

ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16")
_LOOKED_AT = 200  # rows
_SHOWN = 60  # characters of a text
SUFFIX = ".npz"


@dataclass(frozen=True)
class Preview:
    """columns: none for one text a line. column: the one that `texts` are of."""

    columns: tuple[str, ...]
    column: str | None
    texts: Texts


def preview(path: str, column: str | None, encoding: str) -> Preview:
    """Read a file. Without a column, or with one that there is not, that with the longest texts is taken.

    Raises VectorFileError.
    """
    columns = columns_of(path, encoding)
    if not columns:
        return Preview((), None, read_texts(path, None, encoding))
    taken = column if column in columns else columns[0]
    texts = read_texts(path, taken, encoding)
    if taken != column:
        lengths = {taken: _mean_length(texts.texts)}
        lengths |= {name: _mean_length(texts.metadata.get(name, ())) for name in columns if name != taken}
        longest = max(columns, key=lambda name: lengths[name])
        if longest != taken:
            taken, texts = longest, read_texts(path, longest, encoding)
    return Preview(columns, taken, texts)


def preview_words(found: Preview) -> str:
    """How many texts there are, and the first."""
    texts = found.texts
    said = ["1 text" if len(texts.texts) == 1 else f"{len(texts.texts):,} texts"]
    if texts.blank:
        said.append(f"{texts.blank:,} blank ones left out")
    others = [name for name in texts.metadata if name]
    if others:
        said.append(f"kept beside them: {', '.join(others[:6])}{', …' if len(others) > 6 else ''}")
    first = " ".join(texts.texts[0].split())
    return f"{'; '.join(said)}.\nThe first: {first if len(first) <= _SHOWN else first[: _SHOWN - 1] + '…'}"


def suggested(path: str) -> str:
    """Where the vectors of a file of texts may be saved."""
    return str(Path(path).expanduser().with_suffix(SUFFIX))


def _mean_length(values: Sequence[str]) -> float:
    looked = values[:_LOOKED_AT]
    return sum(map(len, looked)) / len(looked) if looked else 0.0
