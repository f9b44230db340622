"""Typed texts among the words of a set: a vector by the open model, where that made the set."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.gui.panels.space.distance_words import name_of
from embstudio.space.lookup import Lookup, Term
from embstudio.studio import Studio
from embstudio.studio.kinship import Kin

ASKER = "distances"


class TextTerms:
    """`want` the vectors of texts; `term` has each that is there."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def want(self, texts: Sequence[str]) -> None:
        """Have vectors made of texts that the set does not know, and find out whether they belong there."""
        if self._studio.embedding.available:
            self._studio.embedding.want(*texts, asker=ASKER)
            if texts:
                self._studio.kinship.want()

    def term(self, lookup: Lookup, text: str) -> Term | None:
        """A text as it is compared with the set; None where it has no place there, or its vector is not there yet."""
        verdict, made = self._studio.kinship.verdict, self._studio.embedding.made(text)
        if verdict.kin is not Kin.SAME or made is None:
            return None
        return lookup.guest(text, verdict.fitted(made.vector))

    def words(self, terms: Sequence[Term], texts: Sequence[str]) -> str:
        """Which of the terms are texts, and by which model; "" where none is."""
        document = self._studio.document
        named = [f"‘{name_of(term.name)}’" for term, text in zip(terms, texts, strict=True)
                 if term.row is None and term.name == text and not text.startswith("[")]  # fmt: skip
        if not named or document is None:
            return ""
        title, tried = self._studio.vector_sets.title, self._studio.kinship.verdict.tried
        return (
            f"No name in {title}, so taken as text: {' and '.join(named)}, by {document.source.title}, which made the "
            f"set, as {tried} of its texts tell."
        )
