"""Simple English for the next-word and masked-word models, split into training and held-out stories.

The two TinyStories samples overlap: one is lower-cased and longer, the other keeps its capitals and is the
first half of the first. Stories are matched by their letters; a story's cased form is used where there is
one, the rest get their capitals back from ``truecase``, and no story held out stays in training in either
form. The capitals' rule alone is learnt from all cased stories, held-out ones too: it knows their names.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from models.recipes import library
from models.recipes.truecase import Truecase

# Novels that children read, by their names among the 98.
CHILD_LEVEL = ("Burnett_Garden_1911", "Burnett_Lord_1886", "Burnett_Princess_1905", "Ward_Milly_1881",
               "Stevenson_Treasure_1883", "Kipling_Captains_1896")  # fmt: skip
MOJIBAKE = {
    "â€œ": '"',
    "â€\x9d": '"',
    "â€™": "'",
    "â€˜": "'",
    "â€”": "-",
    "â€“": "-",
    "â€¦": "...",
    "â€": '"',
}
STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "…": "...", "\xa0": " "})


@dataclass(frozen=True)
class Stories:
    """Stories to learn from and two held-out sets, none of which shares a story with another."""

    training: list[str]
    held_out: list[str]  # TinyStories, as published
    held_out_tales: list[str]  # fairy tales
    truecased: int  # how many of the training stories had their capitals restored


def letters(story: str) -> str:
    """What identifies a story whatever its case, quotes and spacing."""
    return re.sub(r"[^a-z]", "", story.lower())


def tidy(story: str) -> str:
    """Plain quotes, one paragraph a line, no empty lines."""
    for garbled, mark in MOJIBAKE.items():  # UTF-8 once read as Windows-1252
        story = story.replace(garbled, mark)
    lines = (re.sub(r"\s+", " ", line).strip() for line in story.translate(STRAIGHT).splitlines())
    return "\n".join(line for line in lines if line)


def cased_tiny_stories(data: Path) -> list[str]:
    """The sample with capitals; its last story, cut short, is left out."""
    return [tidy(s) for s in library.read_text(data / "lm/tinystories_gusjengis.txt").split("<|endoftext|>")[:-1]]


def lower_tiny_stories(data: Path) -> list[str]:
    """The lower-cased sample: paragraphs end with an empty line, stories with a single line break."""
    text = library.read_text(data / "lm/tinystories_arnoochka.txt")
    return [tidy(story) for story in re.split(r"(?<!\n)\n(?!\n)", text)[:-1]]


def read(data: Path, seed: int = 1) -> Stories:
    """All stories, split with ``seed``: 150 cased TinyStories and 14 tales are held out. The novels come last."""
    cased = [story for story in cased_tiny_stories(data) if story]
    truecase = Truecase(cased)
    known = {letters(story) for story in cased}
    joined = "".join(letters(story) for story in cased)
    rest = [p for p in lower_tiny_stories(data) if letters(p) not in known and letters(p) not in joined]
    rest = [truecase(story) for story in rest]

    shuffle = random.Random(seed)
    shuffle.shuffle(cased)
    held_out, cased = cased[:150], cased[150:]
    tales = [tidy(tale) for tale in library.fairy_tales(data)]
    shuffle.shuffle(tales)
    held_out_tales, tales = tales[:14], tales[14:]

    gone = {letters(story) for story in held_out + held_out_tales}
    training = [story for story in cased + rest + tales if letters(story) not in gone]
    novels = library.novels(data)
    training += [tidy(novels[name]) for name in CHILD_LEVEL]
    return Stories(training, held_out, held_out_tales, len(rest))
