"""What a person can do about a file of vectors that could not be read, each a press of a button away.

An error names the option that helps as the command line spells it; here the option is taken at its word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embstudio.space.files.options import LoadOptions
    from embstudio.studio.set_loading import LoadFailure
    from embstudio.studio.vector_sets import OpenSet

_MOST_CHOICES = 6
_CHOICES = re.compile(r"--choice: (.*)\.$")
_ROWS = re.compile(r"--rows (\d+)")
_MORE, _SHAPE = re.compile(r" and \d+ more$"), re.compile(r" \([\d x]+\)$")
_SENTENCE = re.compile(r"(?<=[.!?]) ")


@dataclass(frozen=True)
class Remedy:
    """label: what pressing the button does. path, options: what is to be read, and how."""

    label: str
    path: Path
    options: LoadOptions


def remedies(failure: LoadFailure, beside: OpenSet | None = None) -> list[Remedy]:
    """What the error offers, the most careful first. beside: the set whose metadata the file might be."""
    advice, options = failure.error.advice, failure.options
    found = []

    def offer(label: str, **changes: object) -> None:
        found.append(Remedy(label, failure.path, replace(options, **changes)))  # type: ignore[arg-type]

    if "--metadata" in advice and beside is not None:
        with_it = replace(beside.options, metadata=failure.path)
        found.append(Remedy(f"Take it as the metadata of {beside.title}", beside.path, with_it))
    if "--encoding" in advice:
        offer("Read the words as latin-1", encoding="latin-1")
    if "--skip-bad" in advice:
        said = "Keep such bytes as \\x97" if "--encoding" in advice else "Leave out what cannot be read"
        said = "Take what is there" if "cut short" in advice else said
        said = "Take the lines as they are" if "lines as they are" in advice else said
        offer(said, skip_bad=True)
    if rows := _ROWS.search(advice):
        count = int(rows[1])
        offer(f"Read the first {count:,} rows", rows=count)
    if choices := _CHOICES.search(advice):
        for each in choices[1].split(", ")[:_MOST_CHOICES]:
            each = _MORE.sub("", each)
            offer(f"Read {each}", choice=_SHAPE.sub("", each))
    return found


def plain_advice(failure: LoadFailure) -> str:
    """The advice without what the buttons say."""
    if "--metadata" in failure.error.advice:
        return "Open its vectors first, and then this file once more."
    sentences = _SENTENCE.split(failure.error.advice)
    return " ".join(sentence for sentence in sentences if "--" not in sentence)
