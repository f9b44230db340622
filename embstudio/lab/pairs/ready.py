"""The lists that come with the program, as data: resources/pairs/."""

from __future__ import annotations

from embstudio.base.paths import resources_dir
from embstudio.lab.pairs.pair_list import PairList, read_file

READY = {
    "cat-and-dog": "The cat and the dog: one pair, DIFFERENT",
    "words-by-kinds": "Words of three kinds: 30 pairs",
    "sentences": "Sentences: 42 pairs",
    "contradictory": "Labels that contradict each other",
}


def ready_list(name: str) -> PairList:
    """A list by its key in READY."""
    return read_file(resources_dir() / "pairs" / f"{name}.tsv").found
