"""What a trace will weigh, before it is run, and what to leave out of one that is too heavy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embstudio.anatomy.anatomy import Anatomy, PointSource
from embstudio.trace.points import parse

BYTES = 4  # points are float32


@dataclass(frozen=True)
class Sizes:
    """Lengths of the axes of a model's points for an input of `length` tokens. Unknown lengths are missing."""

    anatomy: Anatomy
    length: int

    def of(self, point: str) -> dict[str, int]:
        """Length by axis for one point."""
        sizes = dict.fromkeys(("pos", "query", "key"), self.length)
        if self.anatomy.embeddings:
            sizes["d_model"] = self.anatomy.embeddings[0].width
        head = self.anatomy.head
        if head is not None and head.width is not None:
            sizes["vocab"] = sizes["class"] = head.width
        parsed = parse(point)
        for block in self.anatomy.blocks:
            if block.layer != parsed.layer or block.stack != (parsed.stack or ""):
                continue
            wanted = "cross" if "cross_attn" in point else "self"
            for attention in block.attention:
                if attention.kind == wanted:
                    known = {"head": attention.heads, "kv_head": attention.kv_heads, "d_head": attention.d_head}
                    sizes.update({axis: size for axis, size in known.items() if size is not None})
        for layer in self.anatomy.recurrent:
            if layer.layer == parsed.layer and parsed.direction is not None:
                sizes["unit"] = layer.units
        return sizes

    def nbytes(self, source: PointSource) -> int:
        """Bytes of one point; an axis of unknown length counts as 1024."""
        sizes, total = self.of(source.name), BYTES
        for axis in source.axes:
            total *= sizes.get(axis, 1024)
        return total


def fit(sources: Sequence[PointSource], sizes: Sizes, budget: int) -> tuple[list[PointSource], list[str]]:
    """The sources that fit into `budget` bytes together, and a note on each kind left out, heaviest kinds first."""
    kept = list(sources)
    by_kind: dict[str, list[PointSource]] = {}
    for source in sources:
        by_kind.setdefault(parse(source.name).kind.template, []).append(source)
    weights = {kind: sum(map(sizes.nbytes, group)) for kind, group in by_kind.items()}
    total, notes = sum(weights.values()), []
    for kind in sorted(weights, key=lambda kind: weights[kind], reverse=True):
        if total <= budget:
            break
        total -= weights[kind]
        kept = [source for source in kept if source not in by_kind[kind]]
        notes.append(f"{kind.replace('{layer}', '*')} was left out: {_mebibytes(weights[kind])} for {sizes.length} "
                     f"tokens, more than the {_mebibytes(budget)} that a trace may take.")  # fmt: skip
    return kept, notes


def longest(anatomy: Anatomy, budget: int) -> int | None:
    """The most tokens whose attention of one layer fits into `budget` bytes; None where nothing grows quadratically.

    A model may be able to take any length, but one layer's scores and pattern must fit into memory at once.
    """
    heads = [attention.heads or 1 for block in anatomy.blocks for attention in block.attention]
    return int((budget / (2 * BYTES * max(heads))) ** 0.5) if heads else None


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
