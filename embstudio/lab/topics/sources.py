"""Where documents come from: a text, or a file of documents or counts. A large file is read in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.documents import Reading, read_documents
from embstudio.lab.topics.matrix_file import ENDINGS, read_matrix

_MOST_BYTES = 2**30


@dataclass(frozen=True)
class Source:
    """A text, or where path is not None that file's: by its ending a table of counts, else documents."""

    text: str = ""
    path: Path | None = None
    reading: Reading = field(default_factory=Reading)

    @property
    def is_matrix(self) -> bool:
        """Whether it holds counts and no texts."""
        return self.path is not None and self.path.suffix.lower() in ENDINGS

    def corpus(self) -> Corpus:
        """Raises InputError for what cannot be read, or has no words in it."""
        if self.path is None:
            return read_documents(self.text, self.reading)
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                raise InputError("This file is larger than 1 GB: its documents do not fit into memory.",
                                 where=str(self.path), advice="Take a part of it.")  # fmt: skip
            if self.is_matrix:
                return read_matrix(self.path)
            return read_documents(self.path.read_text(encoding="utf-8-sig"), self.reading)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                "This file cannot be read as a text.", where=str(self.path), detail=str(error),
                advice="Choose a plain text file, CSV or TSV in UTF-8.",
            ) from error  # fmt: skip


@dataclass(frozen=True, eq=False)
class Read:
    """corpus: what was read."""

    corpus: Corpus
    finished: bool = True


@dataclass(frozen=True)
class ReadJob:
    """Reads a source in a process of its own."""

    source: Source

    def results(self, _vectors: np.ndarray) -> Iterator[Read]:
        """One result. Raises InputError."""
        yield Read(self.source.corpus())
