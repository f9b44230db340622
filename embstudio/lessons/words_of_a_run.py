"""Tokens by the words they stand for: "dog", or "the#2" for the second of several."""

from __future__ import annotations

import re
from collections.abc import Sequence

from embstudio.trace.token import Token

FIRST, LAST = "first", "last"


def token_of(word: str, text: str, tokens: Sequence[Token]) -> int | None:
    """The place of the token that a word ends with: there the model has read all of it. None where there is none.

    Without the word in the text, a token that is called so ([CLS]) is taken; "first" and "last" are those of the text.
    """
    word, _, nth = word.strip().rpartition("#") if re.fullmatch(r".+#\d+", word.strip()) else (word.strip(), "", "1")
    for flags in (0, re.IGNORECASE):
        found = list(re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, flags))
        if len(found) >= int(nth):
            start, end = found[int(nth) - 1].span()
            places = [
                at for at, token in enumerate(tokens)
                if token.span is not None and token.span[0] < end and token.span[1] > start and not token.segment
            ]  # fmt: skip
            if places:
                return places[-1]
    called = [at for at, token in enumerate(tokens) if token.text.strip() == word]
    if len(called) >= int(nth):
        return called[int(nth) - 1]
    own = [at for at, token in enumerate(tokens) if not token.special]
    if own and word in (FIRST, LAST):
        return own[0] if word == FIRST else own[-1]
    return None
