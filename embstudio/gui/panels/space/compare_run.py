"""Comparing two sets beside the window: how far it is, and enough when the person says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from threading import Event

from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.answers import Answers, Check
from embstudio.gui.plots.token_label import visible_text
from embstudio.space.aligned_picture import AlignedPicture, aligned_picture
from embstudio.space.comparison import Comparison, compare_more, compare_sets
from embstudio.space.shared_words import share_words
from embstudio.space.transforms import transform_of
from embstudio.space.vector_set import VectorSet
from embstudio.studio.paired_texts import TextVectors

_WORK = 6e10  # multiplications that comparing all neighbours may take; of more words a random sample is asked
_LEAST = 500  # words of that sample, however large the sets are
_FIRST = 1_000  # words whose neighbours are compared before anything is shown
Changes = tuple[bool, bool, bool]  # centre, whiten, unit length


@dataclass(frozen=True)
class Asked:
    """What is to be compared, and how. titles: of the two. changes: what is done to both first.

    made: how the vectors were made, where they are those of texts.
    """

    sets: tuple[VectorSet, VectorSet]
    titles: tuple[str, str]
    count: int
    metric: str
    changes: Changes
    made: tuple[TextVectors, TextVectors] | None = None


class Extent(Enum):
    """Why the neighbours of no more words were compared, in words."""

    WHOLE = "drawn at random"
    STOPPED = "stopped there"
    UNDERWAY = "more are underway"


@dataclass(frozen=True)
class Compared:
    """The answer. folded: the words to be searched in. places: where each word is, as it is shown."""

    asked: Asked
    comparison: Comparison
    picture: AlignedPicture
    extent: Extent
    folded: tuple[str, ...] = field(repr=False)
    places: Mapping[str, int] = field(repr=False)


class CompareRun(QObject):
    """told(what, share): how far it is. came(Compared), failed(StudioError): of what was asked last. Of many words the
    neighbours of some are compared first: `came` tells twice then, with the same picture."""

    told = Signal(str, float)
    came = Signal(object)
    failed = Signal(object)
    _began = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._answers = Answers(self)
        self._answers.answered.connect(self.came)
        self._answers.failed.connect(self.failed)
        self._began.connect(self._take)
        self._enough = Event()

    @property
    def busy(self) -> bool:
        return self._answers.busy

    def start(self, asked: Asked) -> None:
        """Begin; returns at once."""
        enough = self._enough = Event()
        self._answers.ask(lambda check: self._compare(asked, enough, check))

    def stop(self) -> None:
        """Enough: what was compared so far comes soon."""
        self._enough.set()

    def give_up(self) -> None:
        """Nobody wants to know any more."""
        self._answers.forget()

    def _take(self, enough: Event, compared: Compared) -> None:
        if enough is self._enough and self.busy:
            self.came.emit(compared)

    def _compare(self, asked: Asked, enough: Event, check: Check) -> Compared:
        """Thread: all of it."""
        first, second = asked.sets
        centre, whiten, unit = asked.changes
        a, b = (
            transform_of(each.vectors, centre=centre, whiten="zca" if whiten else "", unit=unit) for each in asked.sets
        )
        check()
        shared = len(share_words(first.words, second.words, check))
        most = affordable(shared, first.width + second.width)
        count, some = telling(asked.count, shared), most if most <= 2 * _FIRST else _FIRST
        found = compare_sets(
            first, second, count, asked.metric, some, check, (a, b), self.told.emit, enough.is_set
        )  # fmt: skip
        most = min(most, len(found.words))
        self.told.emit("drawing both", 1.0)
        picture = aligned_picture(found.tables, found.alignment, check)
        folded, places = tuple(word.casefold() for word in found.words), dict[str, int]()
        for place, word in enumerate(found.words):
            places.setdefault(visible_text(word), place)
        if some < most and not enough.is_set():
            check()
            self._began.emit(enough, Compared(asked, found, picture, Extent.UNDERWAY, folded, places))
            found = compare_more(found, most, check, self.told.emit, enough.is_set)
        extent = Extent.STOPPED if len(found.asked) < most else Extent.WHOLE
        return Compared(asked, found, picture, extent, folded, places)


def affordable(words: int, width: int) -> int:
    """Of how many words the neighbours are compared: of all, if that takes some seconds."""
    return min(words, max(_LEAST, int(_WORK / max(words * width, 1))))


def telling(count: int, words: int) -> int:
    """How many neighbours tell something: of few words, not more than a third of the others."""
    return max(1, min(count, (words - 1) // 3))
