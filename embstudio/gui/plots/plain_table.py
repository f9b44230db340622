"""What all tables of numbers have in common: they are read, row by row, and have neither grid nor frame."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from embstudio.gui.style.theme import Theme


class PlainTable(QTableView):
    """Read-only; whole rows are selected; Tab leaves it. Subclasses choose the fonts, the headers and the columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)

    def fit_rows(self) -> None:
        """Make the rows as high as the font needs."""
        height = self.fontMetrics().height()
        # The minimum first: a default below it is not taken.
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height + 4)
