"""What SET stands for on the command line: a file of vectors, or a model with an embedding table."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from embstudio.base.errors import InputError
from embstudio.modelfile import catalogue
from embstudio.space.files import LoadOptions, load
from embstudio.space.transforms import Transform, transform_of
from embstudio.space.vector_set import VectorSet
from embstudio.space.vocabulary import Vocabulary


@dataclass(frozen=True)
class OpenedSet:
    """name: as it was given. set: with its vectors as they are compared, transformed if that was asked."""

    name: str
    set: VectorSet
    transform: Transform
    vocabulary: Vocabulary

    @property
    def title(self) -> str:
        done = f", {self.transform.words}" if self.transform.words else ""
        return f"{self.set.source or self.name}, {len(self.set):,} vectors of {self.set.width} numbers{done}"

    @property
    def data(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "set": self.name, "source": self.set.source, "rows": len(self.set), "width": self.set.width,
            "transform": self.transform.words or None,
        }  # fmt: skip

    def row(self, word: str) -> int:
        """The word's row; a note says so where it is there only in lower case. Raises InputError."""
        row = self.vocabulary.row(word)
        if word not in self.vocabulary:
            note(f"there is no {word!r}; this is {self.vocabulary.words[row]!r}")
        return row

    def words(self, rows: Any) -> list[str]:
        return [self.set.words[row] for row in rows]


def note(sentence: str) -> None:
    """Say something that is worth knowing, beside the answer."""
    print(f"note: {sentence}", file=sys.stderr)


def visible(word: str) -> str:
    """A word so that it can be seen: in quotes where it is blank or has characters that are not printed."""
    return word if word.strip() == word and word.isprintable() and word else repr(word)


def open_set(name: str, asked: argparse.Namespace) -> OpenedSet:
    """A bundled or added model's name, a model's path, or a file of vectors. Raises StudioError."""
    vectors = _read(name, asked)
    for sentence in vectors.notices:
        note(sentence)
    transform = transform_of(vectors.vectors, centre=asked.centre, whiten=asked.whiten, unit=asked.unit)
    if transform.dropped:
        note(f"{transform.dropped} directions in which the vectors do not vary were taken out, not whitened")
    changed = replace(vectors, vectors=transform(vectors.vectors)) if transform.words else vectors
    return OpenedSet(name, changed, transform, Vocabulary(changed.words))


def _read(name: str, asked: argparse.Namespace) -> VectorSet:
    path = Path(name).expanduser()
    known = [source.name for source in (*catalogue.bundled(), *catalogue.added())]
    if name in known or path.suffix.lower() == ".onnx" or path.is_dir():
        return _table_of(name)
    if not path.exists():
        raise InputError(
            "There is no such file of vectors, and no such model.", where=name,
            advice=f"Give the path of a file of vectors or of an .onnx file, or one of the models {', '.join(known)}.",
        )  # fmt: skip
    options = LoadOptions(asked.rows, asked.skip_bad, asked.encoding, asked.choice, asked.metadata)
    return load(path, options)


def _table_of(name: str) -> VectorSet:
    from embstudio.session.known_models import KnownModels
    from embstudio.session.messages import ModelRef
    from embstudio.session.runner import Runner

    source = catalogue.find(name)
    table = Runner.open(ModelRef(source.path, source.tokenizer), KnownModels.of_the_person()).table
    return replace(table, source=f"embedding table of {source.title}")
