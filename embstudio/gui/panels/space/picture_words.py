"""What is said of a picture of vectors: how it was made, what it keeps, and what must not be read from it."""

from __future__ import annotations

import numpy as np

from embstudio.gui.style.numbers import four, percent
from embstudio.space.projections.run import Picture


def axes_of(picture: Picture) -> tuple[str, ...]:
    """Names of the plot's axes."""
    explained, count = picture.snapshot.explained, picture.snapshot.points.shape[1]
    if explained is not None:
        return tuple(f"PC{axis + 1} ({percent(float(share))} of the variance)" for axis, share in enumerate(explained))
    return tuple(f"{picture.drawing.method.name} {axis + 1}" for axis in range(count))


def captions_of(picture: Picture, prepared: str) -> tuple[str, ...]:
    """What stands on the plot. prepared: what was done to the vectors before."""
    said = ["gaps and sizes mean nothing"] if picture.drawing.method.caution else []
    if picture.beforehand:
        said.append(f"computed beforehand, seed {picture.drawing.seed}")
    sampled = [sentence.rstrip(".") for sentence in picture.sample.sentences]
    return (*said, *sampled, *([prepared] if prepared else []))


def status_of(picture: Picture, *, stopped: bool) -> str:
    """A line above the plot."""
    snapshot, method = picture.snapshot, picture.drawing.method
    if snapshot.explained is not None:
        kept = float(np.sum(snapshot.explained))
        if kept == 0:
            return "There is no variance: all vectors are the same."
        hint = "distances on it are only hints" if kept < 0.9 else "distances on it are nearly true"
        said = f"This picture keeps {percent(kept)} of the variance: {hint}."
        return said if snapshot.finished else f"{said} First a sample: {snapshot.stage}…"
    if picture.beforehand:
        how = f"{method.name}, computed beforehand with seed {picture.drawing.seed}"
    elif picture.remembered:
        how = f"{method.name}, as it was drawn before"
    elif snapshot.finished:
        how = f"{method.name}, finished"
    elif stopped:
        how = f"{method.name}, stopped at step {snapshot.step:,} of {snapshot.steps:,}"
    else:
        how = f"{method.name}, step {snapshot.step:,} of {snapshot.steps:,}: {snapshot.stage}"
    measures = [f"{name} {four(value)}" for name, value in snapshot.measures.items()]
    return " ".join([", ".join([how, *measures]) + ".", method.caution]).strip()
