"""Padding behind a text, where a graph takes one length only: do the tokens see it?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.session.budget import fixed_sizes
from embstudio.session.canonical import Canonical
from embstudio.session.engine import Engine
from embstudio.session.feeding.feeder import Fed, Feeder
from embstudio.session.feeding.slots import Side
from embstudio.session.stop import Stop


def seen_padding(anatomy: Anatomy, engine: Engine, fed: Fed, stop: Stop) -> frozenset[Side]:
    """The sequences whose padding is part of what the model reads. That behind a mask is not, nor that of a model in
    which each token sees only those before it: its own weights say so, in the first and the last layer.

    Raises StudioError if the model does not run, or Cancelled.
    """
    return frozenset(
        side for side in fed.pads if side not in fed.masked and not _looks_back(anatomy, engine, fed, side, stop)
    )


def padding_notes(feeder: Feeder, fed: Fed, seen: Collection[Side]) -> Iterator[str]:
    """A sentence for each sequence that was padded."""
    for side, count in fed.pads.items():
        if side in seen:
            end = "which the model reads like the others: it has no mask."
        elif side in fed.masked:
            end = "hidden by its mask and not shown."
        else:
            end = "which none of the tokens before them sees, and which are not shown."
        added = "1 padding token was" if count == 1 else f"{count} padding tokens were"
        number = f"exactly {feeder.length(side)}" if feeder.multiple is None else f"multiples of {feeder.multiple}"
        yield f"This model takes {number} tokens: {added} added, {end}"


def _looks_back(anatomy: Anatomy, engine: Engine, fed: Fed, side: Side, stop: Stop) -> bool:
    stacks = {block.stack for block in anatomy.blocks}
    stack = "decoder." if side is Side.TARGET else "encoder." if "encoder" in stacks else ""
    patterns = [
        point for point in engine.points
        if point.name.startswith(f"{stack}blocks.") and point.name.endswith(".attn.pattern")
    ]  # fmt: skip
    if not patterns:
        one_way = all(layer.directions == ("forward",) for layer in anatomy.recurrent)
        return bool(anatomy.recurrent) and one_way and not anatomy.blocks
    for point in (patterns[0], patterns[-1]):
        (value,) = engine.run(fed.feeds, [point.tensor], stop)
        weights = Canonical(point, fixed_sizes(anatomy, point.name))(value).values
        tokens = weights.shape[-1] - fed.pads[side]
        if np.any(weights[:, :tokens, tokens:]):
            return False
    return True
