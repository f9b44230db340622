"""t-SNE: a picture in which the neighbours of each point are its neighbours among the vectors.

van der Maaten and Hinton 2008. Rows are drawn together as strongly as they are alike among the vectors (`affinities`)
and all points push each other away (`repulsion`), until the two ways of being alike differ least:

    qᵢⱼ = (1 + ‖yᵢ − yⱼ‖²)⁻¹ / Z,    KL(P‖Q) = Σ p log(p/q),    ∂KL/∂yᵢ = 4 Σⱼ (pᵢⱼ − qᵢⱼ) (yᵢ − yⱼ) / (1 + ‖yᵢ − yⱼ‖²)

Descent with momentum and a gain for each coordinate as in the paper's own program; starts from PCA (Kobak and Berens
2019) and takes steps of n / exaggeration (Belkina et al. 2019). Gradients are those of the formula but for the factor
4, as in openTSNE, whose defaults these are.

Of many rows, finding all neighbours takes longer than one wants to wait for a first picture. There the first of the
iterations that bring groups together go by neighbours among a quarter of the rows, drawn at random, while the others
are looked for; with a quarter of the perplexity, which is about as wide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.projection import pca
from embstudio.space.projections.affinities import Affinities, conditional, symmetric
from embstudio.space.projections.closeness import prepared
from embstudio.space.projections.method import NO_MEANING
from embstudio.space.projections.neighbour_graph import MANY, QUARTER, NeighbourGraph, among_some, build
from embstudio.space.projections.repulsion import repulsion
from embstudio.space.projections.snapshot import Snapshot

_EARLY = 250  # iterations in which groups find together
_SMALL = 1e-4  # deviation of the points at the start
_LONGEST = 5.0  # step
_MEASURED = 25  # iterations between two measurements of the divergence
_ROUGH = 100  # iterations at most that go by some of the neighbours


@dataclass(frozen=True)
class Tsne:
    """perplexity: about how many neighbours a row has. iterations: after the 250 that bring groups together.

    metric: "euclidean" or "cosine". Two dimensions only.
    """

    perplexity: float = 30
    metric: str = "euclidean"
    iterations: int = 500
    exaggeration: float = 12  # of the attraction in the first 250 iterations

    name: ClassVar[str] = "t-SNE"
    caution: ClassVar[str] = NO_MEANING
    most_rows: ClassVar[int] = 20_000
    slow: ClassVar[bool] = True
    dimensions: ClassVar[int] = 2

    def pictures(self, vectors: np.ndarray, seed: int) -> Iterator[Snapshot]:
        """Snapshots of vectors [n, width]; see `Method`. The first is PCA. Random are only the neighbours among which
        many rows begin."""
        if not self.perplexity > 1:
            raise InputError("The perplexity must be above 1.", where=f"{self.perplexity:g}",
                             advice="From 5 to 50 is usual; 30 is what most people take.")  # fmt: skip
        table = prepared(vectors, self.metric)
        start = pca(table, 2).points
        steps = _EARLY + self.iterations if len(table) > 3 else 0
        yield Snapshot(start, 0, steps, "PCA, from which t-SNE starts")
        if not steps:
            return
        perplexity = min(self.perplexity, (len(table) - 1) / 3)
        rough = None
        if len(table) >= MANY:
            narrow = max(2.0, perplexity / QUARTER)
            some = among_some(table, round(3 * narrow), seed)
            rough = symmetric(some.rows, conditional(some.distances, narrow))
        descent = Descent(start, self.exaggeration)
        graphs: list[NeighbourGraph] = []
        for share in build(table, round(3 * perplexity), graphs):
            if rough is not None and descent.steps < _ROUGH:
                descent.step(rough, early=True)
                stage = f"bringing groups together by some of the neighbours; {share:.0%} of all are found"
            elif descent.steps:
                stage = f"finding neighbours, {share:.0%}"
            else:
                yield Snapshot(start, 0, steps, f"PCA; finding neighbours, {share:.0%}")
                continue
            yield Snapshot(descent.points.astype(np.float32), descent.steps, steps, stage)
        alike = symmetric(graphs[0].rows, conditional(graphs[0].distances, perplexity))
        measures: dict[str, float] = {}
        for step in range(descent.steps + 1, steps + 1):
            early = step <= _EARLY
            if step == _EARLY + 1:
                descent.halt()
            descent.step(alike, early=early)
            points = descent.points
            if step % _MEASURED == 0 or step == steps:
                measures = {"KL divergence": divergence(alike, points, repulsion(points)[1])}
            stage = "bringing groups together" if early else "settling"
            yield Snapshot(points.astype(np.float32), step, steps, stage, measures)


class Descent:
    """points: [n, 2] float64, where they are after `steps` of them."""

    def __init__(self, start: np.ndarray, exaggeration: float) -> None:
        points = start.astype(np.float64)
        deviation = points[:, 0].std()
        self.points = points * (_SMALL / (deviation if deviation > 0 else 1))
        self.steps = 0
        self._exaggeration = exaggeration
        self.halt()

    def halt(self) -> None:
        """Lose all momentum and gains."""
        self._update, self._gains = np.zeros_like(self.points), np.ones_like(self.points)

    def step(self, alike: Affinities, *, early: bool) -> None:
        """One iteration; early: of those that bring groups together."""
        exaggeration, momentum = (self._exaggeration, 0.5) if early else (1.0, 0.8)
        pushes, Z = repulsion(self.points)
        gradient = exaggeration * attraction(alike, self.points) - pushes / Z
        turned = np.sign(self._update) == np.sign(gradient)
        self._gains = np.maximum(np.where(turned, self._gains * 0.8, self._gains + 0.2), 0.01)
        update = momentum * self._update - (len(self.points) / exaggeration) * self._gains * gradient
        length = np.linalg.norm(update, axis=1, keepdims=True)
        self._update = update * (_LONGEST / np.maximum(length, _LONGEST))
        self.points = self.points + self._update
        self.points -= self.points.mean(axis=0)
        self.steps += 1


def attraction(alike: Affinities, points: np.ndarray) -> np.ndarray:
    """Σⱼ pᵢⱼ (yᵢ − yⱼ) / (1 + dᵢⱼ²) for each i: [n, 2]. Every row of P has an entry."""
    x, y = points.astype(np.float32).T
    dx, dy = x.take(alike.row) - x.take(alike.column), y.take(alike.row) - y.take(alike.column)
    pull = alike.value / (1 + dx * dx + dy * dy)
    return np.stack([np.add.reduceat(pull * d, alike.starts) for d in (dx, dy)], axis=1).astype(np.float64)


def divergence(alike: Affinities, points: np.ndarray, Z: float) -> float:
    """KL(P‖Q) = Σ p log p + Σ p log(1 + d²) + log Z, in nats."""
    difference = points[alike.row] - points[alike.column]
    p = alike.value.astype(np.float64)
    own = np.sum(p * np.log(np.maximum(p, np.finfo(np.float64).tiny)))
    return float(own + np.sum(p * np.log1p(np.square(difference).sum(axis=1))) + np.log(Z))
