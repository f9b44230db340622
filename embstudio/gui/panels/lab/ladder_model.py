"""The models that can stand on the ladder's last rung: the open one first, then the bundled and the added ones."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from embstudio.gui.binding import bind
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.studio import Studio
from embstudio.studio.paired_texts import last_states

_TIP = "Which model reads the two texts on the last rung: the open one, or one of the bundled and added ones"
_FIRST = "next-word"  # taken where the open model reads no texts, or each word by itself


class LadderModel(QComboBox):
    """chosen(): another model. Follows the open one until the person chooses."""

    chosen = Signal()

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._touched = False
        self.setObjectName("ladderModel")
        self.setAccessibleName("Model of the last rung")
        self.setToolTip(_TIP)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(18)
        self.activated.connect(self._on_chosen)
        bind(self, studio.document_changed, self.fill)
        self.fill()

    @property
    def source(self) -> ModelSource | None:
        """The model that is chosen."""
        found: ModelSource | None = self.currentData()
        return found

    def choose(self, name: str) -> None:
        """Take a bundled or added model."""
        for place in range(self.count()):
            if self.itemData(place).name == name:
                self.setCurrentIndex(place)
                self._on_chosen()

    def showPopup(self) -> None:
        """Models may have been added meanwhile."""
        self.fill()
        super().showPopup()

    def fill(self) -> None:
        """Put the models of this moment into the list."""
        before = self.source
        document = self._studio.document
        own = document.source if document is not None else None
        others = [each for each in (*catalogue.bundled(), *catalogue.added()) if own is None or each.path != own.path]
        self.clear()
        if own is not None:
            self.addItem(f"{own.title} (open)", own)
        for each in others:
            self.addItem(each.title, each)
        wanted = before if self._touched and before is not None else self._first(own)
        places = [place for place in range(self.count()) if wanted and self.itemData(place).path == wanted.path]
        self.setCurrentIndex(places[0] if places else 0)
        if self.source != before:
            self.chosen.emit()

    def _first(self, own: ModelSource | None) -> ModelSource | None:
        document = self._studio.document
        if document is not None and document.opened.tokenizer is not None:
            names = document.opened.anatomy.point_names
            if self._studio.embedding.available or last_states(names):  # not a mere table of words
                return own
        return next((each for each in catalogue.bundled() if each.name == _FIRST), own)

    def _on_chosen(self) -> None:
        self._touched = True
        self.chosen.emit()
