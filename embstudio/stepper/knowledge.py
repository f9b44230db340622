"""What a model holds of the text at one of its tokens: the state of a recurrent layer, or where a transformer looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.recurrent_flow import recurrent_cells
from embstudio.trace.places import taken_together
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace


@dataclass(frozen=True)
class States:
    """The state h of the last recurrent layer at each token, in float64; tokens that share a step have the same.

    values:  [pos, unit], both directions side by side where there are two. split: how many units the first has.
    changes: [pos], ‖h − h₋₁‖ over the token that each direction read before; of the first one, ‖h‖, since it begins
             with nothing. sizes: [pos], ‖h‖. limit: the largest |h|.
    """

    values: np.ndarray
    split: int
    changes: np.ndarray
    sizes: np.ndarray
    limit: float
    layer: int


def states(trace: Trace) -> States | None:
    """None where the trace holds no state of a recurrent layer."""
    cells = [cell for cell in recurrent_cells(trace) if "h" in cell.parts]
    if not cells:
        return None
    layer = max(cell.layer for cell in cells)
    parts, squares = [], np.zeros(1)
    for cell in cells:
        if cell.layer != layer:
            continue
        h = trace[cell.point("h")].values.astype(np.float64)
        before = np.zeros_like(h)
        if cell.backwards:
            before[:-1] = h[1:]
        else:
            before[1:] = h[:-1]
        squares = squares + ((h - before) ** 2).sum(axis=1)
        parts.append(h)
    each = taken_together(trace, next(cell.point("h") for cell in cells if cell.layer == layer))
    if each is None:
        return None
    values, changes = np.repeat(np.concatenate(parts, axis=1), each, axis=0), np.repeat(np.sqrt(squares), each)
    return States(
        values, parts[0].shape[1], changes, np.linalg.norm(values, axis=1),
        float(np.abs(values).max(initial=0.0)), layer,
    )  # fmt: skip


@dataclass(frozen=True)
class Looks:
    """Mean attention of the heads of one layer, the last that the trace holds. heads: how many."""

    weights: np.ndarray  # [head, query, key]
    layer: int
    heads: int
    cached: int  # keys before the first token

    def row(self, token: int) -> np.ndarray:
        """[pos], how much a token looks at each token, in float64; what is looked at in a cache is left out."""
        return np.asarray(self.weights[:, token, self.cached :].mean(axis=0, dtype=np.float64))

    def most(self, token: int, count: int) -> list[tuple[int, float]]:
        """The tokens that are looked at most, with their weights, highest first."""
        row = self.row(token)
        order = np.argsort(-row, kind="stable")[:count]
        return [(int(place), float(row[place])) for place in order if row[place] > 0]


def looks(trace: Trace) -> Looks | None:
    """None where the trace holds no attention among the tokens of the text."""
    names = [name for name in trace.points("attn", "pattern") if parse(name).stack != "decoder"]
    if not names:
        return None
    name = max(names, key=lambda name: parse(name).layer or 0)
    weights = trace[name].values
    heads, queries, keys = weights.shape
    if queries != len(trace) or keys < queries:
        return None
    return Looks(weights, parse(name).layer or 0, heads, keys - queries)
