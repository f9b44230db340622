"""What is to be fed, as rows of token ids: before it is known what the graph calls its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embstudio.session.feeding.slots import Side


@dataclass(frozen=True)
class Sequences:
    """One input for a model.

    source:   ids for the model, or for its encoder; segments: their token types, all 0 if empty.
    target:   ids for the decoder. past: how many tokens of the last sequence are in the cache and not among these.
    """

    source: Sequence[int]
    segments: Sequence[int] = ()
    target: Sequence[int] = ()
    past: int = 0

    def ids(self, side: Side) -> Sequence[int]:
        """The new tokens of one sequence."""
        return self.target if side is Side.TARGET else self.source
