"""Advice of errors for who sits before a window, where the options of the command line are of no use."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?<=[.!?]) ")


def without_options(advice: str) -> str:
    """The sentences that name no option."""
    return " ".join(sentence for sentence in _SENTENCE.split(advice) if "--" not in sentence)
