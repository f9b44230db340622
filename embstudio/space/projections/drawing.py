"""What is to be drawn: a method, a seed, and the rows of the vectors it can be drawn of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.projections.method import Method
from embstudio.space.projections.snapshot import Snapshot

_BLOCK = 65_536  # rows looked at together
_LARGE = (
    1e32  # sum of a row's squares, from which on the squares of squares, of many rows, are no longer safe in float32
)


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
    many hold NaN or Inf and cannot be drawn. halvings: how often the vectors are halved before they are drawn, 0 unless
    the squares of their numbers would be too large: nothing but the scale of a picture depends on it."""

    rows: np.ndarray | None
    total: int
    not_finite: int = 0
    halvings: int = 0

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
        if self.halvings:
            said.append(f"The numbers are too large to be squared: drawn divided by 2^{self.halvings}.")
        return tuple(said)

    def table(self, vectors: np.ndarray) -> np.ndarray:
        """What is drawn of vectors [total, width]: [count, width]."""
        chosen = vectors if self.rows is None else np.asarray(vectors[self.rows])
        return np.ldexp(chosen, -self.halvings) if self.halvings else chosen

    def dressed(self, snapshot: Snapshot) -> Snapshot:
        """A picture of that, with axes for the vectors as they were."""
        if not self.halvings or snapshot.axes is None:
            return snapshot
        return replace(snapshot, axes=np.ldexp(snapshot.axes, -self.halvings))


def sample(vectors: np.ndarray, drawing: Drawing) -> Sample:
    """Which rows of vectors [n, width] to draw: all that are finite, or as many of them as may be, each as likely.

    Raises InputError where none can be drawn.
    """
    squares = np.concatenate([_squares(vectors[start : start + _BLOCK]) for start in range(0, len(vectors), _BLOCK)]
                             or [np.zeros(0)])  # fmt: skip
    finite = ~np.isnan(squares)
    count = int(finite.sum())
    if not count:
        raise InputError("There are no vectors to draw.", detail=f"{len(vectors)} rows, none of them finite")
    if drawing.limit < 1:
        raise InputError("A picture has at least one vector.", where=f"at most {drawing.limit} rows were asked for")
    not_finite = len(vectors) - count
    halvings = _halvings(vectors, np.flatnonzero(squares > _LARGE))
    if count <= drawing.limit:
        return Sample(np.flatnonzero(finite) if not_finite else None, len(vectors), not_finite, halvings)
    rows = np.flatnonzero(finite)
    chosen = np.random.default_rng(drawing.seed).choice(rows, drawing.limit, replace=False)
    return Sample(np.sort(chosen), len(vectors), not_finite, halvings)


def _squares(block: np.ndarray) -> np.ndarray:
    """[n]: the sums of the squares of each row, infinite where that is too large, NaN where a number is not finite."""
    block = block.astype(np.float32) if block.dtype.itemsize < 4 else block
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.einsum("ij,ij->i", block, block).astype(np.float64)
    doubtful = np.flatnonzero(~np.isfinite(squares))
    if len(doubtful):
        squares[doubtful] = np.where(np.isfinite(block[doubtful]).all(axis=1), np.inf, np.nan)
    return np.asarray(squares)


def _halvings(vectors: np.ndarray, large: np.ndarray) -> int:
    """How often vectors have to be halved for the largest number of some rows to be below 1; 0 where there are none."""
    parts = [np.abs(vectors[large[start : start + _BLOCK]]).max() for start in range(0, len(large), _BLOCK)]
    return int(np.frexp(float(max(parts)))[1]) if parts else 0
