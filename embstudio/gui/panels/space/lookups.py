"""The set that is looked at, as it is compared, prepared to be asked by words, once for all pages that ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from embstudio.base.events import Signal
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.space.lookup import Lookup
from embstudio.studio import Studio

MOST_AT_ONCE = 50_000  # words; a list of more is made beside the window


class Lookups:
    """`current` is of `studio.vector_sets.active`, centred, whitened or at unit length where that is wanted; what
    another set needed is forgotten. `preparation` tells when vectors are ready that had to be made, and `ready` when a
    list of their words is."""

    def __init__(self, studio: Studio, preparation: Preparation) -> None:
        self.preparation = preparation
        self.ready: Signal[[]] = Signal()
        self._answers = Answers(preparation)
        self._answers.answered.connect(self._come)
        self._studio = studio
        self._source: object = None  # the set that `current` is of
        self._of: object = None  # what it was made of
        self._lookup: Lookup | None = None

    @property
    def current(self) -> Lookup | None:
        """None where there is no set, or it has not come, or is being made."""
        active, changes = self._studio.vector_sets.active, self._studio.vector_walk.comparison.changes
        self._source = active
        if active is None or not len(active):
            return self._take(None, None)
        if not any(changes):
            return self._take(active, lambda: Lookup(active))
        prepared = self.preparation.of(active, changes)
        if prepared is None:
            self.preparation.want(active, changes)
            return self._take(None, None)
        changed = replace(active, vectors=prepared.vectors)
        return self._take(prepared, lambda: Lookup(changed, prepared.transform))

    @property
    def kept(self) -> Lookup | None:
        """`current` as it was asked for last, unless another set is looked at since: a set can be large."""
        if self._studio.vector_sets.active is not self._source:
            self._source = None
            self._take(None, None)
        return self._lookup

    @property
    def preparing(self) -> str:
        """What is being done to the vectors; "" for nothing."""
        if self.busy:
            return "a list of their words is made"
        active, comparison = self._studio.vector_sets.active, self._studio.vector_walk.comparison
        return comparison.words if active is not None and len(active) else ""

    @property
    def busy(self) -> bool:
        """Whether `current` is on its way."""
        return self._answers.busy

    def _take(self, of: object, make: Callable[[], Lookup] | None) -> Lookup | None:
        if of is not self._of:
            self._of, self._lookup = of, None
            self._answers.forget()
            lookup = make() if make is not None else None
            if lookup is None or len(lookup.set) <= MOST_AT_ONCE:
                self._lookup = lookup
            else:
                self._answers.ask(lookup.prepare)
        return self._lookup

    def _come(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.ready.emit()
