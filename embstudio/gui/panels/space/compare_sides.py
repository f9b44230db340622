"""What can be compared: files of vectors that are open, and the tables of models, open or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from embstudio.base.errors import StudioError
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.studio import Studio
from embstudio.studio.vector_sets import OpenSet

_LETTERS = 14  # of a name that are always in sight


@dataclass(frozen=True)
class Side:
    """One of the two: a file that was read, or a model."""

    title: str
    tip: str
    opened: OpenSet | None = None
    source: ModelSource | None = None

    @property
    def key(self) -> object:
        """What it is, whatever it is called."""
        return self.opened if self.opened is not None else self.source.path if self.source is not None else None

    @property
    def kind(self) -> str:
        """What sort of model its card says it is; "" for what has none."""
        try:
            card = self.source.card if self.source is not None else None
        except StudioError:  # a damaged card
            return ""
        return card.kind if card is not None else ""


def sides_of(studio: Studio, *, texts: bool) -> list[Side]:
    """All there are, the open model first. texts: models only, which make vectors of texts."""
    document = studio.document
    own = document.source if document is not None else None
    found = [] if own is None else [_model(own)]
    if not texts:
        found += [Side(each.title, f"{each.set.source}\n{each.path}", each) for each in studio.vector_sets.open_sets]
        if document is not None and not document.opened.anatomy.embeddings:
            found = found[1:]
    others = (*catalogue.bundled(), *catalogue.added())
    return [*found, *(_model(source) for source in others if own is None or source.path != own.path)]


def first_of(studio: Studio, sides: Sequence[Side]) -> Side | None:
    """The one that is looked at."""
    chosen = studio.vector_sets.chosen
    looked_at = next((side for side in sides if chosen is not None and side.opened is chosen), None)
    return looked_at or next(iter(sides), None)


def partner_of(first: Side, sides: Sequence[Side]) -> Side | None:
    """What one would compare it with: a model of the same kind, another open file, or whatever there is."""
    others = [side for side in sides if side.key != first.key]
    kin = [side for side in others if first.kind and side.kind == first.kind]
    files = [side for side in others if side.opened is not None]
    return next(iter((*kin, *files, *others)), None)


def _model(source: ModelSource) -> Side:
    try:
        title = source.title
    except StudioError:  # a damaged card
        title = source.name or source.path.stem
    return Side(title, f"{source.name or source.path}: the model's own words and vectors", source=source)


class SidePicker(QComboBox):
    """side_chosen(): by the person."""

    side_chosen = Signal()

    def __init__(self, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"CompareSide{letter}")
        self.setAccessibleName(f"{letter}, one of the two that are compared")
        self.setToolTip(f"{letter}: a file that is open (File ▸ Open vectors…), or a model")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LETTERS)
        self.sides: list[Side] = []
        self.activated.connect(lambda _place: self.side_chosen.emit())

    @property
    def side(self) -> Side | None:
        """The one that is chosen."""
        return self.sides[self.currentIndex()] if 0 <= self.currentIndex() < len(self.sides) else None

    def offer(self, sides: Sequence[Side]) -> None:
        """Name what there is; what was chosen stays, where it is still there."""
        if list(sides) == self.sides:
            return
        kept = self.side
        self.sides = list(sides)
        self.clear()
        for place, side in enumerate(sides):
            self.addItem(side.title)
            self.setItemData(place, side.tip, Qt.ItemDataRole.ToolTipRole)
        self.choose(kept)

    def choose(self, side: Side | None) -> None:
        """Take one, if it is there."""
        keys = [each.key for each in self.sides]
        self.setCurrentIndex(keys.index(side.key) if side is not None and side.key in keys else -1)
