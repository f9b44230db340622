"""The head of the Lanes panel: a button that adds models, and the sentence that says where the lanes part."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lanes.menu import fill
from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio

TELLING = 360  # pixels that the sentence wants, or it gets a line of its own


class LanesHeader(FlowRow):
    """parting_wanted: go to the next token at which the lanes part."""

    parting_wanted = Signal()

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, tail=TELLING)
        self.theme = theme
        self._studio = studio
        self.menu = QMenu(self)
        self.menu.setObjectName("LanesMenu")
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(lambda: fill(self.menu, studio, self))
        self.add = QToolButton(self)
        self.add.setObjectName("LanesAdd")
        self.add.setText("&Add a model…")
        self.add.setToolTip("Put another model beside the open one: it reads the same text")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setMenu(self.menu)
        self.parting = QToolButton(self)
        self.parting.setObjectName("LanesParting")
        self.parting.setToolTip("Go to the next token after which the models begin to say different things")
        self.parting.clicked.connect(self.parting_wanted)
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("LanesTelling")
        self.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (self.add, self.parting, self.telling):
            self.flow.addWidget(widget)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.telling.setFont(self.theme.font())

    def tell(self, sentence: str, parting: str) -> None:
        """Show the sentence, and the next token where they part, "" for none."""
        if sentence != self.telling.text():
            self.telling.setText(sentence)
        text = f"They &part at ‘{parting}’"
        self.parting.setVisible(bool(parting))
        if text != self.parting.text():
            self.parting.setText(text)
