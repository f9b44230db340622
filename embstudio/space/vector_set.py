"""Named vectors: the words of a model's embedding table, or of a file of vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class VectorSet:
    """words: one name a row. vectors: [rows, width], floating point; may be mapped from a file.

    metadata: named columns, one text a row. source: what it was read from, for people ("GloVe text, glove.txt").
    notices: what had to be decided on the way here, one sentence each ("12 words stood there twice ...").
    special: rows that stand for no text: a tokenizer's [UNK], </s>.
    Raises ValueError where they do not match.
    """

    words: tuple[str, ...]
    vectors: np.ndarray
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    notices: tuple[str, ...] = ()
    special: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or not np.issubdtype(self.vectors.dtype, np.floating):
            raise ValueError(f"vectors must be [rows, width] numbers, not {self.vectors.dtype} {self.vectors.shape}")
        if len(self.words) != len(self.vectors):
            raise ValueError(f"{len(self.words)} words for {len(self.vectors)} vectors")
        for name, values in self.metadata.items():
            if len(values) != len(self.vectors):
                raise ValueError(f"{len(values)} values of {name!r} for {len(self.vectors)} vectors")

    def __len__(self) -> int:
        return len(self.words)

    @property
    def width(self) -> int:
        return int(self.vectors.shape[1])
