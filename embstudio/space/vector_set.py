"""Named vectors: the words of a model's embedding table, or of a file of vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class VectorSet:
    """words: one name a row. vectors: [rows, width], floating point. Raises ValueError if they do not match."""

    words: tuple[str, ...]
    vectors: np.ndarray

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or not np.issubdtype(self.vectors.dtype, np.floating):
            raise ValueError(f"vectors must be [rows, width] numbers, not {self.vectors.dtype} {self.vectors.shape}")
        if len(self.words) != len(self.vectors):
            raise ValueError(f"{len(self.words)} words for {len(self.vectors)} vectors")

    def __len__(self) -> int:
        return len(self.words)

    @property
    def width(self) -> int:
        return int(self.vectors.shape[1])
