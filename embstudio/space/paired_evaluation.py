"""The same questions with known answers put to two sets, so that their figures can be compared.

Each by itself answers what it has the words for, out of all its words: that is what papers state, and it favours
neither a large vocabulary nor a small one. So both are also asked on equal terms: only questions that both know, with
answers looked for among the shared words only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from embstudio.space.analogies import Analogies
from embstudio.space.comparison import Comparison
from embstudio.space.evaluation import AnalogyResult, SimilarityResult, evaluate_analogies, evaluate_similarities
from embstudio.space.evaluation_files import AnalogyFile, SimilarityFile
from embstudio.space.vector_set import VectorSet
from embstudio.space.vocabulary import Vocabulary

Result = AnalogyResult | SimilarityResult


@dataclass(frozen=True)
class PairedEvaluation:
    """own: of the two sets, each with all its words. equal: of the two over the shared words only."""

    own: tuple[Result, Result]
    equal: tuple[Result, Result]


def evaluate_both(
    file: AnalogyFile | SimilarityFile,
    sets: tuple[VectorSet, VectorSet],
    comparison: Comparison,
    *,
    rule: str = "3cosadd",
    metric: str = "cosine",
    check: Callable[[], None] = lambda: None,
) -> PairedEvaluation:
    """check: called now and then; what it raises ends the work."""

    def asked(words: tuple[str, ...], vectors: object) -> Result:
        check()
        table = VectorSet(words, vectors)  # type: ignore[arg-type]  # an array
        if isinstance(file, AnalogyFile):
            return evaluate_analogies(file, Vocabulary(words), Analogies(table.vectors), rule, check)
        return evaluate_similarities(file, Vocabulary(words), table.vectors, metric)

    own = asked(sets[0].words, sets[0].vectors), asked(sets[1].words, sets[1].vectors)
    equal = asked(comparison.words, comparison.tables[0]), asked(comparison.words, comparison.tables[1])
    return PairedEvaluation(own, equal)
