"""The line over a list: what it lists, and what can be done with the row that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.watches.row_list import RowList
from embstudio.gui.style.theme import Theme


class ListHead(FlowRow):
    """Title and buttons; each acts on the row that is chosen, or on the first."""

    def __init__(self, title: str, rows: RowList, theme: Theme, *, places: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = rows
        self._title = QLabel(title, self)
        self.flow.setContentsMargins(8, 4, 4, 0)
        self.flow.addWidget(self._title)
        choices: Sequence[tuple[str, str, Callable[[int], object]]] = (
            ("Edit", "Write another expression in its place (Enter)", rows.edit_row),
            ("Remove", "Take it off the list (Delete)", rows.removed.emit),
        )
        if places:
            choices = (
                ("◂", "Previous place where it holds (Shift+N)", lambda at: rows.searched.emit(at, -1)),
                ("▸", "Next place where it holds (N)", lambda at: rows.searched.emit(at, 1)),
                *choices,
            )
        self._buttons = [self._button(title, *choice) for choice in choices]
        self.hide()

    def showEvent(self, event: QShowEvent) -> None:
        self.restyle()  # the style sheet takes fonts away when a scroll area is put into a dock
        super().showEvent(event)

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._title.setFont(self._theme.font("small", bold=True))
        for button in self._buttons:
            button.setFont(self._theme.font("small"))

    def _button(self, title: str, text: str, tip: str, do: Callable[[int], object]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{title}: {tip.partition(' (')[0]}")
        button.setObjectName(f"{title}{tip.partition(' ')[0]}")
        button.setAutoRaise(True)
        button.clicked.connect(lambda: self._act(do))
        self.flow.addWidget(button)
        return button

    def _act(self, do: Callable[[int], object]) -> None:
        at = self._rows.current or 0
        if at < len(self._rows.rows.rows):
            do(at)
