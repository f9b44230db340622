"""Concepts made by hand: each word is given a weight in each, and a document has the weighted sum of its counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from embstudio.lab.topics.books import CONCEPTS, NOTED, WORDS
from embstudio.lab.topics.corpus import Corpus


@dataclass(frozen=True, eq=False)
class Concepts:
    """names: of the concepts. weights: [concepts, words]."""

    names: tuple[str, ...]
    weights: np.ndarray

    @classmethod
    def of(cls, words: tuple[str, ...]) -> Concepts:
        """The notes' own, for the words that are theirs; any other has no weight."""
        weights = np.zeros((len(CONCEPTS), len(words)))
        for row, noted in enumerate(CONCEPTS.values()):
            for word, weight in zip(WORDS, noted, strict=True):
                if word in words:
                    weights[row, words.index(word)] = weight
        return cls(tuple(CONCEPTS), weights)

    def with_weight(self, concept: int, word: int, weight: float) -> Concepts:
        """Another weight."""
        weights = self.weights.copy()
        weights[concept, word] = weight
        return replace(self, weights=weights)

    def documents(self, corpus: Corpus) -> np.ndarray:
        """[documents, concepts]: Σ weight · count."""
        return corpus.counts.times(self.weights.T)

    def sum_of(self, concept: int, corpus: Corpus, document: int) -> str:
        """The sum for one document, written out: “1·1 + 0.5·1 = 1.5”."""
        terms = []
        for word, weight in enumerate(self.weights[concept].tolist()):
            count = corpus.counts.at(document, word)
            if weight and count:
                terms.append(f"{weight:g}·{count:g}")
        return f"{' + '.join(terms) or '0'} = {self.documents(corpus)[document, concept]:g}"


def why_not_as_noted(concepts: Concepts, corpus: Corpus) -> str:
    """Why book A is not what the notes have, as long as it and the weights of its words are theirs; else nothing."""
    if not corpus.names or corpus.words != WORDS or tuple(corpus.counts.dense(0, 1)[0].tolist()) != (2, 1, 0, 0, 1):
        return ""
    catness, dogness = concepts.documents(corpus)[0].tolist()
    noted = f"The notes have Catness {NOTED[0]:g} and Dogness {NOTED[1]:g} for book A. "
    fixed = [concepts.weights[row, word] for row, word in ((0, 0), (0, 1), (1, 0), (1, 1))]
    if fixed != [0.0, 1.0, 1.0, 0.0]:
        return f"{noted}With these weights they are {catness:g} and {dogness:g}."
    return (
        f"{noted}With these weights they are {catness:g} and {dogness:g}. No split of “pet” gives the noted ones: "
        "“dog” alone makes Dogness 2, so 1.5 would take −0.5 of “pet”, and Catness 1.9 would take 0.9 of it."
    )
