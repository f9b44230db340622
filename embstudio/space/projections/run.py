"""Drawing a picture in a process of its own: it gets better as one looks, can be stopped, and keeps what it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embstudio.space.aside.job import Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.projections.beforehand import Beforehand
from embstudio.space.projections.cache import PictureCache
from embstudio.space.projections.drawing import Drawing, Sample, sample
from embstudio.space.projections.snapshot import Snapshot


@dataclass(frozen=True)
class Picture:
    """snapshot: its points are of `sample.rows`. remembered: it was drawn before and comes from the cache.
    beforehand: it came with the program."""

    drawing: Drawing
    sample: Sample
    snapshot: Snapshot
    remembered: bool = False
    beforehand: bool = False

    @property
    def finished(self) -> bool:
        return self.snapshot.finished


def drawn_aside(
    vectors: np.ndarray,
    drawing: Drawing,
    on_picture: Callable[[Picture], object],
    on_end: Callable[[Outcome[Picture]], object],
    cache: PictureCache | None = None,
) -> Run[Picture]:
    """A run that draws vectors [n, width], for you to start. With a cache, slow pictures are looked for among those
    that came with the program and in the cache, and kept there.

    on_picture and on_end are called on the run's own thread.
    """
    key = ""

    def prepare() -> Work | Picture:
        nonlocal key
        known = Beforehand().get(vectors, drawing) if cache is not None else None
        if known is not None:
            return Picture(drawing, Sample(None, len(vectors)), known, beforehand=True)
        chosen = sample(vectors, drawing)
        table = chosen.table(vectors)
        if cache is not None and drawing.method.slow:
            key = cache.key(table, drawing)
            known = cache.get(key)
            if known is not None and len(known.points) == len(table):
                return Picture(drawing, chosen, known, remembered=True)
        return Work(drawing, table, lambda snapshot: Picture(drawing, chosen, chosen.dressed(snapshot)))

    def ended(outcome: Outcome[Picture]) -> None:
        picture = outcome.result
        if (
            cache is not None
            and key
            and picture is not None
            and picture.finished
            and not (picture.remembered or picture.beforehand)
        ):
            cache.put(key, picture.snapshot)
        on_end(outcome)

    return Run(prepare, on_picture, ended)
