"""What is kept of attention patterns that there is no room for: a small picture of each head, and its measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.block_maximum import fit_weights
from embstudio.trace.attention_stacks import attention_stacks, impossible, special_keys, standing
from embstudio.trace.head_measures import HeadMeasures, head_measures
from embstudio.trace.trace import Trace


@dataclass(frozen=True)
class PatternOverview:
    """picture: [head, row, column] float32, each cell the largest weight of a block of the pattern, NaN where nothing
    can be. measures: one a head, of all weights. queries, keys: how many there are in the pattern itself."""

    picture: np.ndarray
    measures: tuple[HeadMeasures, ...]
    queries: int
    keys: int


def overviews(trace: Trace, points: Iterable[str], side: int, check: Callable[[], None]) -> dict[str, PatternOverview]:
    """Those patterns of a trace that are among `points`, by name. side: the most rows and columns of a picture.

    check: is called between one head and the next, and may raise to give up.
    """
    wanted, found = set(points), dict[str, PatternOverview]()
    for stack in attention_stacks(trace):
        for layer in stack.layers:
            name = stack.point(layer)
            if name not in wanted:
                continue
            pattern, hidden = trace[name].values, impossible(trace, stack, layer)
            special, start = special_keys(trace, stack, layer), standing(trace, stack, layer)
            pictures, measures = [], []
            heads, queries, keys = pattern.shape
            for head in range(heads):
                check()
                pictures.append(fit_weights(pattern[head], hidden, min(side, queries), min(side, keys)))
                measures.append(head_measures(pattern[head], hidden, special, start))
            picture = np.stack(pictures).astype(np.float32, copy=False)
            found[name] = PatternOverview(picture, tuple(measures), queries, keys)
    return found
