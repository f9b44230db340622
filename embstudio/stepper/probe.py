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

    def carried(self, trace: Trace, before: int, after: int) -> Probe:
        """The same of another token of the text, if this is a value of token `before`; else this one."""
        from embstudio.trace.places import place_of  # loads numpy

        if not self.fits(trace):
            return self
        for place, axis in enumerate(trace[self.point].axes):
            old, new = (place_of(trace, self.point, t) if axis == "pos" else t for t in (before, after))
            if axis in ("pos", "query") and self.index[place] == old:
                moved = Probe(self.point, (*self.index[:place], new, *self.index[place + 1 :]))
                of_text = trace.along(self.point, axis) == trace.tokens  # the cursor steps through no other
                return moved if of_text and moved.fits(trace) else self
        return self

    def value(self, trace: Trace) -> float:
        """The exact value. Raises KeyError or IndexError if the trace does not hold it."""
        return float(trace[self.point].values[self.index])
