"""Formulas worked out, held against plain Python and numpy; and what has no place in one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.lessons.evaluate import ClaimError, work_out
from embstudio.lessons.facts import Facts, MissingError, RunNeed
from embstudio.lessons.formula import FormulaError, read_formula
from embstudio.lessons.lesson import Claim, Run

CAT, DOG = (0.2, 0.8, 0.1), (0.7, 0.3, 0.9)
RUN = Run("toy-lstm", "The dog")
NAMES = {"cat": CAT, "dog": DOG, "run": RUN, "m": ((1.0, 2.0), (3.0, 4.0))}


def value(text: str, **names: object) -> object:
    return work_out(read_formula(text), {**NAMES, **names}, Facts())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.8 ** 13", 0.8**13),
        ("-2 ** 2 + 7 / 2 - 1", -(2**2) + 7 / 2 - 1),
        ("euclidean(cat, dog)", math.dist(CAT, DOG)),
        ("cosine_similarity(cat, dog)", np.dot(CAT, DOG) / (np.linalg.norm(CAT) * np.linalg.norm(DOG))),
        ("dot(cat, dog) == 0.47 or 1 > 2", False),  # 0.47000000000000003
        ("not (1 > 2) and 2 >= 2", True),
        ("sum(cat) / count(cat)", np.mean(CAT)),
        ("max(abs(cat - dog))", 0.8),
        ("softmax(cat)[1]", math.exp(0.8) / sum(math.exp(x) for x in CAT)),
        ("share([10, 1])[0]", 10 / 11),
        ("(m @ [1, 1])[1]", 7.0),
        ("singular_values(m)[0]", np.linalg.norm([[1, 2], [3, 4]], 2)),
        ("product([0.8, 0.8])", 0.64),
        ("word_place('The dog won.', 'won')", 3.0),
        ("windows('the cat sat on the mat', 3)", 4.0),
        ("times('The cat chased the dog', 'the')", 2.0),
        ("0.8 × 2 − 1", 0.6),
    ],
)
def test_what_a_formula_comes_to(text: str, expected: float) -> None:
    found = value(text)
    assert found == expected if isinstance(expected, bool) else found == pytest.approx(expected, rel=1e-12)


def test_vectors_are_worked_out_place_by_place() -> None:
    np.testing.assert_allclose(value("0.8 * cat + dog[0:3]"), 0.8 * np.array(CAT) + np.array(DOG))


def test_a_claim_can_speak_of_another() -> None:
    w = Claim("w", read_formula("0.8"), 0.8)
    assert value("w ** 2", w=w) == pytest.approx(0.64)


def test_a_claim_that_speaks_of_itself_is_refused() -> None:
    a, b = Claim("a", read_formula("b + 1"), 1.0), Claim("b", read_formula("a + 1"), 1.0)
    with pytest.raises(ClaimError, match="speaks of itself"):
        value("a", a=a, b=b)


def test_what_is_lacking_is_named() -> None:
    with pytest.raises(MissingError) as raised:
        value("token_count(run) + 1")
    assert raised.value.need == RunNeed(RUN)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "cat.shape", "(lambda: 1)()", "[x for x in cat]", "1 if 2 else 3", "f'{cat}'", "1 < 2 < 3",
        "open('x', mode='w')", "{1: 2}", "b'x'", "1j", "cat[0:2:1]", "print", "", "1 +", "(" * 240 + "1" + ")" * 240,
        "x := 1", "*cat", "None", "-" * 40 + "1", "9" * 600, "a\0b",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises((FormulaError, ClaimError)):
        value(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 / 0", "go together"), ("9.0 ** 9 ** 9", "go together"), ("log(0)", "no number"), ("exp(1e4)", "no number"),
        ("euclidean(cat, [1, 2])", "one vector has 3"), ("cats", "no cats"), ("euclid(cat, dog)", "no function euclid"),
        ("cat[3]", "there are 3"), ("cat == dog", "can be compared"), ("'a' + 1", "calculate"),
        ("euclidean(cat)", "euclidean(vector, vector)"), ("sqrt('a')", "number"), ("1 and 2", "comparisons"),
        ("cat + [1, 2]", "go together"), ("run", "run"), ("likeness(1, 'a', 'b')", "a model is wanted"),
    ],
)  # fmt: skip
def test_why_a_formula_cannot_be_worked_out(text: str, says: str) -> None:
    if text == "run":
        assert value(text) is RUN
        return
    with pytest.raises(ClaimError) as raised:
        value(text)
    assert says in f"{raised.value.what} {raised.value.advice}"
