"""What sort of value an expression has: a number, yes or no, or text; one of it, or one for each place on an axis."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The three sorts; there is no way from one to another but to compare."""

    NUMBER = "a number"
    TRUTH = "yes or no"
    TEXT = "a text"


@dataclass(frozen=True)
class Shape:
    """The sort of a value, known before anything is worked out.

    axis:   what it has one for each of ("unit", "key", …); "" for a single value.
    named:  a number that stands for something with a name (a token, a class), and is compared with texts too.
    shares: a row of attention weights, of which there is an entropy.
    """

    kind: Kind
    axis: str = ""
    named: bool = False
    shares: bool = False

    @property
    def words(self) -> str:
        """The sort in words, for an error."""
        if not self.axis:
            return self.kind.value
        return {Kind.NUMBER: "numbers", Kind.TRUTH: "conditions", Kind.TEXT: "texts"}[self.kind] + (
            f", one for each {READ.get(self.axis, self.axis)}"
        )


# Axes as a person calls them.
READ = {"d_model": "dimension", "d_head": "dimension", "d_mlp": "hidden unit", "vocab": "word or class",
        "key": "token attended to"}  # fmt: skip
NAMED_AXES = frozenset(("key", "vocab", "class"))
NUMBER, TRUTH, TEXT = (Shape(kind) for kind in Kind)
