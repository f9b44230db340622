"""What an arrow plot shows: named spots of a plane, arrows and lines between them, and an angle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

Place = tuple[float, float]
NAMED_COLOURS = ("first", "second", "third", "fourth")  # hues that tell points apart; others are names in `Colours`


class Spot(NamedTuple):
    """A point with a name. hollow: a ring, for what is worked out and no word of the set."""

    place: Place
    name: str
    colour: str = "text"
    hollow: bool = False


class Arrow(NamedTuple):
    """From a place to a place. text: written beside its middle. head: whether it points at its end."""

    start: Place
    end: Place
    colour: str = "text"
    text: str = ""
    dashed: bool = False
    head: bool = True


class Angle(NamedTuple):
    """At the origin, from the direction to `start` to that to `end`, counter-clockwise."""

    start: Place
    end: Place
    text: str


@dataclass(frozen=True)
class ArrowScene:
    """All of it, and the same in words, for who does not see it. origin: whether 0 is in the picture."""

    spots: Sequence[Spot] = ()
    arrows: Sequence[Arrow] = ()
    angle: Angle | None = None
    origin: bool = False
    said: str = ""

    @property
    def places(self) -> list[Place]:
        """All that must be in sight."""
        ends = [place for arrow in self.arrows for place in (arrow.start, arrow.end)]
        return [*(spot.place for spot in self.spots), *ends, *([(0.0, 0.0)] if self.origin else [])]
