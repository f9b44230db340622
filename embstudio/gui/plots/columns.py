"""Where the columns of an axis lie, so that pictures above one another share it to the pixel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Columns:
    """`count` columns of equal width from `left` over `width`, in logical pixels. Rows serve as well."""

    left: float
    width: float
    count: int

    @property
    def pitch(self) -> float:
        """Width of one column."""
        return self.width / max(1, self.count)

    def start(self, column: int) -> float:
        """The left edge of a column."""
        return self.left + self.pitch * column

    def centre(self, column: int) -> float:
        """The middle of a column."""
        return self.start(column) + self.pitch / 2

    def at(self, x: float) -> int | None:
        """The column at x, or None beside them all."""
        if not self.count or not self.left <= x < self.left + self.width:
            return None
        return min(self.count - 1, int((x - self.left) / self.pitch))


def spread(start: float, size: float, sight: slice, count: int) -> Columns:
    """Where `count` columns lie when those in sight fill `size` pixels from `start`; the others lie beside them."""
    pitch = size / max(1, sight.stop - sight.start)
    return Columns(start - pitch * sight.start, pitch * count, count)
