"""The five words of the reading notes and their first book; the other books were written to go with them."""

from __future__ import annotations

import numpy as np

from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.sparse import Sparse

WORDS = ("dog", "cat", "feline", "canine", "pet")
BOOKS = {  # how often each of the words occurs
    "A: the neighbours' pets": (2, 1, 0, 0, 1),
    "B: my cat": (0, 3, 1, 0, 1),
    "C: a dog's day": (3, 0, 0, 1, 1),
    "D: the feline family": (0, 1, 3, 0, 0),
    "E: wolves and dogs": (1, 0, 0, 3, 0),
    "F: keeping a pet": (1, 1, 0, 0, 3),
}
# As noted: “pet” is split between the two.
CONCEPTS = {"Catness": (0.0, 1.0, 1.0, 0.0, 0.5), "Dogness": (1.0, 0.0, 0.0, 1.0, 0.5)}
NOTED = (1.9, 1.5)  # Catness and Dogness of book A in the notes


def books() -> Corpus:
    """The books as a corpus."""
    return Corpus(tuple(BOOKS), WORDS, Sparse.of_dense(np.array(list(BOOKS.values()), dtype=np.int64)))
