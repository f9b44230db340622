"""Evaluations worked out by hand on a small set."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.distances import METRICS
from embstudio.space.analogies import Analogies
from embstudio.space.evaluation import Section, evaluate_analogies, evaluate_similarities
from embstudio.space.evaluation_files import AnalogyFile, SimilarityFile
from embstudio.space.vocabulary import Vocabulary

WORDS = ("man", "king", "woman", "queen", "Paris", "zero", "paris", "france", "rome")
VECTORS = np.array(
    [[1, 0, 0], [1, 1.5, 0], [0, 0.1, 1], [0, 1, 1], [1, 0, 1], [0, 0, 0], [1, 0.2, 0.1], [0.5, 0.5, 1], [1, 1, 1]],
    np.float32,
)  # fmt: skip


def test_what_is_known_and_what_is_right() -> None:
    file = AnalogyFile({
        "family": (
            ("man", "king", "woman", "queen"),
            ("MAN", "king", "woman", "rome"),
            ("man", "king", "boy", "prince"),
        ),
        "empty": (),
        "gram1": (("man", "king", "woman", "princess"),),
    })  # fmt: skip
    result = evaluate_analogies(file, Vocabulary(WORDS), Analogies(VECTORS))
    assert result.sections == (Section("family", 3, 2, 1), Section("empty", 0, 0, 0), Section("gram1", 1, 0, 0))
    assert result.groups == (Section("semantic", 3, 2, 1), Section("syntactic", 1, 0, 0), Section("all", 4, 2, 1))
    assert [section.accuracy for section in result.sections] == [0.5, None, None]
    assert result.lowered == 1


@pytest.mark.parametrize("metric", METRICS)
def test_similarities_rank_as_the_metric_does(metric: str) -> None:
    pairs = (
        ("man", "king", 9.0),
        ("man", "KING", 2.0),
        ("man", "woman", 5.0),
        ("king", "queen", 2.0),
        ("man", "x", 1.0),
    )
    result = evaluate_similarities(SimilarityFile(pairs), Vocabulary(WORDS), VECTORS, metric)
    assert (result.asked, result.known, result.lowered, result.undefined) == (5, 4, 1, 0)
    table = VECTORS.astype(np.float64)
    near = [float(METRICS[metric].compare(table[a], table[b])) for a, b in ((0, 1), (0, 1), (0, 2), (1, 3))]
    near = [value if metric == "dot" else -value for value in near]
    ratings = [9.0, 2.0, 5.0, 2.0]

    def rank(values: list[float]) -> np.ndarray:
        return np.array([sum(v < x for v in values) + sum(v == x for v in values) / 2 for x in values])

    assert result.rho == pytest.approx(float(np.corrcoef(rank(near), rank(ratings))[0, 1]))


def test_pairs_without_a_direction_are_left_out_and_counted() -> None:
    pairs = (("man", "zero", 9.0), ("man", "woman", 5.0), ("king", "queen", 6.0))
    vocabulary = Vocabulary(WORDS)
    result = evaluate_similarities(SimilarityFile(pairs), vocabulary, VECTORS, "cosine")
    assert (result.known, result.undefined, result.rho) == (2, 1, pytest.approx(1))
    alone = evaluate_similarities(SimilarityFile(pairs[:1]), vocabulary, VECTORS, "cosine")
    assert (alone.known, alone.undefined, alone.rho) == (0, 1, None)
    assert evaluate_similarities(SimilarityFile(pairs[:1]), vocabulary, VECTORS, "euclidean").known == 1
