"""UMAP: neighbours drawn together one by one, strangers pushed away a few at a time.

McInnes, Healy and Melville 2018. Each row's neighbours belong to it to a degree between 0 and 1 (`memberships`). Near
in the picture is Φ(d²) = 1 / (1 + a d²ᵇ), with a and b from `minimum_distance`. Descent on the cross entropy between
the two, sampled: each pair of neighbours as often as it belongs together, with `strangers` rows drawn at random for it.

Of many rows the first epochs go by neighbours among a quarter of them, while the others are looked for.

Where this differs from umap-learn, the authors' own: it starts from PCA and not from the graph's eigenvectors, its
neighbours are exact, and pairs are taken a few hundred at a time instead of one after the other, which makes the
picture the same for the same seed however many processors there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.projection import pca
from embstudio.space.projections.closeness import prepared
from embstudio.space.projections.memberships import Memberships, memberships
from embstudio.space.projections.method import NO_MEANING
from embstudio.space.projections.neighbour_graph import MANY, NeighbourGraph, among_some, build
from embstudio.space.projections.snapshot import Snapshot

_EXTENT = 10.0  # of the picture at the start, either way of 0
_NOISE = 1e-4  # so that equal rows do not sit on one point, where nothing pushes them apart
_LONGEST = 4.0  # pull or push of one pair along one axis
_ROUGH = 100  # epochs at most that go by some of the neighbours
_PARTS = 8  # of an epoch, each seeing where the one before left the points


@dataclass(frozen=True)
class Umap:
    """neighbours: of each row, itself not counted. minimum_distance: how close neighbours may lie, in the picture.

    metric: "euclidean" or "cosine". epochs: 0 for 500 up to 10,000 rows and 200 above. strangers: for each pair drawn.
    """

    dimensions: int = 2
    neighbours: int = 15
    minimum_distance: float = 0.1
    metric: str = "euclidean"
    epochs: int = 0
    strangers: int = 5

    name: ClassVar[str] = "UMAP"
    caution: ClassVar[str] = NO_MEANING
    most_rows: ClassVar[int] = 20_000
    slow: ClassVar[bool] = True

    def pictures(self, vectors: np.ndarray, seed: int) -> Iterator[Snapshot]:
        """Snapshots of vectors [n, width]; see `Method`. The first is PCA."""
        if self.neighbours < 2 or not 0 <= self.minimum_distance < 3:
            raise InputError("UMAP needs at least 2 neighbours, and a smallest distance from 0 to below 3.",
                             where=f"{self.neighbours} and {self.minimum_distance:g}")  # fmt: skip
        table = prepared(vectors, self.metric)
        epochs = self.epochs or (500 if len(table) <= 10_000 else 200)
        epochs = epochs if len(table) > 2 else 0
        start = pca(table, self.dimensions).points
        yield Snapshot(start, 0, epochs, "PCA, from which UMAP starts")
        if not epochs:
            return
        random = np.random.default_rng(seed)
        points = start * (_EXTENT / max(float(np.abs(start).max()), 1e-12))
        points = points + random.normal(scale=_NOISE, size=points.shape).astype(np.float32)
        epoch = 0
        rough = None
        if len(table) >= MANY:
            some = memberships(among_some(table, self.neighbours, seed))
            rough = self._descend(some, points, range(min(_ROUGH, epochs // 4)), epochs, random)
        graphs: list[NeighbourGraph] = []
        for share in build(table, self.neighbours, graphs):
            moved = next(rough, None) if rough is not None else None
            if moved is not None:
                epoch, points = epoch + 1, moved
                stage = f"going by some of the neighbours; {share:.0%} of all are found"
                yield Snapshot(points, epoch, epochs, stage)
            elif epoch:
                yield Snapshot(points, epoch, epochs, f"finding neighbours, {share:.0%}")
            else:
                yield Snapshot(start, 0, epochs, f"PCA; finding neighbours, {share:.0%}")
        left = range(epoch, epochs)
        for epoch, moved in zip(left, self._descend(memberships(graphs[0]), points, left, epochs, random), strict=True):
            yield Snapshot(moved, epoch + 1, epochs, "settling")

    def _descend(
        self, belong: Memberships, points: np.ndarray, of: range, epochs: int, random: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Where the points are after each of some of the epochs."""
        a, b = curve(self.minimum_distance)
        turn = random.random(
            len(belong.degree), np.float32
        )  # a pair is due whenever its sum reaches the next whole number
        for epoch in of:
            turn += belong.degree / belong.degree.max()
            due = np.flatnonzero(turn >= 1)
            turn[due] -= 1
            rate = 1 - epoch / epochs
            for part in np.array_split(random.permutation(due), _PARTS):
                head, tail = belong.row[part], belong.column[part]
                pull = _attraction(points[head] - points[tail], a, b)
                who = np.repeat(head, self.strangers)
                stranger = random.integers(0, len(points), len(who))
                push = _repulsion(points[who] - points[stranger], a, b)
                points = points + rate * _gathered(
                    np.concatenate([head, tail, who]), np.concatenate([pull, -pull, push]), len(points)
                )
            yield points


def curve(minimum_distance: float) -> tuple[float, float]:
    """(a, b) of the 1 / (1 + a d²ᵇ) nearest to a curve that is 1 up to `minimum_distance` and exp(minimum − d) beyond.

    Least squares over 300 places from 0 to 3, by Gauss and Newton's steps as in umap-learn's `find_ab_params`.
    """
    d = np.linspace(0, 3, 300)[1:]
    wanted = np.where(d < minimum_distance, 1, np.exp(minimum_distance - d))
    parameters, damping = np.zeros(2), 1e-3  # log a and log b

    def misses(log_a: float, log_b: float) -> tuple[np.ndarray, np.ndarray]:
        power = np.exp(log_a) * d ** (2 * np.exp(log_b))
        slope = -power / (1 + power) ** 2
        return 1 / (1 + power) - wanted, np.stack([slope, slope * 2 * np.exp(log_b) * np.log(d)], axis=1)

    miss, J = misses(*parameters)
    for _ in range(200):
        normal = J.T @ J
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), J.T @ miss)
        tried, slopes = misses(*(parameters - step))
        if tried @ tried <= miss @ miss:
            parameters, miss, J, damping = parameters - step, tried, slopes, damping / 3
            if np.abs(step).max() < 1e-9:
                break
        else:
            damping *= 4
    a, b = np.exp(parameters)
    return float(a), float(b)


def _attraction(difference: np.ndarray, a: float, b: float) -> np.ndarray:
    """−∂/∂y of −log Φ: −2ab d²ᵇ⁻² / (1 + a d²ᵇ) · (yᵢ − yⱼ), each part at most 4. difference: [pairs, dimensions]."""
    squared = np.einsum("ij,ij->i", difference, difference)
    power = np.float32(a) * squared ** np.float32(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(squared > 0, np.float32(-2 * b) * power / (squared * (1 + power)), 0)
    return np.asarray(np.clip(factor[:, None] * difference, -_LONGEST, _LONGEST))


def _repulsion(difference: np.ndarray, a: float, b: float) -> np.ndarray:
    """−∂/∂y of −log(1 − Φ): 2b / ((0.001 + d²) (1 + a d²ᵇ)) · (yᵢ − yⱼ), each part at most 4."""
    squared = np.einsum("ij,ij->i", difference, difference)
    factor = np.float32(2 * b) / ((np.float32(0.001) + squared) * (1 + np.float32(a) * squared ** np.float32(b)))
    return np.asarray(np.clip(factor[:, None] * difference, -_LONGEST, _LONGEST))


def _gathered(rows: np.ndarray, moves: np.ndarray, count: int) -> np.ndarray:
    """The sum of the moves [pairs, dimensions] of each row: [count, dimensions] float32."""
    return np.stack([np.bincount(rows, moves[:, axis], count) for axis in range(moves.shape[1])], 1).astype(np.float32)
