"""The one number a person points at: a point and an index into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the window imports this file before numpy
    from embstudio.trace.trace import Trace


@dataclass(frozen=True)
class Probe:
    """A value of the trace: the point's name and one index for each of its axes."""

    point: str
    index: tuple[int, ...]

    def fits(self, trace: Trace) -> bool:
        """Whether the trace holds this value."""
        if self.point not in trace:
            return False
        shape = trace[self.point].shape
        return len(shape) == len(self.index) and all(0 <= i < n for i, n in zip(self.index, shape, strict=True))

    def value(self, trace: Trace) -> float:
        """The exact value. Raises KeyError or IndexError if the trace does not hold it."""
        return float(trace[self.point].values[self.index])
