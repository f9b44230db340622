"""How far parts of a page stand from its edges, and which of them grow."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from embstudio.gui.plots.arrow_plot import ArrowPlot
from embstudio.gui.plots.score_table import ScoreTable


def framed(*widgets: QWidget) -> QWidget:
    """Widgets above each other; those that can grow take what room is left."""
    frame = QWidget()
    column = QVBoxLayout(frame)
    column.setContentsMargins(8, 0, 8, 4)
    column.setSpacing(4)
    growing = [isinstance(widget, ArrowPlot | ScoreTable) for widget in widgets]
    for widget, grows in zip(widgets, growing, strict=True):
        column.addWidget(widget, 1 if grows else 0)
    if not any(growing):
        column.addStretch(1)
    return frame


def inset(widget: QWidget) -> QWidget:
    """A widget as far from the edges as the fields are."""
    frame = QWidget()
    row = QHBoxLayout(frame)
    row.setContentsMargins(8, 0, 8, 0)
    row.addWidget(widget)
    return frame
