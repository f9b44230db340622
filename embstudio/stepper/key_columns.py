"""The stages of one query for all its keys at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.attention_place import StagePlace
from embstudio.stepper.attention_scale import find_scale
from embstudio.stepper.attention_weights import AttentionWeights


@dataclass(frozen=True)
class KeyColumn:
    """One stage's number for every key: values [key], NaN where it is not known or the mask hides the key."""

    title: str
    about: str
    values: np.ndarray


def key_columns(weights: AttentionWeights, layer: int, head: int, query: int) -> tuple[KeyColumn, ...]:
    """The numbers of one query for all its keys, as far as the trace has them."""
    place = StagePlace(weights, layer, head, query, 0, 0)
    hidden = weights.hidden(layer)[query]
    scale = find_scale(weights, layer, head)
    pattern = place.values("pattern")[head, query].astype(np.float64)
    told: list[tuple[str, str, np.ndarray]] = []
    if scale is not None:
        raw = scale.raw_row(query)
        told += [("q · k", "before scale, bias and mask", raw), ("scaled", f"times {scale.name}", raw * scale.value)]
    if place.has("scores"):
        told.append(("score", "after scale, bias and mask", place.values("scores")[head, query].astype(np.float64)))
    told.append(("weight", "after softmax: they sum to 1, but for a sink", pattern))
    values = place.of_kv("v")
    if values is not None and len(values) == len(pattern):
        sizes = np.linalg.norm(values.astype(np.float64), axis=1)
        told.append(("weight × ‖v‖", "the size of what the key hands over", pattern * sizes))
    return tuple(KeyColumn(title, about, np.where(hidden, np.nan, column)) for title, about, column in told)
