"""How well word vectors answer questions with known answers, as papers on word vectors measure it.

A question counts only if the set has all its words, and how many do is part of the result: 80 % of the questions about
a tenth of the words says less than 60 % of all. Words are looked up by `CASE_RULE`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.distances import METRICS
from embstudio.formulas.rank_correlation import spearman
from embstudio.space.analogies import Analogies, Check
from embstudio.space.evaluation_files import AnalogyFile, SimilarityFile
from embstudio.space.vocabulary import Vocabulary

_SYNTACTIC = "gram"  # how the names of the syntactic sections of Mikolov et al. begin
_PAIRS = 4096  # at a time


@dataclass(frozen=True)
class Section:
    """asked: questions in the file. known: those whose four words the set has. right: those of them answered so."""

    name: str
    asked: int
    known: int
    right: int

    @property
    def accuracy(self) -> float | None:
        """right / known; None where nothing is known."""
        return self.right / self.known if self.known else None


@dataclass(frozen=True)
class AnalogyResult:
    """sections: those of the file. groups: semantic, syntactic (where there are both) and all of them together.

    lowered: questions with a word that was found only in lower case.
    """

    rule: str
    sections: tuple[Section, ...]
    groups: tuple[Section, ...]
    lowered: int


@dataclass(frozen=True)
class SimilarityResult:
    """rho: Spearman's of the ratings and the likeness by the metric, ties sharing ranks; None where it has none.

    asked: pairs in the file. known: those whose two words the set has and for which the metric is defined. lowered:
    pairs with a word that was found only in lower case. undefined: pairs left out since the metric is not defined.
    """

    metric: str
    asked: int
    known: int
    lowered: int
    undefined: int
    rho: float | None


def evaluate_analogies(
    file: AnalogyFile, vocabulary: Vocabulary, analogies: Analogies, rule: str = "3cosadd", check: Check = lambda: None
) -> AnalogyResult:
    """a : b = c : d is right if d is the best row for b − a + c. check: what it raises ends the work."""
    sections, lowered = [], 0
    for name, questions in file.sections.items():
        rows = [[vocabulary.find(word) for word in question] for question in questions]
        asked = np.array([row for row in rows if None not in row], np.int64).reshape(-1, 4)
        lowered += sum(
            any(word not in vocabulary for word in question)
            for question, row in zip(questions, rows, strict=True)
            if None not in row
        )
        best = analogies.answers(asked[:, [1, 0, 2]], rule, check)
        sections.append(Section(name, len(questions), len(asked), int((best == asked[:, 3]).sum())))
    syntactic = [each for each in sections if each.name.startswith(_SYNTACTIC)]
    semantic = [each for each in sections if not each.name.startswith(_SYNTACTIC)]
    groups = [_together("all", sections)]
    if syntactic and semantic:
        groups = [_together("semantic", semantic), _together("syntactic", syntactic), *groups]
    return AnalogyResult(rule, tuple(sections), tuple(groups), lowered)


def _together(name: str, sections: list[Section]) -> Section:
    asked, known, right = (sum(counts) for counts in zip(*((s.asked, s.known, s.right) for s in sections), strict=True))
    return Section(name, asked, known, right)


def evaluate_similarities(
    file: SimilarityFile, vocabulary: Vocabulary, vectors: np.ndarray, metric: str = "cosine"
) -> SimilarityResult:
    """How alike the set finds pairs of words, against how alike people do. vectors: [rows, width]."""
    measure, rows, ratings, lowered = METRICS[metric], list[tuple[int, int]](), list[float](), 0
    for first, second, rating in file.pairs:
        pair = vocabulary.find(first), vocabulary.find(second)
        if pair[0] is not None and pair[1] is not None:
            rows.append((pair[0], pair[1]))
            ratings.append(rating)
            lowered += first not in vocabulary or second not in vocabulary
    index, likeness = np.array(rows, np.int64).reshape(-1, 2), np.empty(len(rows))
    for start in range(0, len(rows), _PAIRS):
        part = slice(start, start + _PAIRS)
        a, b = (vectors[index[part, side]].astype(np.float64) for side in (0, 1))
        values = measure.compare(a, b) if measure.larger_is_nearer else -measure.compare(a, b)
        likeness[part] = np.where(measure.undefined(a) | measure.undefined(b), np.nan, values)
    told = np.isfinite(likeness)
    rho = spearman(np.array(ratings)[told], likeness[told]) if told.sum() > 1 else np.nan
    return SimilarityResult(
        metric, len(file.pairs), int(told.sum()), lowered, int((~told).sum()), None if np.isnan(rho) else rho
    )
