"""What a trace will weigh, before it is run, and what to leave out of one that is too heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from embstudio.anatomy.anatomy import Anatomy, PointSource
from embstudio.trace.axes import TOKEN_AXES
from embstudio.trace.need import ELSEWHERE, need
from embstudio.trace.points import parse

BYTES = 4  # points are float32
LengthOf = Callable[[str, str], int]


class Weights:
    """How long the axes of a model's points are, worked out once when it is opened.

    anatomy: with its counts of heads. sources: the points that can be read.
    """

    def __init__(self, anatomy: Anatomy, sources: Sequence[PointSource]) -> None:
        self._fixed = {source.name: fixed_sizes(anatomy, source.name) for source in sources}
        self._points = {source.name: parse(source.name) for source in sources}

    def fit(
        self, sources: Sequence[PointSource], length_of: LengthOf, budget: int, layer: int, ahead: int | None = None
    ) -> tuple[list[PointSource], dict[str, int]]:
        """The sources that fit into `budget` bytes together, and the bytes of those left out, by name.

        length_of: how many tokens there are along a token axis of a point.
        layer: the one that is looked at, or the nearest there is. What it needs comes first, and of the others the
               nearest.
        ahead: how large all may grow with what only other layers need; None: as large as the budget.
        """
        ahead = budget if ahead is None else min(ahead, budget)
        layers = {point.layer for point in self._points.values() if point.layer is not None}
        layer = min(layers, key=lambda own: abs(own - layer), default=0)
        weights = {source.name: self._nbytes(source, length_of) for source in sources}
        if sum(weights.values()) <= ahead:
            return list(sources), {}
        total, kept = 0, set[str]()
        for name in sorted(weights, key=lambda name: need(name, layer)):
            now = need(name, layer)[0] < ELSEWHERE
            if total + weights[name] <= (budget if now else ahead):
                total += weights[name]
                kept.add(name)
        omitted = {name: weight for name, weight in weights.items() if name not in kept}
        return [source for source in sources if source.name in kept], omitted

    def total(self, sources: Sequence[PointSource], length_of: LengthOf) -> int:
        """Bytes of all sources together."""
        return sum(self._nbytes(source, length_of) for source in sources)

    def together(
        self, patterns: Sequence[str], sources: Sequence[PointSource], length_of: LengthOf, budget: int
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The first of some patterns that fit into `budget` bytes, each with its scores, which say where it cannot
        look; and the points to be read for them. One pattern at least, without its scores where they are too much.

        What is not among the sources weighs nothing and is not read.
        """
        known = {source.name: self._nbytes(source, length_of) for source in sources}
        left, done, read = budget, list[str](), list[str]()
        for name in patterns:
            both = [point for point in (name, f"{name.rpartition('.')[0]}.scores") if point in known]
            weight = sum(known[point] for point in both)
            if name in known and weight > left:
                if read:
                    break
                both, weight = [name], known[name]
            done.append(name)
            if name in known:
                read += both
                left -= weight
        return tuple(done), tuple(read)

    def _nbytes(self, source: PointSource, length_of: LengthOf) -> int:
        """Bytes of one point; an axis of unknown length counts as 1024."""
        fixed, total = self._fixed[source.name], BYTES
        for axis in source.axes:
            total *= length_of(source.name, axis) if axis in TOKEN_AXES else fixed.get(axis, 1024)
        return total


def fixed_sizes(anatomy: Anatomy, name: str) -> dict[str, int]:
    """Length of each axis of a point that does not depend on the input, as far as it is known; of the batch, where
    the model was exported for one."""
    point, sizes = parse(name), dict[str, int]()
    ids = next((info for info in anatomy.inputs if info.name == anatomy.ids_input), None)
    if ids is not None and len(ids.shape) == 2 and isinstance(ids.shape[0], int):
        sizes["batch"] = ids.shape[0]
    if anatomy.embeddings:
        sizes["d_model"] = anatomy.embeddings[0].width
    if anatomy.head is not None and anatomy.head.width is not None:
        sizes["vocab"] = sizes["class"] = anatomy.head.width
    wanted = "cross" if "cross_attn" in point.name else "self"
    for block in anatomy.blocks:
        if block.layer == point.layer and block.stack == (point.stack or ""):
            if block.d_mlp is not None:
                sizes["d_mlp"] = block.d_mlp
            for attention in block.attention:
                if attention.kind == wanted:
                    known = {"head": attention.heads, "kv_head": attention.kv_heads, "d_head": attention.d_head}
                    sizes.update({axis: size for axis, size in known.items() if size is not None})
    for layer in anatomy.recurrent:
        if point.direction is not None and layer.layer == point.layer:
            sizes["unit"] = layer.units
    return sizes


def longest(anatomy: Anatomy, budget: int) -> int | None:
    """The most tokens whose attention of one layer fits into `budget` bytes; None where nothing grows quadratically.

    A model may be able to take any length, but one layer's scores and pattern must fit into memory at once.
    """
    heads = [attention.heads or 1 for block in anatomy.blocks for attention in block.attention]
    return int((budget / (2 * BYTES * max(heads))) ** 0.5) if heads else None
