"""The cursor: where the user stands. Moving it anywhere moves it everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from embstudio.base.events import Signal


@dataclass(frozen=True)
class Place:
    """A token, layer, head and unit; each at least 0."""

    token: int = 0
    layer: int = 0
    head: int = 0
    unit: int = 0


@dataclass(frozen=True)
class Bounds:
    """How many there are of each. 0 means that there is none of that sort; the place is then 0."""

    token: int = 0
    layer: int = 0
    head: int = 0
    unit: int = 0


class Cursor:
    """A place kept within bounds. `changed(place, previous)` is emitted only when it really moves."""

    def __init__(self) -> None:
        self.changed: Signal[Place, Place] = Signal()
        self._place = Place()
        self._bounds = Bounds()

    @property
    def place(self) -> Place:
        return self._place

    @property
    def bounds(self) -> Bounds:
        return self._bounds

    @property
    def token(self) -> int:
        return self._place.token

    @property
    def layer(self) -> int:
        return self._place.layer

    @property
    def head(self) -> int:
        return self._place.head

    @property
    def unit(self) -> int:
        return self._place.unit

    def move(self, **where: int) -> None:
        """Go to a token, layer, head or unit; out of range means the nearest that exists."""
        self._settle(replace(self._place, **where))

    def step(self, tokens: int) -> None:
        """Go forward or, with a negative number, back by tokens."""
        self.move(token=self._place.token + tokens)

    def confine(self, bounds: Bounds, **where: int) -> None:
        """Take new bounds and a place within them, keeping what is not given as far as it still exists.

        Emits nothing: whoever changes the bounds has changed the trace, and announces that.
        """
        self._bounds = bounds
        self._place = self._within(replace(self._place, **where))

    def _settle(self, wanted: Place) -> None:
        place = self._within(wanted)
        if place != self._place:
            previous, self._place = self._place, place
            self.changed.emit(place, previous)

    def _within(self, wanted: Place) -> Place:
        return Place(
            token=_clamp(wanted.token, self._bounds.token),
            layer=_clamp(wanted.layer, self._bounds.layer),
            head=_clamp(wanted.head, self._bounds.head),
            unit=_clamp(wanted.unit, self._bounds.unit),
        )


def _clamp(value: int, count: int) -> int:
    return max(0, min(value, count - 1))
