"""Models that state any length and do not take it: a tracer wrote down the length of its example inside the graph, or
several tokens are taken together and none may be left over."""

from __future__ import annotations

import time
from collections.abc import Iterator

from embstudio.base.errors import StudioError
from embstudio.session.engine import Engine
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.taken_lengths import TakenLengths
from embstudio.session.stop import Stop

# Lengths of examples that people export with: short ones first, then what models are padded to.
_OTHERS = (77, 80, 96, 100, 120, 128, 150, 160, 192, 200, 250, 256, 300, 320, 384, 400, 500, 510, 512, 768, 1000, 1024)
_SHORT = 64
_SECONDS = 4.0  # of this thread's own work: what is found does not hang on what else the computer does


def find_lengths(engine: Engine, feeder: Feeder, rows: int | None, stop: Stop) -> TakenLengths | None:
    """The lengths that a model runs with; None if it runs with none that was tried, or with no such rule.

    rows: of its vocabulary. Raises Cancelled.
    """
    deadline = time.thread_time() + _SECONDS
    found = None
    for length in _lengths():
        stop.check()
        if time.thread_time() > deadline:
            break
        try:
            engine.run(feeder.trial(length, rows).feeds, engine.outputs[:1], stop)
        except StudioError:
            continue
        if found is not None:  # those between were refused
            return TakenLengths(found, multiples=True) if length == 2 * found and found > 1 else None
        found = length
    return None if found is None else TakenLengths(found)


def _lengths() -> Iterator[int]:
    yield from range(1, _SHORT + 1)
    yield from _OTHERS
