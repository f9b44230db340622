"""The head of the Lanes panel: a button that adds models, and the sentence that says where the lanes part."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lanes.choice import Offer, offers
from embstudio.gui.style.theme import Theme
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
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


def fill(menu: QMenu, studio: Studio, parent: QWidget) -> None:
    """Put what can be added at this moment into a menu."""
    menu.clear()
    document, companions = studio.document, studio.companions
    opened = document.source if document is not None else None
    there = [member.source for member in companions.members]
    for offer in offers(opened, there):
        if len(offer.sources) > 1:
            menu.addAction(f"All of {offer.about}: {offer.names}").triggered.connect(
                lambda _checked=False, offer=offer: add_all(studio, offer)
            )
    for section, sources in (("Bundled models", catalogue.bundled()), ("Added models", catalogue.added())):
        left = [source for source in sources if source not in there and source != opened]
        if left:
            menu.addSection(section)
        for source in left:
            _offer(menu, studio, source)
    menu.addSeparator()
    menu.addAction("A file…").triggered.connect(lambda: _choose(studio, parent))
    clear = menu.addAction("Take all away")
    clear.setEnabled(bool(companions.members))
    clear.triggered.connect(companions.clear)


def add_all(studio: Studio, offer: Offer) -> None:
    """Put all models of an offer side by side."""
    for source in offer.sources:
        studio.companions.add(source)


def _offer(menu: QMenu, studio: Studio, source: ModelSource) -> None:
    try:
        title = source.title
        tip = source.card.summary if source.card else ""
    except StudioError as error:
        title, tip = source.name, str(error)
    action = menu.addAction(title)
    action.setToolTip(f"<p>{tip.replace('&', '&amp;').replace('<', '&lt;')}</p>" if tip else "")
    action.triggered.connect(lambda _checked=False: studio.companions.add(source))


def _choose(studio: Studio, parent: QWidget) -> None:
    path, _ = QFileDialog.getOpenFileName(parent, "Add a model", "", "ONNX models (*.onnx);;All files (*)")
    if path:
        studio.companions.add(path)
