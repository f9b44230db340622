"""Two texts each, for the ladder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """without: words that the counts leave out."""

    name: str
    first: str
    second: str
    without: str = ""


_GARDEN, _SMALL = "The children are playing in the garden", "the in are"
EXAMPLES = (
    Example("same words, other meaning", "The cat chased the dog", "The dog chased the cat", "the"),
    Example("same mixture, other length", "dog×10 cat×1", "dog×200 cat×1"),
    Example("good and bad change places", "The film was not bad, it was good", "The film was not good, it was bad"),
    Example("other words, like meaning", _GARDEN, "Kids play outside in the yard", _SMALL),
    Example("other words, other meaning", _GARDEN, "Parliament votes on a budget", _SMALL),
    Example("one word moves", "Only she said that she loved him", "She said that she loved only him"),
)
