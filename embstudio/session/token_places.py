"""Do a point's places stand for the tokens? A run shows it: a stream may be pooled, shortened or joined with something
else on a way that its graph does not tell, and its values must not be shown with the words of other places."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from embstudio.anatomy.anatomy import Anatomy, PointSource
from embstudio.session.budget import fixed_sizes
from embstudio.session.canonical import Canonical
from embstudio.session.engine import Engine
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.slots import Role, Side
from embstudio.session.stop import Stop
from embstudio.trace.points import parse


def out_of_place(
    anatomy: Anatomy, engine: Engine, feeder: Feeder, feeds: Mapping[str, np.ndarray]
) -> dict[str, tuple[int, int]]:
    """The points that have other places than tokens were fed: how many, and how many tokens. Raises StudioError if the
    model does not run."""
    tokens = {
        slot.side: _length(feeds[slot.name])
        for slot in feeder.slots
        if slot.role is Role.IDS and not slot.second and slot.name in feeds
    }
    sources = [point for point in anatomy.points if point.tensor and _token_axes(point, cached=bool(feeder.caches))]
    raw = engine.run(feeds, [point.tensor for point in sources], Stop()) if sources and tokens else []
    found = {}
    for point, value in zip(sources, raw, strict=False):
        expected = tokens.get(Side.SOURCE if point.name.startswith("encoder.") else feeder.own)
        lengths = _lengths(point, value, fixed_sizes(anatomy, point.name), cached=bool(feeder.caches))
        wrong = [length for length in lengths if length != expected]
        if expected is not None and wrong:
            found[point.name] = (wrong[0], expected)
    return found


def say_out_of_place(found: Mapping[str, tuple[int, int]]) -> tuple[str, ...]:
    """A sentence for each number of places."""
    alike: dict[tuple[int, int], list[str]] = {}
    for name, lengths in found.items():
        alike.setdefault(lengths, []).append(name)
    return tuple(
        f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: left out, for a place there is not a "
        f"token's: {places} for {tokens} tokens."
        for (places, tokens), names in alike.items()
    )


def _length(ids: np.ndarray) -> int:
    """Of [batch, pos], [pos] or, where a model wants it so, [pos, batch]."""
    return int(ids.shape[0] if ids.ndim == 2 and ids.shape[1] == 1 else ids.shape[-1])


def _token_axes(point: PointSource, *, cached: bool) -> tuple[str, ...]:
    """Those of its axes along which the tokens of one sequence lie. Keys in a cache may be more, or room for more."""
    own_keys = not cached and "cross_attn" not in parse(point.name).kind.template
    return tuple(axis for axis in point.axes if axis in ("pos", "query") or (axis == "key" and own_keys))


def _lengths(point: PointSource, value: np.ndarray, sizes: Mapping[str, int], *, cached: bool) -> list[int]:
    """None at all where the value does not have the layout that was read: whoever asks for it is told."""
    try:
        array = Canonical(point, sizes)(value)
    except ValueError:
        return []
    return [array.shape[point.axes.index(axis)] for axis in _token_axes(point, cached=cached)]
