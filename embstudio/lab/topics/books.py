"""The five words of the reading notes and their first book; the other books were written to go with them."""

from __future__ import annotations

import numpy as np

from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.sparse import Sparse

WORDS = ("dog", "cat", "feline", "canine", "pet")
BOOKS = {  # how often each of the words occurs
    "Book A": (2, 1, 0, 0, 1),
    "Book B": (0, 3, 1, 0, 1),  # of a cat
    "Book C": (3, 0, 0, 1, 1),  # of a dog
    "Book D": (0, 1, 3, 0, 0),  # of lions and tigers
    "Book E": (1, 0, 0, 3, 0),  # of wolves
    "Book F": (1, 1, 0, 0, 3),  # of keeping pets
}
# As noted: “pet” is split between the two.
CONCEPTS = {"Catness": (0.0, 1.0, 1.0, 0.0, 0.5), "Dogness": (1.0, 0.0, 0.0, 1.0, 0.5)}
NOTED = (1.9, 1.5)  # Catness and Dogness of book A in the notes


def books() -> Corpus:
    """The books as a corpus."""
    return Corpus(tuple(BOOKS), WORDS, Sparse.of_dense(np.array(list(BOOKS.values()), dtype=np.int64)))
