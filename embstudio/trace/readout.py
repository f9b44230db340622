"""How the scores of a classes head are read: which function makes probabilities of them.

This file imports no numpy, so that the window can hold an anatomy without loading it.
"""

from __future__ import annotations

from enum import StrEnum


class Readout(StrEnum):
    """What a graph mostly leaves open: whether its classes exclude one another."""

    ONE_OF = "one of them"  # softmax: exactly one of the classes, their probabilities sum to 1
    EACH = "each by itself"  # sigmoid: every class a question of its own (multi-label), or one score alone (binary)
    GIVEN = "as they are"  # the graph has put its own sigmoid on them before the point where they are read
