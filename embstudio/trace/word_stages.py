"""What can be read of a word layer by layer: the residual stream after each block, or the states of recurrent layers.

A stage is one point, or two where a recurrent layer reads both ways: its states side by side, as the next layer reads
them. Stages of a stream share their axes from layer to layer; states of recurrent layers do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.trace.occurrences import Occurrence
from embstudio.trace.places import place_of
from embstudio.trace.points import parse
from embstudio.trace.stream import stages as stream_stages
from embstudio.trace.trace import Trace

_STREAM = ("resid_pre", "resid_mid", "resid_cross", "resid_post", "final_norm", "pos_embed")
_STACKS = ("", "encoder")  # those that read the sentence; a decoder reads what it has written


@dataclass(frozen=True)
class WordStage:
    """points: whose vectors at a token's place stand side by side. layer: None before the first and after the last."""

    points: tuple[str, ...]
    layer: int | None = None


def wanted_points(names: Iterable[str]) -> tuple[str, ...]:
    """Of a model's points, those that the stages and the static vectors are read from; empty where it has none."""
    names = tuple(names)
    for stack in _STACKS:
        prefix = f"{stack}." if stack else ""
        own = [name for name in names if _of_stack(name, prefix)]
        stream = [name for name in own if name.rpartition(".")[2] in _STREAM]
        if any(name.rpartition(".")[2].startswith("resid") for name in stream):
            kept = _needed(stream)
            return tuple(name for name in own if name == f"{prefix}embed" or name in kept)
        states = [name for name in own if parse(name).direction and name.endswith(".h")]
        if states:
            return (*(name for name in own if name == f"{prefix}embed"), *states)
    return ()


def word_stages(trace: Trace) -> tuple[WordStage, ...]:
    """The stages after the table of vectors, first to last, of a trace that holds `wanted_points`."""
    for stack in _STACKS:
        shown = stream_stages(trace, stack)
        if any(stage.layer is not None for stage in shown):
            table = f"{stack}.embed" if stack else "embed"
            last = {stage.layer: stage for stage in shown if stage.layer is not None}
            kept = [stage for stage in shown if stage.layer is None or last[stage.layer] is stage]
            return tuple(WordStage((stage.point,), stage.layer) for stage in kept if stage.point != table)
    states: dict[int, list[str]] = {}
    for name in trace.points("h"):
        point = parse(name)
        if point.direction and point.layer is not None:
            states.setdefault(point.layer, []).append(name)
    return tuple(WordStage(tuple(sorted(points)), layer) for layer, points in sorted(states.items()))


def static_point(trace: Trace) -> str:
    """The point with the tokens' vectors from the table; "" where the trace has none."""
    names = (f"{stack}.embed" if stack else "embed" for stack in _STACKS)
    return next((name for name in names if name in trace), "")


def all_vectors(trace: Trace, stage: WordStage, places: Sequence[int]) -> np.ndarray:
    """The vectors of a stage at tokens' places: [places, width] in float64."""
    parts = [trace[name].values[[place_of(trace, name, place) for place in places]] for name in stage.points]
    return np.concatenate(parts, axis=1).astype(np.float64)


def of_occurrences(vectors: np.ndarray, occurrences: Sequence[Occurrence]) -> np.ndarray:
    """The mean of the vectors [pos, width] of each occurrence's tokens: [occurrences, width]."""
    if not occurrences:
        return np.zeros((0, vectors.shape[1]))
    return np.stack([vectors[list(each.places)].mean(axis=0) for each in occurrences])


def _needed(stream: Sequence[str]) -> set[str]:
    """Of a stream's points, those that tell its stages: what leaves each block, and what enters the first."""
    layer_of = {name: parse(name).layer for name in stream}
    left = {layer_of[name] for name in stream if name.endswith("resid_post")}
    first = min((layer for layer in layer_of.values() if layer is not None), default=0)
    inner = {name for name in stream if name.endswith(("resid_mid", "resid_cross"))}
    entering = {name for name in stream if name.endswith("resid_pre")}
    spared = {name for name in inner if layer_of[name] in left}
    spared |= {name for name in entering if layer_of[name] != first and (layer_of[name] or 0) - 1 in left}
    return set(stream) - spared


def _of_stack(name: str, prefix: str) -> bool:
    rest = name.removeprefix(prefix) if prefix else name
    return name.startswith(prefix) and not rest.startswith(("encoder.", "decoder."))
