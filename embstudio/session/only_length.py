"""Models that state any length and take one: a tracer wrote down the length of its example inside the graph."""

from __future__ import annotations

import time
from collections.abc import Iterator

from embstudio.base.errors import StudioError
from embstudio.session.engine import Engine
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.stop import Stop

# Lengths of examples that people export with: short ones first, then what models are padded to.
_OTHERS = (77, 80, 96, 100, 120, 128, 150, 160, 192, 200, 250, 256, 300, 320, 384, 400, 500, 510, 512, 768, 1000, 1024)
_SHORT = 64
_SECONDS = 4.0


def find_only_length(engine: Engine, feeder: Feeder, rows: int | None, stop: Stop) -> int | None:
    """The one length that a model runs with; None if it runs with several, or with none that was tried.

    rows: of its vocabulary. Raises Cancelled.
    """
    deadline = time.monotonic() + _SECONDS
    found = None
    for length in _lengths():
        stop.check()
        if time.monotonic() > deadline:
            break
        try:
            engine.run(feeder.trial(length, rows).feeds, engine.outputs[:1], stop)
        except StudioError:
            continue
        if found is not None:
            return None
        found = length
    return found


def _lengths() -> Iterator[int]:
    yield from range(1, _SHORT + 1)
    yield from _OTHERS
