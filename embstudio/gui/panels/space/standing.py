"""Whose words are looked at, and where one stands among them."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.gui.plots.token_label import visible_text
from embstudio.studio import Studio


class Standing:
    """Reads the studio; keeps nothing."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @property
    def whose(self) -> object:
        """What the rows are of: a file that was read, or the open model."""
        sets, document = self._studio.vector_sets, self._studio.document
        return sets.chosen if sets.chosen is not None else document.opened.model if document is not None else None

    @property
    def words(self) -> Sequence[str]:
        """Of the set that is looked at, as far as they are known."""
        sets, known = self._studio.vector_sets, self._studio.vectors
        if sets.active is not None:
            return sets.active.words
        return known.words if known is not None and sets.is_model else ()

    @property
    def width(self) -> int:
        """Numbers in each vector; 0 where that is not known yet."""
        active, known = self._studio.vector_sets.active, self._studio.vectors
        return active.width if active is not None else known.width if known is not None else 0

    @property
    def row(self) -> int | None:
        """At the row one walked to, or at the current token's."""
        studio, row = self._studio, self._studio.vector_walk.row
        if row is not None:
            return row if row < len(self.words) else None
        if not studio.vector_sets.is_model or studio.trace is None or not len(studio.trace):
            return None
        id_ = studio.trace.tokens[studio.cursor.token].id
        return id_ if 0 <= id_ < len(self.words) else None

    @property
    def tokens(self) -> tuple[int, ...]:
        """The sentence's tokens among the model's words."""
        trace = self._studio.trace
        if trace is None or not self._studio.vector_sets.is_model:
            return ()
        return tuple(dict.fromkeys(token.id for token in trace.tokens if 0 <= token.id < len(self.words)))

    def word(self, row: int) -> str:
        """What a row is called."""
        return visible_text(self.words[row]) if 0 <= row < len(self.words) else f"#{row}"
