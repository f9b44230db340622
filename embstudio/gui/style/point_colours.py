"""Colours of points: of one kind by how dense they lie, of categories, and along a column of numbers.

Ten categories in hues that colour-blind eyes tell apart (after Okabe and Ito 2008), with a shape beside each; none of
them is the accent. Ramps rise evenly in lightness away from the ground they are drawn on.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from embstudio.gui.style.colour_maps import evenly
from embstudio.gui.style.colours import Colours

SHAPES = ("circle", "square", "triangle", "diamond", "pointer")
_CATEGORIES = {
    "dark": ("#5AA9E6", "#F39C3D", "#35C28D", "#E58FB8", "#E8D44D", "#F0664B", "#8FE3F5", "#A8B545", "#C39A6B",
             "#2FA5A0"),
    "light": ("#0068A3", "#C26A00", "#00835F", "#B0437F", "#8F7A00", "#C0391B", "#2F93C4", "#66751A", "#7C5230",
              "#007C85"),
}  # fmt: skip
_SCALES = {"dark": ("#4B58B0", "#C2549D", "#F5C04E"), "light": ("#D9A21B", "#B8407A", "#2B2A7A")}
MOST = len(_CATEGORIES["dark"])  # categories with a colour of their own


def category_colours(colours: Colours) -> tuple[str, ...]:
    """A colour for each of the first ten categories, and one for all others."""
    return (*_CATEGORIES[colours.name], colours.residual)


@lru_cache(maxsize=8)
def scale_colours(colours: Colours, signed: bool = False) -> np.ndarray:
    """256 colours for numbers from low to high; signed: neutral in the middle. uint8 [256, 3]."""
    stops = (colours.negative, colours.residual, colours.positive) if signed else _SCALES[colours.name]
    return np.concatenate([evenly(stops[0], stops[1], 128), evenly(stops[1], stops[2], 128)])


@lru_cache(maxsize=8)
def density_ramp(colours: Colours) -> np.ndarray:
    """256 colours from nothing over the points' grey towards the text's colour, which names and marks keep for
    themselves: uint32 0xAARRGGBB, premultiplied."""
    grey, strong = evenly(colours.residual, colours.residual, 144), evenly(colours.residual, colours.text, 187)
    rgb = np.concatenate([grey, strong[:112]]).astype(np.float64)
    alpha = np.concatenate([np.linspace(0, 1, 144), np.ones(112)])
    parts = (rgb * alpha[:, None] + 0.5).astype(np.uint32)
    return np.asarray(
        ((alpha * 255 + 0.5).astype(np.uint32) << 24) | (parts[:, 0] << 16) | (parts[:, 1] << 8) | parts[:, 2]
    )
