"""What a person can do about a file of vectors that could not be read, each a press of a button away.

An error names the option that helps as the command line spells it; here the option is taken at its word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embstudio.space.files.options import LoadOptions
    from embstudio.studio.set_loading import LoadFailure

_MOST_CHOICES = 6
_CHOICES = re.compile(r"--choice: (.*)\.$")
_ROWS = re.compile(r"--rows (\d+)")
_MORE, _SHAPE = re.compile(r" and \d+ more$"), re.compile(r" \([\d x]+\)$")
_SENTENCE = re.compile(r"(?<=[.!?]) ")


@dataclass(frozen=True)
class Remedy:
    """label: what pressing the button does. options: to read the file with."""

    label: str
    options: LoadOptions


def remedies(failure: LoadFailure) -> list[Remedy]:
    """What the error offers, the most careful first."""
    advice, options = failure.error.advice, failure.options
    found = []
    if "--encoding" in advice:
        found.append(Remedy("Read the words as latin-1", replace(options, encoding="latin-1")))
    if "--skip-bad" in advice:
        said = "Keep such bytes as \\x97" if "--encoding" in advice else "Leave out what cannot be read"
        said = "Take what is there" if "cut short" in advice else said
        found.append(Remedy(said, replace(options, skip_bad=True)))
    if rows := _ROWS.search(advice):
        count = int(rows[1])
        found.append(Remedy(f"Read the first {count:,} rows", replace(options, rows=count)))
    if choices := _CHOICES.search(advice):
        for each in choices[1].split(", ")[:_MOST_CHOICES]:
            each = _MORE.sub("", each)
            found.append(Remedy(f"Read {each}", replace(options, choice=_SHAPE.sub("", each))))
    return found


def plain_advice(failure: LoadFailure) -> str:
    """The advice without what the buttons say."""
    sentences = _SENTENCE.split(failure.error.advice)
    return " ".join(sentence for sentence in sentences if "--" not in sentence)
