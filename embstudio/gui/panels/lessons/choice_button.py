"""A choice of a question: a button whose words go on in the next line where it is narrow."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget


class ChoiceButton(QPushButton):
    """words: plain, for screen readers; `say` puts rich text on it."""

    def __init__(self, words: str, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"choice{number}")
        self.setAccessibleName(words)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setWordWrap(True)
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 6)
        column.addWidget(self._label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def say(self, html: str) -> None:
        """The words as rich text."""
        self._label.setText(html)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(120, self._height(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._height(max(self.width(), 80)))

    def hasHeightForWidth(self) -> bool:
        return False

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.setMinimumHeight(self._height(self.width()))

    def _height(self, width: int) -> int:
        return self._label.heightForWidth(max(40, width - 24)) + 12
