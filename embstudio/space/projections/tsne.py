"""t-SNE: a picture in which the neighbours of each point are its neighbours among the vectors.

van der Maaten and Hinton 2008. Rows are drawn together as strongly as they are alike among the vectors (`affinities`)
and all points push each other away (`repulsion`), until the two ways of being alike differ least:

    qᵢⱼ = (1 + ‖yᵢ − yⱼ‖²)⁻¹ / Z,    KL(P‖Q) = Σ p log(p/q),    ∂KL/∂yᵢ = 4 Σⱼ (pᵢⱼ − qᵢⱼ) (yᵢ − yⱼ) / (1 + ‖yᵢ − yⱼ‖²)

Descent with momentum and a gain for each coordinate as in the paper's own program; starts from PCA (Kobak and Berens
2019) and takes steps of n / exaggeration (Belkina et al. 2019). Gradients are those of the formula but for the factor
4, as in openTSNE, whose defaults these are.
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
from embstudio.space.projections.neighbour_graph import NeighbourGraph, build
from embstudio.space.projections.repulsion import repulsion
from embstudio.space.projections.snapshot import Snapshot

_EARLY = 250  # iterations in which groups find together
_SMALL = 1e-4  # deviation of the points at the start
_LONGEST = 5.0  # step
_MEASURED = 25  # iterations between two measurements of the divergence


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
        """Snapshots of vectors [n, width]; see `Method`. The first is PCA; nothing here is random."""
        if not self.perplexity > 1:
            raise InputError("The perplexity must be above 1.", where=f"{self.perplexity:g}",
                             advice="From 5 to 50 is usual; 30 is what most people take.")  # fmt: skip
        table = prepared(vectors, self.metric)
        points = pca(table, 2).points.astype(np.float64)
        steps = _EARLY + self.iterations if len(table) > 3 else 0
        yield Snapshot(points.astype(np.float32), 0, steps, "PCA, from which t-SNE starts")
        if not steps:
            return
        start = points.astype(np.float32)
        perplexity = min(self.perplexity, (len(table) - 1) / 3)
        graphs: list[NeighbourGraph] = []
        for share in build(table, round(3 * perplexity), graphs):
            yield Snapshot(start, 0, steps, f"PCA; finding neighbours, {share:.0%}")
        alike = symmetric(graphs[0].rows, conditional(graphs[0].distances, perplexity))
        deviation = points[:, 0].std()
        points *= _SMALL / (deviation if deviation > 0 else 1)
        yield from self._descend(alike, points, steps)

    def _descend(self, alike: Affinities, points: np.ndarray, steps: int) -> Iterator[Snapshot]:
        n = len(points)
        update, gains = np.zeros_like(points), np.ones_like(points)
        measures: dict[str, float] = {}
        for step in range(1, steps + 1):
            if step == _EARLY + 1:
                update, gains = np.zeros_like(points), np.ones_like(points)
            early = step <= _EARLY
            exaggeration, momentum = (self.exaggeration, 0.5) if early else (1.0, 0.8)
            pushes, Z = repulsion(points)
            gradient = exaggeration * attraction(alike, points) - pushes / Z
            turned = np.sign(update) == np.sign(gradient)
            gains = np.maximum(np.where(turned, gains * 0.8, gains + 0.2), 0.01)
            update = momentum * update - (n / exaggeration) * gains * gradient
            length = np.linalg.norm(update, axis=1, keepdims=True)
            update *= _LONGEST / np.maximum(length, _LONGEST)
            points = points + update
            points -= points.mean(axis=0)
            if step % _MEASURED == 0 or step == steps:
                measures = {"KL divergence": divergence(alike, points, repulsion(points)[1])}
            stage = "bringing groups together" if early else "settling"
            yield Snapshot(points.astype(np.float32), step, steps, stage, measures)


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
