"""What stands in place of a picture that the trace holds too little for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class NotCaptured(QWidget):
    """Says that a layer is not captured, and why; asked(): the person wants it."""

    asked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel(self)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setObjectName(name)
        self.button.clicked.connect(self.asked)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self.text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def set_text(self, why: str) -> None:
        """Say why there is nothing to show, where nothing can be fetched."""
        self.text.setText(why)
        self.button.hide()

    def set_layer(self, layer: int, *, fetching: bool) -> None:
        """Which layer it is, and whether it is on its way."""
        self.text.setText(
            f"Layer {layer} is not captured.\nThe attention of all layers of this text does not fit into the memory "
            "that a trace may take, so a layer is fetched when you go there."
        )
        self.button.setText(f"Fetching layer {layer}…" if fetching else f"Fetch layer {layer}")
        self.button.setEnabled(not fetching)
        self.button.show()
