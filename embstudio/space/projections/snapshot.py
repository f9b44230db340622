"""What a projection shows while it is worked out, and at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Snapshot:
    """A picture of the vectors after some of the steps.

    points: [n, dimensions] float32. step: how many of `steps` are done. stage: what is being done, for people.
    measures: named numbers about the picture ("KL divergence"). explained: [dimensions], of PCA alone, the share of the
    whole variance that each axis carries. axes: [dimensions, width], of linear projections alone: points =
    (vectors − mean) axesᵀ.
    """

    points: np.ndarray
    step: int
    steps: int
    stage: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)
    explained: np.ndarray | None = None
    axes: np.ndarray | None = None

    @property
    def finished(self) -> bool:
        return self.step >= self.steps
