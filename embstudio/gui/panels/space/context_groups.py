"""What the groups of sentences look like: a colour and a shape for each, on the map and in the list."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPixmap

from embstudio.gui.plots.scatter.colouring import Categories
from embstudio.gui.plots.scatter.picture import category_looks
from embstudio.gui.plots.scatter.symbols import sprite
from embstudio.gui.style.point_colours import MOST
from embstudio.gui.style.theme import Theme
from embstudio.studio.context_table import ContextTable

UNGROUPED, STATIC, MORE = "no group", "static", "further groups"
_RADIUS = 4.2  # pixels, at text scale 1


def groups_of(table: ContextTable) -> Categories:
    """The groups in the order of their sentences, and the static points as one more."""
    named = list(dict.fromkeys(group for group in table.groups if group))
    own = named[: MOST - 1]
    names = [*own, *([MORE] if len(named) > len(own) else []), *([] if all(table.groups) else [UNGROUPED])]
    codes = [
        names.index(group) if group in own else names.index(MORE) if group else names.index(UNGROUPED)
        for group in table.groups
    ]
    static = [len(names)] * len(table.statics)
    title = "group" if named else "points"
    shown = [*(["in a sentence"] if not named else names), *([STATIC] if table.statics else [])]
    return Categories(title, np.array([*codes, *static], np.uint8), tuple(shown))


def signs_of(table: ContextTable, theme: Theme) -> dict[str, QPixmap]:
    """The sign of each named group; empty where no group is named."""
    groups = groups_of(table)
    looks = category_looks(groups, theme.colours)
    signs = {}
    for group, code in zip(table.groups, groups.codes.tolist(), strict=False):
        if group and group not in signs:
            shape, colour = looks[code]
            image = sprite((shape, colour, _RADIUS * theme.scale, 1.0), theme.colours.panel)
            signs[group] = QPixmap.fromImage(image)
    return signs
