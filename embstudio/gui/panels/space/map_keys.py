"""Keys of the map's page, wherever the focus is on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.space.map_selections import MapSelections
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.studio.vector_walk import VectorWalk


def add_map_keys(page: QWidget, scatter: Scatter, walk: VectorWalk, selections: MapSelections) -> None:
    """Back and forward over places and over selections; on the map itself, all points."""
    _add("Alt+Left", page, walk.back)
    _add("Alt+Right", page, walk.forward)
    _add("Alt+Shift+Left", page, selections.back)
    _add("Alt+Shift+Right", page, selections.forward)
    # Lists and fields have a Ctrl+A of their own.
    _add("Ctrl+A", scatter, selections.select_all)


def _add(keys: str, over: QWidget, do: Callable[[], object]) -> None:
    shortcut = QShortcut(QKeySequence(keys), over)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(do)
