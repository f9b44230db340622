"""Examples that no cell ever learns from, for the distance of the task and for shorter ones."""

from __future__ import annotations

import numpy as np

from embstudio.lab.recurrent.tasks import Examples, Task, drawn

AT_THE_DISTANCE, AT_SHORTER, LOOKED_AT = 100, 50, 32  # examples
DISTANCES = 8  # at which accuracy is asked, at most


class HeldOut:
    """examples: at the distance itself. looked_at: some of them, for gradients. nearer: shorter ones, with theirs."""

    def __init__(self, task: Task, key: tuple[int, ...], distance: int) -> None:
        """key: what chance begins with. Raises InputError where there are too few examples."""
        self.distance = distance
        self.examples = self._of(task, key, distance, AT_THE_DISTANCE)
        self.looked_at = self.examples[:LOOKED_AT]
        steps = np.linspace(task.shortest, distance, min(DISTANCES, distance - task.shortest + 1)).round()[:-1]
        self.nearer = [
            (near, self._of(task, key, near, AT_SHORTER)) for near in dict.fromkeys(steps.astype(int).tolist())
        ]

    @property
    def distances(self) -> tuple[int, ...]:
        """At which accuracy is asked, the task's own last."""
        return (*(distance for distance, _ in self.nearer), self.distance)

    def _of(self, task: Task, key: tuple[int, ...], distance: int, count: int) -> Examples:
        return drawn(task, np.random.default_rng([*key, distance]), distance, count, held_out=True)
