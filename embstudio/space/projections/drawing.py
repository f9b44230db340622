"""What is to be drawn: a method, a seed, and the rows of the vectors it can be drawn of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.projections.method import Method
from embstudio.space.projections.snapshot import Snapshot

_BLOCK = 65_536  # rows looked at together


@dataclass(frozen=True)
class Drawing:
    """method: with its options. seed: of everything random, the sample too. most_rows: more than these are sampled,
    where the method's own limit is not meant."""

    method: Method
    seed: int = 0
    most_rows: int | None = None

    @property
    def limit(self) -> int:
        """Of how many rows the picture is made at most."""
        return self.method.most_rows if self.most_rows is None else self.most_rows

    def results(self, vectors: np.ndarray) -> Iterator[Snapshot]:
        """The pictures of vectors [n, width], all of them finite; as a job for another process."""
        return self.method.pictures(vectors, self.seed)


@dataclass(frozen=True)
class Sample:
    """rows: [n] of the vectors drawn of, in rising order; None: all of them. total: how many there are. not_finite: how
    many hold NaN or Inf and cannot be drawn."""

    rows: np.ndarray | None
    total: int
    not_finite: int = 0

    @property
    def count(self) -> int:
        return self.total if self.rows is None else len(self.rows)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What has to stand on the plot."""
        said = []
        if self.count < self.total - self.not_finite:
            said.append(f"{self.count:,} of {self.total:,} vectors, drawn at random.")
        if self.not_finite:
            said.append(f"{self.not_finite:,} vectors hold numbers that are not finite and are left out.")
        return tuple(said)


def sample(vectors: np.ndarray, drawing: Drawing) -> Sample:
    """Which rows of vectors [n, width] to draw: all that are finite, or as many of them as may be, each as likely.

    Raises InputError where none can be drawn.
    """
    finite = np.concatenate([_finite(vectors[start : start + _BLOCK]) for start in range(0, len(vectors), _BLOCK)]
                            or [np.zeros(0, bool)])  # fmt: skip
    count = int(finite.sum())
    if not count:
        raise InputError("There are no vectors to draw.", detail=f"{len(vectors)} rows, none of them finite")
    if drawing.limit < 1:
        raise InputError("A picture has at least one vector.", where=f"at most {drawing.limit} rows were asked for")
    not_finite = len(vectors) - count
    if count <= drawing.limit:
        return Sample(np.flatnonzero(finite) if not_finite else None, len(vectors), not_finite)
    rows = np.flatnonzero(finite)
    chosen = np.random.default_rng(drawing.seed).choice(rows, drawing.limit, replace=False)
    return Sample(np.sort(chosen), len(vectors), not_finite)


def _finite(block: np.ndarray) -> np.ndarray:
    """[n]: whether all numbers of a row are; a sum of squares says so unless it overflows."""
    width = block.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        seems = np.isfinite(np.einsum("ij,ij->i", block, block))
    doubtful = np.flatnonzero(~seems)
    if width and len(doubtful):
        seems[doubtful] = np.isfinite(block[doubtful]).all(axis=1)
    return np.asarray(seems)
