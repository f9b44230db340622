"""The menu of models that can be put beside the open one.

Nothing heavy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.panels.lanes.choice import Offer, offers
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.studio import Studio


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
