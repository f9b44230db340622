"""Functions that count words in a text, as a person counts them: split at spaces, without the marks around them."""

from __future__ import annotations

import re

from embstudio.lessons.facts import Facts
from embstudio.lessons.functions.function import Function
from embstudio.lessons.value import Value, ValueFault


def _words(text: str) -> list[str]:
    """Lower-cased words of a text."""
    return [word for word in (re.sub(r"^\W+|\W+$", "", part).lower() for part in text.split()) if word]


def _word_count(_facts: Facts, text: str) -> Value:
    return float(len(_words(text)))


def _word_place(_facts: Facts, text: str, word: str) -> Value:
    words = _words(text)
    if word.lower() not in words:
        raise ValueFault(f"word_place: there is no {word!r} in the text.")
    return float(words.index(word.lower()) + 1)


def _word_at(_facts: Facts, text: str, place: float) -> Value:
    words = _words(text)
    if not 1 <= place <= len(words):
        raise ValueFault(f"word_at: the text has {len(words)} words.")
    return words[round(place) - 1]


def _times(_facts: Facts, text: str, word: str) -> Value:
    return float(_words(text).count(word.lower()))


def _windows(_facts: Facts, text: str, count: float) -> Value:
    return float(max(0, len(_words(text)) - round(count) + 1))


FUNCTIONS = (
    Function("word_count", ("text",), "how many words a text has, split at spaces", _word_count),
    Function("word_place", ("text", "word"), "the place of a word in a text, counted from 1", _word_place),
    Function("word_at", ("text", "place"), "the word at a place, counted from 1", _word_at),
    Function("times", ("text", "word"), "how often a word stands in a text", _times),
    Function("windows", ("text", "count"), "how many stretches of so many words a text has", _windows),
)
