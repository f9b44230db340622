"""What the Lanes panel shows before there is a second lane: what lanes are, and a set of models in one click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from embstudio.gui.panels.lanes.choice import offers
from embstudio.gui.panels.lanes.menu import add_all, fill
from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio

ABOUT = (
    "Lanes put models side by side. Each reads the same sentence with its own tokens, the same characters stand in one "
    "column, and one cursor steps through all: what does each say, and hold, at this word?"
)


class Invitation(QWidget):
    """A text and buttons, in the middle."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._studio = studio
        self.setObjectName("LanesInvitation")
        self.about = QLabel(ABOUT, self)
        self.about.setWordWrap(True)
        self.about.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(lambda: fill(self._menu, studio, self))
        self._buttons: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 16, 24, 16)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self._column.addWidget(self.about)
        self._column.addSpacing(8)
        self._column.addStretch(1)

    def refresh(self) -> None:
        """Offer what there is now."""
        for button in self._buttons:
            button.deleteLater()
        self._buttons.clear()
        document = self._studio.document
        opened = document.source if document is not None else None
        found = offers(opened, [member.source for member in self._studio.companions.members])
        for offer in found[:2]:
            button = self._button(f"Put the {offer.names} beside it" if not self._buttons else f"Or the {offer.names}")
            button.setToolTip(f"Bundled models of one kind: {offer.about}")
            button.clicked.connect(lambda _checked=False, offer=offer: add_all(self._studio, offer))
        other = self._button("Another model…" if found else "Add a model…")
        other.setObjectName("LanesOther")
        other.setMenu(self._menu)

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """What can be clicked now."""
        return tuple(self._buttons)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(f"LanesOffer{len(self._buttons)}")
        self._column.insertWidget(self._column.count() - 1, button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._buttons.append(button)
        return button
