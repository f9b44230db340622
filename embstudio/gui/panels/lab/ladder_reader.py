"""The rungs of two texts: counts made at once, vectors of models as the worker gives them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from embstudio.base.errors import StudioError
from embstudio.gui.panels.lab.ladder_words import MODEL, READING, REFUSED, WORDS, Shown
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.space.ladder import backwards, counted_rungs, vector_rung
from embstudio.studio import ladder_vectors as vectors
from embstudio.studio.ladder_vectors import LadderVectors

NO_PAIRS = "one word makes no pair"
_BUNDLED = {vectors.WORDS: "words", vectors.SENTENCES: "sentences"}  # the models of the rungs before the last


class LadderReader:
    """`want` has models read two texts; `rungs` are those that there are. chosen: the model of the last rung."""

    def __init__(self, ladder: LadderVectors) -> None:
        self._ladder = ladder

    @property
    def busy(self) -> bool:
        """Whether vectors are on their way."""
        return any(self._ladder.busy(rung) for rung in vectors.RUNGS)

    def want(self, first: str, second: str, chosen: ModelSource | None) -> None:
        """Have vectors made of both texts, neither blank, and of the first with its words in reverse."""
        asked = tuple(dict.fromkeys((first, second, backwards(first))))
        for rung, source in _sources(chosen).items():
            if source is None:
                self._ladder.forget(rung)
            else:
                self._ladder.want(rung, source, asked)

    def rungs(self, first: str, second: str, without: Collection[str], chosen: ModelSource | None) -> tuple[Shown, ...]:
        """From the bag of words to the chosen model, which is left out where it is the one before."""
        counted = [
            Shown(rung.name, rung.name, rung) if len(rung.a) else Shown(rung.name, rung.name, missing=NO_PAIRS)
            for rung in counted_rungs(first, second, without)
        ]
        made = [
            self._of_model(rung, source, first, second)
            for rung, source in _sources(chosen).items()
            if source is not None or rung != vectors.MODEL
        ]
        return (*counted, *made)

    def _of_model(self, rung: str, source: ModelSource | None, first: str, second: str) -> Shown:
        kind = WORDS if rung == vectors.WORDS else MODEL
        name = WORDS if rung == vectors.WORDS else source.title if source is not None else rung
        if source is None:
            return Shown(name, kind, missing="is not there", note="The bundled model is not there.")
        made, problem = self._ladder.made(rung), self._ladder.problem(rung)
        if problem is not None:
            return Shown(name, kind, missing=REFUSED, note=f"{problem.what} {problem.advice}".strip())
        asked = (first, second, backwards(first))
        if made is None or made.source != source or not set(asked) <= set(made.set.words):
            return Shown(name, kind, missing=READING)
        rows = [made.set.vectors[made.set.words.index(text)] for text in asked]
        if any(np.isnan(row).any() for row in rows):
            return Shown(name, kind, missing="knows no word", note="It knows none of the words of one of the texts.")
        how = f"{made.title}: {', then '.join(made.steps)}."
        note = "It is cut where the model can read no more." if made.cut else ""
        return Shown(name, kind, vector_rung(name, rows), how=how, note=note)


def _sources(chosen: ModelSource | None) -> dict[str, ModelSource | None]:
    """The model of each rung."""
    found = {rung: _find(name) for rung, name in _BUNDLED.items()}
    before = found[vectors.SENTENCES]
    same = chosen is not None and before is not None and chosen.path == before.path
    return found | {vectors.MODEL: None if same else chosen}


def _find(name: str) -> ModelSource | None:
    try:
        return catalogue.find(name)
    except StudioError:
        return None
