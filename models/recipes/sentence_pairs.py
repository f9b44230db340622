"""Pairs of sentences: rated by people how alike they are, and neighbours in a text. Reads only; no text is kept."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.recipes import library

RESEARCH_ONLY = ("MSRpar", "MSRvid")  # under Microsoft's research terms: used to evaluate, never to train
WIKIPEDIA, TALES, STORIES = 40_000, 12_000, 15_000
SHORTEST, LONGEST = 5, 30  # words of a neighbour
_END = re.compile(r"(?<=[.!?])[\"'”]?\s+")


@dataclass(frozen=True)
class Pair:
    """rating: people's mean, from 0 (nothing in common) to 5 (the same); SICK's from 1. source: a part of the set."""

    source: str
    rating: float
    first: str
    second: str


def rated(data: Path, split: str) -> list[Pair]:
    """The STS benchmark's (Cer et al. 2017) ``train``, ``dev`` or ``test``."""
    rows = [line.split("\t") for line in library.read_text(data / f"sts/sts-{split}.csv").splitlines() if line]
    return [Pair(row[1], float(row[4]), row[5], row[6]) for row in rows]


def training(data: Path) -> list[Pair]:
    """The train split less its parts that are for research only."""
    return [pair for pair in rated(data, "train") if pair.source not in RESEARCH_ONLY]


def sick(data: Path) -> list[Pair]:
    """SICK's test split (Marelli et al. 2014), which is non-commercial: for evaluation only."""
    rows = [line.split("\t") for line in library.read_text(data / "sts/SICK_test_annotated.txt").splitlines()[1:]]
    return [Pair("SICK", float(row[3]), row[1], row[2]) for row in rows]


def ratings(pairs: list[Pair]) -> np.ndarray:
    return np.array([pair.rating for pair in pairs])


def neighbours(data: Path, seed: int) -> list[tuple[str, str]]:
    """A sentence and the next, of Wikipedia, fairy tales and children's stories; no sentence is in two pairs."""
    draw = random.Random(seed)
    articles = library.read_text(data / "wordvec/enwiki_shards.txt").splitlines()
    stories = library.read_text(data / "lm/tinystories_arnoochka.txt").split("\n\n")
    drawn = []
    for texts, most in ((articles, WIKIPEDIA), (library.fairy_tales(data), TALES), (stories, STORIES)):
        found = [pair for text in texts for pair in _pairs(text)]
        draw.shuffle(found)
        drawn += found[:most]
    draw.shuffle(drawn)
    return drawn


def _pairs(text: str) -> list[tuple[str, str]]:
    sentences = [part for part in _END.split(text) if SHORTEST <= len(part.split()) <= LONGEST]
    return list(zip(sentences[::2], sentences[1::2], strict=False))
