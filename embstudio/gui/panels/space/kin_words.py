"""Whether a typed text has a place among the vectors one looks at, in words, and what can be done where it has none."""

from __future__ import annotations

from embstudio.studio import Studio
from embstudio.studio.kinship import Kin, Verdict


def kin_words(studio: Studio, verdict: Verdict) -> str:
    """Why a text has no place among them; "" where it has one, or where that is not known yet."""
    model = studio.document.source.title if studio.document is not None else ""
    title = studio.vector_sets.title
    if verdict.kin is Kin.NO_MODEL:
        if studio.embedding.can_pool:
            return f"{model} makes a vector of each token: choose how they become one for a text."
        return f"{model} makes no vector of a text. Open a model that does."
    if verdict.kin is Kin.WIDTH:
        there, made = verdict.widths
        return (
            f"{_whose(studio)} vectors of {there:,} numbers, and {model} makes vectors of {made:,}: a text has no "
            "place among them. Open the model that they were made with, or make vectors of these texts with this one."
        )
    if verdict.kin is not Kin.OTHER:
        return ""
    if studio.vector_sets.is_model:
        return (
            f"The words of {model} are vectors of single tokens, as its first layer takes them in; its vector of a "
            "text is made otherwise, and has no place among them. Make vectors of texts to place one there."
        )
    if not verdict.tried:
        return (
            f"{title} does not tell what made it: {model} knows nothing of the names in it, so they could not be "
            "tried. A text has a place in it only if this is the model that made it."
        )
    return (
        f"{model} did not make {title}: the vectors that it makes of {_count(verdict.tried)} in it are others. Open "
        "the model that they were made with, or make vectors of these texts with this one."
    )


def _whose(studio: Studio) -> str:
    return "The model's own words are" if studio.vector_sets.is_model else f"{studio.vector_sets.title} has"


def _count(tried: int) -> str:
    return "a text" if tried == 1 else f"{tried} texts"
