"""Starting to draw: in a process of its own, or at once where that would take longer than the drawing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.space.aside.run import Outcome, Run
from embstudio.space.projections.cache import PictureCache
from embstudio.space.projections.drawing import Drawing, sample
from embstudio.space.projections.run import Picture, drawn_aside

QUICK = 4_000_000  # numbers of vectors of which a shadow is drawn within a few hundredths of a second


def picture_run(
    vectors: np.ndarray,
    drawing: Drawing,
    on_picture: Callable[[Picture], object],
    on_end: Callable[[Outcome[Picture]], object],
) -> Run[Picture]:
    """A run that draws vectors [n, width], for you to start; see `drawn_aside`."""
    if drawing.method.slow or vectors.size > QUICK:
        return drawn_aside(vectors, drawing, on_picture, on_end, PictureCache())

    def draw() -> Picture:
        chosen = sample(vectors, drawing)
        *_, last = drawing.results(chosen.table(vectors))
        return Picture(drawing, chosen, chosen.dressed(last))

    return Run(draw, on_picture, on_end)
