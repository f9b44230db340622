"""Functions of a model's word vectors, as the Space panel asks them. `model`: a bundled one, "words"."""

from __future__ import annotations

import numpy as np

from embstudio.base.errors import InputError
from embstudio.formulas.distances import METRICS, Metric
from embstudio.lessons.facts import Facts, WordsNeed
from embstudio.lessons.functions.function import Function
from embstudio.lessons.value import Value, ValueFault
from embstudio.space.analogies import Analogy
from embstudio.space.lookup import Lookup, Term


def _term(lookup: Lookup, word: str) -> Term:
    try:
        found = lookup.term(word)
    except InputError as error:
        raise ValueFault(str(error)) from error
    if found is None:
        raise ValueFault(f"{word!r} is not among the words.")
    return found


def _row_of(lookup: Lookup, word: str) -> int:
    row = _term(lookup, word).row
    if row is None:
        raise ValueFault(f"{word!r} is not among the words.")
    return row


def _vector(facts: Facts, model: str, word: str) -> Value:
    return _term(facts.words(WordsNeed(model)), word).vector


def _likeness(facts: Facts, model: str, one: str, other: str, metric: str = "cosine similarity") -> Value:
    lookup = facts.words(WordsNeed(model))
    a, b = _term(lookup, one).vector, _term(lookup, other).vector
    if metric == "cosine similarity":
        return 1 - float(METRICS["cosine"].compare(a, b))
    return float(_metric(metric).compare(a, b))


def _metric(name: str) -> Metric:
    if name not in METRICS:
        raise ValueFault(f"there is no metric {name!r}; there are cosine similarity, {', '.join(METRICS)}.")
    return METRICS[name]


def _near(facts: Facts, model: str, word: str, metric: str, count: int) -> tuple[Lookup, list[int]]:
    """The nearest rows to a word, itself left out."""
    lookup = facts.words(WordsNeed(model))
    row = _row_of(lookup, word)
    _metric(metric)
    rows, _ = lookup.finder(metric).of_vectors(lookup.set.vectors[[row]], count + 1)
    return lookup, [int(each) for each in rows[0] if each != row]


def _nearest(facts: Facts, model: str, word: str, place: float = 1, metric: str = "cosine") -> Value:
    lookup, rows = _near(facts, model, word, metric, round(place))
    return lookup.set.words[rows[round(place) - 1]].strip()


def _shared(facts: Facts, model: str, other: str, word: str, count: float) -> Value:
    """How many of a word's nearest are the same in two models, over all words of each."""
    near = [_near(facts, each, word, "cosine", round(count)) for each in (model, other)]
    names = [{lookup.set.words[row].strip() for row in rows[: round(count)]} for lookup, rows in near]
    return float(len(names[0] & names[1]))


def _nearness(facts: Facts, model: str, word: str, other: str, metric: str = "cosine") -> Value:
    lookup = facts.words(WordsNeed(model))
    wanted = _row_of(lookup, other)
    _, rows = _near(facts, model, word, metric, len(lookup.set.words) - 1)
    return float(rows.index(wanted) + 1)


def _asked(facts: Facts, model: str, a: str, b: str, c: str, count: int = 1) -> tuple[Lookup, Analogy]:
    lookup = facts.words(WordsNeed(model))
    rows = (_row_of(lookup, a), _row_of(lookup, b), _row_of(lookup, c))
    return lookup, lookup.analogies.ask(*rows, count)


def _analogy(facts: Facts, model: str, a: str, b: str, c: str, place: float = 1) -> Value:
    lookup, found = _asked(facts, model, a, b, c, round(place))
    return lookup.set.words[int(found.rows[round(place) - 1])].strip()


def _analogy_score(facts: Facts, model: str, a: str, b: str, c: str, place: float = 1) -> Value:
    _, found = _asked(facts, model, a, b, c, round(place))
    return float(found.scores[round(place) - 1])


def _analogy_rank(facts: Facts, model: str, a: str, b: str, c: str, word: str) -> Value:
    lookup, found = _asked(facts, model, a, b, c, len(facts.words(WordsNeed(model)).set))
    places = np.flatnonzero(found.rows == _row_of(lookup, word))
    if not len(places):
        raise ValueFault(f"{word!r} is one of the words asked with, which are left out.")
    return float(places[0] + 1)


def _analogy_first(facts: Facts, model: str, a: str, b: str, c: str) -> Value:
    lookup, found = _asked(facts, model, a, b, c)
    return lookup.set.words[found.first].strip()


_THREE = ("model", "word", "word", "word")
FUNCTIONS = (
    Function("vector", ("model", "word"), "the vector of a word", _vector),
    Function("likeness", ("model", "word", "word", "metric?"), "of two words: cosine similarity, or another metric",
             _likeness),
    Function("nearest", ("model", "word", "place?", "metric?"), "the nearest other word, or the second …", _nearest),
    Function("nearness", ("model", "word", "word", "metric?"), "the place of one word among the nearest to another",
             _nearness),
    Function("shared_neighbours", ("model", "model", "word", "count"),
             "how many of a word's so many nearest two models have in common (overlap@k), by cosine", _shared),
    Function("analogy", (*_THREE, "place?"), "a − b + c by 3CosAdd: the first answer without the words asked with "
             "(Levy and Goldberg 2014), or the second …", _analogy),
    Function("analogy_score", (*_THREE, "place?"), "the cosine of that answer with â − b̂ + ĉ", _analogy_score),
    Function("analogy_rank", (*_THREE, "word"), "the place of a word among the answers", _analogy_rank),
    Function("analogy_first", _THREE, "what comes first when the words asked with are not left out", _analogy_first),
)  # fmt: skip
