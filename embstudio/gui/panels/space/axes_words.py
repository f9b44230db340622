"""A plot of two named axes, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from embstudio.gui.panels.space.distance_words import name_of
from embstudio.gui.style.numbers import four, percent
from embstudio.space.directions import NamedAxis
from embstudio.space.semantic_plane import SemanticPlane

_NEARLY_RIGHT = 0.1  # cosines below which an angle may be drawn as a right one
_ONE = 0.9  # and from which on two axes are about the same


def axis_title(words: Sequence[str], pairs: Sequence[tuple[int, int]]) -> str:
    """ "more she than he": where the axis points."""
    starts, ends = (", ".join(dict.fromkeys(name_of(words[pair[side]]) for pair in pairs)) for side in (0, 1))
    return f"more {ends} than {starts}"


def plane_words(plane: SemanticPlane) -> str:
    """How far the two are at a right angle, how far pairs agree, and what is not seen."""
    cosine, degrees = four(plane.cosine), math.degrees(math.acos(plane.cosine))
    measured = f"cosine {cosine}, {degrees:.0f}°"
    if abs(plane.cosine) < _NEARLY_RIGHT:
        said = f"The two directions are drawn at a right angle, and nearly are ({measured})."
    elif abs(plane.cosine) < _ONE:
        said = (
            f"The two directions are drawn at a right angle, but are not ({measured}): what lies far along one leans "
            "along the other for that alone."
        )
    else:
        said = f"The two directions are drawn at a right angle, but are nearly one line ({measured})."
    for axis in (plane.across, plane.up):
        if len(axis.pairs) > 1:
            said += f" {_agreement(axis)}"
    return f"{said} In their plane lies {percent(plane.share)} of how all vectors differ; the rest is not seen."


def point_words(plane: SemanticPlane, word: str, row: int) -> str:
    """A point under the mouse."""
    x, y = (float(value) for value in plane.points[row])
    return f"{name_of(word)}\n{plane.across.name}: {four(x)}\n{plane.up.name}: {four(y)}\n0: midway between the words"


def _agreement(axis: NamedAxis) -> str:
    least = float(axis.pairs.min())
    return f"The pairs of {axis.name} agree with their mean by cosines of {four(least)} and more."
