"""Functions of a whole model: what its card says, how large it is, and its vector of a text."""

from __future__ import annotations

from embstudio.lessons.facts import CardNeed, Facts, TextNeed, WordsNeed
from embstudio.lessons.functions.function import Function
from embstudio.lessons.value import Value, ValueFault


def _figure(facts: Facts, model: str, name: str) -> Value:
    figures = facts.card(CardNeed(model)).figures
    if name not in figures:
        raise ValueFault(f"the card of {model} has no figure {name!r}; it has {'; '.join(figures)}.")
    return figures[name]


def _card(facts: Facts, model: str, name: str) -> Value:
    said = facts.card(CardNeed(model)).architecture
    if name not in said:
        raise ValueFault(f"the card of {model} says nothing of {name!r}; it has {', '.join(said)}.")
    value = said[name]
    return value if isinstance(value, str) else float(value)


def _text_vector(facts: Facts, model: str, text: str) -> Value:
    return facts.text(TextNeed(model, text))


def _word_number(facts: Facts, model: str) -> Value:
    return float(len(facts.words(WordsNeed(model)).set))


def _dimensions(facts: Facts, model: str) -> Value:
    return float(facts.words(WordsNeed(model)).set.width)


FUNCTIONS = (
    Function("figure", ("model", "name"), "a quality that its card tells, measured when it was made", _figure),
    Function("card", ("model", "name"), "what its card says of its architecture: parameters, layers, width …", _card),
    Function("text_vector", ("model", "text"), "the vector it makes of a whole text", _text_vector),
    Function("vocabulary_size", ("model",), "how many words or tokens its table has", _word_number),
    Function("dimensions", ("model",), "how many numbers a word's vector has", _dimensions),
)  # fmt: skip
