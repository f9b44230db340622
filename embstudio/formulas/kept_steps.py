"""Steps at which a mask kept the states of a recurrent cell as they were."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_STATES = ("h", "c")


def kept_steps(values: Mapping[str, np.ndarray]) -> np.ndarray:
    """bools [pos]: whether every state is, number for number, that of the step before; before the first one it is 0.

    values: gates and states by name, [pos, unit], in the order in which the tokens are read. Only for cells that have
    a mask: others may come to rest.
    """
    states = np.concatenate([values[name] for name in _STATES if name in values], axis=-1)
    before = np.concatenate([np.zeros_like(states[:1]), states[:-1]])
    return np.asarray((states == before).all(axis=-1))
