"""Two vectors in the plane that holds both, as arrows with their lengths, their line and their angle."""

from __future__ import annotations

import math

import numpy as np

from embstudio.gui.plots.arrow_scene import Angle, Arrow, ArrowScene, Place, Spot
from embstudio.gui.style.numbers import four
from embstudio.space.plane import Plane

ZERO = (0.0, 0.0)


def plane_scene(plane: Plane, names: tuple[str, str]) -> ArrowScene:
    """names: of a and b."""
    a, b = _place(plane.a), _place(plane.b)
    lengths, apart = (math.hypot(*a), math.hypot(*b)), math.dist(a, b)
    angle = None
    said = [f"{name} has length {four(length)}" for name, length in zip(names, lengths, strict=True)]
    if plane.angle is not None:
        degrees = f"{math.degrees(plane.angle):.1f}°"
        angle = Angle(a, b, f"{degrees}, cosine {four(math.cos(plane.angle))}")
        said.append(f"the angle between them is {degrees}, its cosine {four(math.cos(plane.angle))}")
    said.append(f"the straight line between their ends is {four(apart)} long (Euclidean)")
    return ArrowScene(
        spots=[Spot(a, names[0], "first"), Spot(b, names[1], "second")],
        arrows=[
            Arrow(ZERO, a, "first", f"length {four(lengths[0])}"),
            Arrow(ZERO, b, "second", f"length {four(lengths[1])}"),
            Arrow(a, b, "text", f"Euclidean {four(apart)}", dashed=True, head=False),
        ],
        angle=angle,
        origin=True,
        said="; ".join(said),
    )


def _place(at: np.ndarray) -> Place:
    return float(at[0]), float(at[1])
