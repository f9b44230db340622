"""The line above the map: what is said of the picture, and a field for a text of one's own; under it, what is wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.wrapped_label import WrappedLabel

Offer = tuple[str, str, Callable[[], object]]  # a button's name, its label, what pressing it does
LETTERS = 22  # that the field has room for


class TextLine(QWidget):
    """`say` what is the matter, with buttons for what can be done; "" for nothing."""

    def __init__(self, said: ElidedLabel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit(self)
        self.field.setObjectName("mapText")
        self.field.setAccessibleName("A text among the points")
        self.field.setPlaceholderText("a text…")
        self.field.setToolTip("Place a text among the points, and list its nearest: by the open model's vector of it")
        self.field.setClearButtonEnabled(True)
        self.trouble = WrappedLabel("", self, quiet=False)
        self.trouble.setObjectName("mapTextTrouble")
        self.offers = FlowRow(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(said, 1)
        row.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(2)
        column.addLayout(row)
        for widget in (self.trouble, self.offers):
            inset = QHBoxLayout()
            inset.setContentsMargins(8, 0, 0, 0)
            inset.addWidget(widget)
            column.addLayout(inset)
        self._buttons: list[QPushButton] = []
        self.say("")
        self.restyle()

    def restyle(self) -> None:
        """Fonts changed."""
        self.field.setFixedWidth(self.fontMetrics().averageCharWidth() * LETTERS + 40)

    def say(self, text: str, *offers: Offer) -> None:
        """Say what is the matter, and offer what can be done about it."""
        names = [button.objectName() for button in self._buttons]
        if text == self.trouble.text() and names == [name for name, _label, _do in offers]:
            return
        for button in self._buttons:
            self.offers.flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        self.offers.setVisible(bool(offers))
        for name, label, do in offers:
            button = QPushButton(label, self.offers)
            button.setObjectName(name)
            button.clicked.connect(lambda _checked=False, do=do: do())
            self.offers.flow.addWidget(button)
            self._buttons.append(button)
            button.show()
