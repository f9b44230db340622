"""Words looked for by how they begin, or by a regular expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

from embstudio.base.errors import InputError

_MARKERS = "Ġ▁# "  # what tokenizers put in front of words
_COMPLETED = 50_000  # words that completions come from: sets begin with the words that are used most
_AT_ONCE = 5_000  # words between two calls of `check`


def beginning(words: Sequence[str], start: str, most: int = 12) -> list[str]:
    """Words that begin so, whatever their case and markers, in their own order."""
    start = start.strip().lstrip(_MARKERS).casefold()
    if not start:
        return []
    first = islice(words, _COMPLETED)
    return list(islice((word for word in first if word.lstrip(_MARKERS).casefold().startswith(start)), most))


def matching(words: Sequence[str], pattern: str, check: Callable[[], None]) -> list[int]:
    """Rows of all words in which a regular expression is found, whatever the case. Raises InputError for what is no
    regular expression, and what `check` raises."""
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError("This is no regular expression.", where=pattern[:60], advice=f"{str(error).capitalize()}.",
                         detail=str(error)) from error  # fmt: skip
    found = []
    for row, word in enumerate(words):
        if row % _AT_ONCE == 0:
            check()
        if wanted.search(word):
            found.append(row)
    return found
