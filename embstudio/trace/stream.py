"""The residual stream of a trace, stage by stage: how long each vector is, and how far each layer moves it.

A stage is a place where the whole stream can be read: the embedding, the stream between attention and MLP, after each
block, and after the final norm. Measures are worked out in float64:
    length    ‖x‖ = √Σ xᵢ²
    added     ‖u‖ / ‖x₋₁‖, the size of what a part wrote (u = attn.out, mlp.out) beside the stream it was written to
    cosine    x·y / (‖x‖ ‖y‖), with the first stage and with the one before
In a post-norm model a stage is the norm of stream plus update, so lengths do not add up there, and cosines still tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from embstudio.formulas.distances import cosine_similarity
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace

# Where the stream can be read in a block, and the parts that write to it just before.
_IN_BLOCK = (("resid_mid", ("attn.out",)), ("resid_cross", ("cross_attn.out",)), ("resid_post", ("mlp.out",)))


@dataclass(frozen=True)
class Stage:
    """point: where its vectors [pos, d_model] are. added: points of what was written since the stage before.
    layer: the block it is in; None before the first and after the last."""

    point: str
    added: tuple[str, ...] = ()
    layer: int | None = None


@dataclass(frozen=True)
class Added:
    """What one part wrote: its point, ‖u‖, and that beside the length of the stream before (NaN where that is 0)."""

    point: str
    length: float
    share: float


@dataclass(frozen=True)
class Change:
    """One stage of one token: its length, what was written, and the cosines with the first stage and the one before.

    to_start, to_before: NaN at the first stage, which has none before it.
    """

    length: float
    added: tuple[Added, ...]
    to_start: float
    to_before: float


def stacks(trace: Trace) -> tuple[str, ...]:
    """The stacks whose stream can be read: ("",), or "encoder" and "decoder"; empty without one."""
    found = (parse(name).stack or "" for name in trace.points("resid_post"))
    return tuple(dict.fromkeys(found))


def stages(trace: Trace, stack: str = "") -> tuple[Stage, ...]:
    """The stages that a trace holds, first to last, all of the width of the blocks. What it does not hold is left
    out, and its update counts to the next stage that it holds. To the first nothing was added."""
    prefix = f"{stack}." if stack else ""
    layers = _layers(trace, stack)
    found: list[Stage] = []
    written: list[str] = []

    def reach(name: str, layer: int | None = None) -> None:
        if name in trace:
            found.append(Stage(name, tuple(part for part in written if part in trace), layer))
            written.clear()

    reach(f"{prefix}embed")
    written.append(f"{prefix}pos_embed")
    for layer in layers:
        block = f"{prefix}blocks.{layer}"
        entering = f"{block}.resid_pre"
        if layer == layers[0] and not _same(trace, f"{prefix}embed", entering):
            reach(entering)  # later blocks read what the one before left
        elif layer != layers[0] and f"{prefix}blocks.{layer - 1}.resid_post" not in trace:
            reach(entering, layer - 1)
        for part, writers in _IN_BLOCK:
            written.extend(f"{block}.{writer}" for writer in writers)
            reach(f"{block}.{part}", layer)
    reach(f"{prefix}final_norm")
    width = _width(trace, found)
    alike = [stage for stage in found if trace[stage.point].size("d_model") == width]
    return tuple(replace(stage, added=()) if stage is alike[0] else stage for stage in alike)


def vectors(trace: Trace, shown: Sequence[Stage], pos: int) -> np.ndarray:
    """The stream of one token at each stage, [stage, d_model] float64."""
    return np.stack([trace[stage.point].at(pos=pos) for stage in shown]).astype(np.float64)


def changes(trace: Trace, shown: Sequence[Stage], pos: int) -> tuple[Change, ...]:
    """How the stream of one token changes from stage to stage."""
    if not shown:
        return ()
    x = vectors(trace, shown, pos)
    lengths = np.sqrt(np.sum(x * x, axis=1))
    to_start = cosine_similarity(x, x[:1])
    to_before = cosine_similarity(x[1:], x[:-1])
    found = []
    for place, stage in enumerate(shown):
        before = float(lengths[place - 1]) if place else float("nan")
        added = tuple(_added(trace, point, pos, before) for point in stage.added)
        first = place == 0
        found.append(
            Change(
                float(lengths[place]),
                added,
                float("nan") if first else float(to_start[place]),
                float("nan") if first else float(to_before[place - 1]),
            )
        )
    return tuple(found)


def settled(first: Sequence[int]) -> int | None:
    """From which stage on the first choice stays what it is at the end; None without stages. first: by stage."""
    if not len(first):
        return None
    place = len(first) - 1
    while place and first[place - 1] == first[-1]:
        place -= 1
    return place


def _added(trace: Trace, point: str, pos: int, before: float) -> Added:
    u = trace[point].at(pos=pos).astype(np.float64)
    length = float(np.sqrt(np.sum(u * u)))
    return Added(point, length, length / before if before > 0 else float("nan"))


def _same(trace: Trace, one: str, other: str) -> bool:
    return one in trace and other in trace and np.array_equal(trace[one].values, trace[other].values)


def _layers(trace: Trace, stack: str) -> list[int]:
    """The blocks of a stack whose stream can be read somewhere."""
    parsed = [parse(name) for name in trace.points("blocks") if name.rpartition(".")[2].startswith("resid")]
    return sorted({point.layer for point in parsed if point.layer is not None and (point.stack or "") == stack})


def _width(trace: Trace, found: Sequence[Stage]) -> int:
    """d_model of the blocks: an embedding table may be narrower, and mapped to it (ALBERT)."""
    inner = [stage for stage in found if stage.layer is not None] or found
    return trace[inner[-1].point].size("d_model") if inner else 0
