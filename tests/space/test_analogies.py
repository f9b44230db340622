"""Analogies against loops over every word, and against what is known of the bundled vectors."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.analogies import RULES, Analogies


def by_hand(vectors: np.ndarray, a: int, b: int, c: int, rule: str) -> list[float]:
    """The score of every row, one after the other."""
    unit = [x / (np.sqrt(sum(x * x)) or 1) for x in vectors.astype(np.float64)]
    scores = []
    for x in unit:
        to_a, to_b, to_c = (float(x @ unit[row]) for row in (a, b, c))
        if rule == "3cosadd":
            scores.append((to_a - to_b + to_c) / np.linalg.norm(unit[a] - unit[b] + unit[c]))
        else:
            scores.append((1 + to_a) / 2 * (1 + to_c) / 2 / ((1 + to_b) / 2 + 0.001))
    return scores


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_best_are_those_of_a_loop_over_all(rule: str, dtype: type) -> None:
    vectors = np.random.default_rng(0).normal(size=(5000, 12)).astype(dtype)
    vectors[100] = 0
    scores = by_hand(vectors, 7, 4999, 31, rule)
    order = sorted(range(5000), key=lambda row: -scores[row])
    found = Analogies(vectors).ask(7, 4999, 31, 10, rule)
    assert found.rows.tolist() == [row for row in order if row not in (7, 4999, 31)][:10]
    np.testing.assert_allclose(found.scores, [scores[row] for row in found.rows], atol=1e-12)
    assert found.first == order[0]
    assert found.first_score == pytest.approx(scores[order[0]])
    np.testing.assert_allclose(found.vectors[0] - found.vectors[1] + found.vectors[2], found.vectors[3])
    np.testing.assert_allclose(np.linalg.norm(found.vectors[:3], axis=1), 1)


@pytest.mark.parametrize("rule", RULES)
def test_many_questions_are_answered_as_one_by_one(rule: str) -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(9000, 8)).astype(np.float32)
    vectors[5000:5010] = vectors[:10]  # ties, for the lower row
    asked = random.integers(0, 9000, size=(600, 3))
    asked[:5] = [[3, 3, 3], [3, 4, 3], [5003, 4, 3], [0, 0, 5000], [8999, 1, 2]]
    calls = []
    answers = Analogies(vectors).answers(asked, rule, lambda: calls.append(1))
    assert calls
    one_by_one = Analogies(vectors)
    for at in [*range(5), *range(5, 600, 25)]:
        assert answers[at] == one_by_one.ask(*map(int, asked[at]), 1, rule).rows[0], asked[at]


def test_rows_of_no_number_and_tables_of_three_words() -> None:
    vectors = np.eye(3)
    for rule in RULES:
        found = Analogies(vectors).ask(0, 1, 2, 10, rule)
        assert not len(found.rows)
        assert found.first in (0, 2)
        assert Analogies(vectors).answers(np.array([[0, 1, 2]]), rule).tolist() == [-1]
        broken = np.array([[1.0, 0], [0, 1], [1, 1], [np.nan, 1], [1, 2]])
        assert Analogies(broken).ask(0, 1, 2, 10, rule).rows.tolist() == [4]
    with pytest.raises(ValueError, match="3cosadd, 3cosmul"):
        Analogies(vectors).ask(0, 1, 2, rule="5cos")
