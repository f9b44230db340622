"""Why a file of vectors could not be read, and buttons for what can be done about it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.style.theme import Theme
from embstudio.studio.load_remedies import plain_advice, remedies
from embstudio.studio.vector_sets import VectorSets


class LoadFault(QWidget):
    """Stays until a remedy is taken, it is closed, or another file is opened."""

    def __init__(self, sets: VectorSets, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sets, self._theme = sets, theme
        self.setObjectName("LoadFault")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.telling = QLabel(self)
        self.telling.setObjectName("loadFaultTelling")
        self.telling.setWordWrap(True)
        self.telling.setTextFormat(Qt.TextFormat.PlainText)
        self.telling.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons = FlowRow(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 6)
        column.setSpacing(4)
        column.addWidget(self.telling)
        column.addWidget(self.buttons)
        self._shown: object = None
        bind(self, sets.loading.changed, self._follow)
        self.restyle()
        self.hide()
        self._follow()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        colours = self._theme.colours
        self.setStyleSheet(
            f"#LoadFault {{ background: {colours.raised}; border: 1px solid {colours.error}; border-radius: 6px; }}"
        )

    def _follow(self) -> None:
        failure = self._sets.loading.failure
        if failure is self._shown:
            return
        self._shown = failure
        while (item := self.buttons.flow.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.setVisible(failure is not None)
        if failure is None:
            return
        error = failure.error
        place = error.where or str(failure.path)
        offered = remedies(failure, self._sets.chosen)
        advice = "" if offered and offered[0].path != failure.path else plain_advice(failure)
        self.telling.setText("\n".join(filter(None, (f"✕  {error.what}", place, advice))))
        self.telling.setToolTip(error.detail)
        for remedy in offered:
            button = QPushButton(remedy.label, self.buttons)
            button.clicked.connect(partial(self._sets.open, remedy.path, remedy.options))
            self.buttons.flow.addWidget(button)
        if failure.path in self._sets.closed:
            forget = QPushButton("Forget this file", self.buttons)
            forget.clicked.connect(partial(self._forget, failure.path))
            self.buttons.flow.addWidget(forget)
        close = QToolButton(self.buttons)
        close.setObjectName("loadFaultClose")
        close.setText("Close")
        close.setAccessibleName("Close this message")
        close.clicked.connect(self._sets.loading.dismiss)
        self.buttons.flow.addWidget(close)
        for at in range(self.buttons.flow.count()):
            shown = self.buttons.flow.itemAt(at)
            widget = shown.widget() if shown is not None else None
            if widget is not None:
                widget.show()

    def _forget(self, path: Path) -> None:
        self._sets.forget(path)
        self._sets.loading.dismiss()
