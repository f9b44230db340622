"""The set that is looked at, prepared to be asked by words, once for all pages that ask."""

from __future__ import annotations

from embstudio.space.lookup import Lookup
from embstudio.studio import Studio


class Lookups:
    """`current` is of `studio.vector_sets.active`; what another set needed is forgotten."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._lookup: Lookup | None = None

    @property
    def current(self) -> Lookup | None:
        """None where there is no set, or it has not come yet."""
        active = self._studio.vector_sets.active
        if active is None or not len(active):
            self._lookup = None
        elif self._lookup is None or self._lookup.set is not active:
            self._lookup = Lookup(active)
        return self._lookup
