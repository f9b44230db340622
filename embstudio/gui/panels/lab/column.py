"""Widgets one below the other, at the top of what room there is."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


def column(*widgets: QWidget, left: int = 0) -> QWidget:
    """left: pixels before them."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(left, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return whole
