"""The set that is looked at, as it is compared, prepared to be asked by words, once for all pages that ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from embstudio.gui.panels.space.preparation import Preparation
from embstudio.space.lookup import Lookup
from embstudio.studio import Studio


class Lookups:
    """`current` is of `studio.vector_sets.active`, centred, whitened or at unit length where that is wanted; what
    another set needed is forgotten. `preparation` tells when vectors are ready that had to be made."""

    def __init__(self, studio: Studio, preparation: Preparation) -> None:
        self.preparation = preparation
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
        active, comparison = self._studio.vector_sets.active, self._studio.vector_walk.comparison
        return comparison.words if active is not None and len(active) else ""

    def _take(self, of: object, make: Callable[[], Lookup] | None) -> Lookup | None:
        if of is not self._of:
            self._of = of
            self._lookup = make() if make is not None else None
        return self._lookup
