"""What a trace will weigh, before it is run, and what to leave out of one that is too heavy."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.anatomy.anatomy import Anatomy, PointSource
from embstudio.trace.axes import TOKEN_AXES
from embstudio.trace.points import parse

BYTES = 4  # points are float32


class Weights:
    """How long the axes of a model's points are, worked out once when it is opened.

    anatomy: with its counts of heads. sources: the points that can be read.
    """

    def __init__(self, anatomy: Anatomy, sources: Sequence[PointSource]) -> None:
        self._fixed = {source.name: fixed_sizes(anatomy, source.name) for source in sources}
        self._kinds = {source.name: parse(source.name).kind.template for source in sources}

    def fit(self, sources: Sequence[PointSource], length: int, budget: int) -> tuple[list[PointSource], list[str]]:
        """The sources that for `length` tokens fit into `budget` bytes together, and a note on each kind left out.

        The heaviest kinds go first.
        """
        weights: dict[str, int] = {}
        for source in sources:
            kind = self._kinds[source.name]
            weights[kind] = weights.get(kind, 0) + self._nbytes(source, length)
        total, left_out = sum(weights.values()), []
        for kind in sorted(weights, key=lambda kind: weights[kind], reverse=True):
            if total <= budget:
                break
            total -= weights[kind]
            left_out.append(kind)
        kept = [source for source in sources if self._kinds[source.name] not in left_out]
        notes = [
            f"{kind.replace('{layer}', '*')} was left out: {_mebibytes(weights[kind])} for {length} tokens; "
            f"a trace may take {_mebibytes(budget)} in all."
            for kind in left_out
        ]
        return kept, notes

    def _nbytes(self, source: PointSource, length: int) -> int:
        """Bytes of one point; an axis of unknown length counts as 1024."""
        fixed, total = self._fixed[source.name], BYTES
        for axis in source.axes:
            total *= length if axis in TOKEN_AXES else fixed.get(axis, 1024)
        return total


def fixed_sizes(anatomy: Anatomy, name: str) -> dict[str, int]:
    """Length of each axis of a point that does not depend on the input, as far as it is known."""
    point, sizes = parse(name), dict[str, int]()
    if anatomy.embeddings:
        sizes["d_model"] = anatomy.embeddings[0].width
    if anatomy.head is not None and anatomy.head.width is not None:
        sizes["vocab"] = sizes["class"] = anatomy.head.width
    wanted = "cross" if "cross_attn" in point.name else "self"
    for block in anatomy.blocks:
        if block.layer == point.layer and block.stack == (point.stack or ""):
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


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
