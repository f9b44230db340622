"""Agreement: the verb takes the number of a subject that stands far before it, whatever nouns come between.

The question is that of Linzen, Dupoux and Goldberg (2016), number prediction; the small grammar is written here:

    sentence = the NOUN between          as many words between noun and verb as the distance asks for
    between  = { near the [ADJECTIVE] NOUN | that the [ADJECTIVE] NOUN LIKED } [[ALREADY] OFTEN]
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from embstudio.lab.recurrent.tasks import Examples

ONE = ("dog", "cat", "boy", "girl", "bird", "horse", "king", "fox")
MANY = ("dogs", "cats", "boys", "girls", "birds", "horses", "kings", "foxes")
NEAR = ("near", "behind", "beside")
LIKED = ("chased", "saw", "liked")  # in the past, where English verbs do not tell the number
ADJECTIVES = ("old", "young", "small")
ALREADY, OFTEN = ("now", "still"), ("often", "seldom")
THE, THAT = "the", "that"
_SHAPES = 8  # examples, about, that share the sorts of their words


class Agree:
    """The dog that the cats chased: runs, or run?"""

    words: ClassVar[tuple[str, ...]] = (THE, THAT, *ONE, *MANY, *NEAR, *LIKED, *ADJECTIVES, *ALREADY, *OFTEN)
    answers: ClassVar[tuple[str, ...]] = ("runs", "run")
    shortest: ClassVar[int] = 1

    def __init__(self) -> None:
        place = {word: at for at, word in enumerate(self.words)}
        sorts: tuple[tuple[str, ...], ...] = ((THE,), (THAT,), ONE + MANY, NEAR, LIKED, ADJECTIVES, ALREADY, OFTEN)
        self._ids = {sort: np.array([place[word] for word in sort]) for sort in sorts}

    def draw(self, chance: np.random.Generator, distance: int, count: int) -> Examples:
        nouns = ONE + MANY
        subject = chance.integers(len(nouns), size=count)
        ids = np.empty((distance + 2, count), dtype=np.intp)
        ids[0], ids[1] = self._ids[(THE,)][0], self._ids[nouns][subject]
        for first in range(0, count, _SHAPES):
            few = ids[2:, first : first + _SHAPES]
            for row, sort in zip(few, self._shape(chance, distance), strict=True):
                row[:] = chance.choice(self._ids[sort], size=len(row))
        return Examples(ids, (subject >= len(ONE)).astype(np.intp))

    def _shape(self, chance: np.random.Generator, words: int) -> list[tuple[str, ...]]:
        """Of what sorts the words between are."""
        shape: list[tuple[str, ...]] = []
        while (left := words - len(shape)) >= 3:
            adjective = (ADJECTIVES,) if left >= 4 and chance.random() < 0.3 else ()
            if left >= 4 + len(adjective) and chance.random() < 0.5:
                shape += [(THAT,), (THE,), *adjective, ONE + MANY, LIKED]
            else:
                shape += [NEAR, (THE,), *adjective, ONE + MANY]
        return [*shape, *((), (OFTEN,), (ALREADY, OFTEN))[left]]
