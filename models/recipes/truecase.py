"""Give lower-cased English stories their capitals back: sentence starts, I, and words that a cased sample
of the same kind of text mostly writes with a capital inside a sentence (Lily, Tim, Mom)."""

from __future__ import annotations

import re
from collections import Counter

_word = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
_start = re.compile(r'(^|[.!?]["\']?\s+|\n\s*)(["\']?)([a-z])')
_quoted_start = re.compile(r'(,\s+"|:\s+")([a-z])')


class Truecase:
    """Learn from ``cased`` stories, then call on a lower-cased one."""

    def __init__(self, cased: list[str]) -> None:
        written: dict[str, Counter[str]] = {}
        for story in cased:
            for found in _word.finditer(story):
                before = story[: found.start()].rstrip(" ")
                if (before and before[-1].isalpha()) or before.endswith(","):  # inside a sentence
                    written.setdefault(found[0].lower(), Counter())[found[0]] += 1
        common = {word: forms.most_common(1)[0][0] for word, forms in written.items()}
        self.forms = {word: form for word, form in common.items() if form != word}

    def __call__(self, story: str) -> str:
        story = _word.sub(lambda found: self.forms.get(found[0], found[0]), story)
        story = _start.sub(lambda found: found[1] + found[2] + found[3].upper(), story)
        return _quoted_start.sub(lambda found: found[1] + found[2].upper(), story)
