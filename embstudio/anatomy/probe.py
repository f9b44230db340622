"""What a graph's shapes leave open, settled by the shapes of real runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from embstudio.anatomy.anatomy import Anatomy, Attention, Block
from embstudio.anatomy.head_axes import BATCH, LENGTH
from embstudio.modelfile.graph import Shape

RunShapes = Mapping[str, tuple[int, ...]]


def observed_shapes(runs: Sequence[RunShapes]) -> dict[str, Shape]:
    """What runs tell of each tensor's shape, for `Graph.with_shapes`.

    runs: shapes by tensor, the first of one sequence. If there is a second run, of two sequences that are longer, a
    length that stays is the file's own, one that doubles is the batch ("batch", "4*batch") and one that changes
    otherwise comes from the text ("length6_7").
    """
    first = runs[0]
    if len(runs) < 2:
        return {name: tuple(shape) for name, shape in first.items()}
    second = runs[1]
    return {
        name: tuple(_length(*pair) for pair in zip(shape, second[name], strict=True))
        if name in second and len(second[name]) == len(shape) else tuple(shape)
        for name, shape in first.items()
    }  # fmt: skip


def _length(one: int, two: int) -> int | str:
    if one == two:
        return one
    if two == 2 * one:
        return BATCH if one == 1 else f"{one}*{BATCH}"
    return f"{LENGTH}{one}_{two}"  # the same name is the same length


def open_tensors(anatomy: Anatomy) -> tuple[str, ...]:
    """The tensors whose run-time shapes `settle` wants: none if every count of heads is known."""
    return tuple(
        dict.fromkeys(
            anatomy.point(f"{prefix}.{part}").tensor
            for block in anatomy.blocks
            for prefix, attention in _named(block)
            if None in (attention.heads, attention.kv_heads, attention.d_head)
            for part in ("q", "k", "pattern")
            if f"{prefix}.{part}" in anatomy.point_names
        )
    )


def settle(anatomy: Anatomy, shapes: Mapping[str, tuple[int, ...]], *, batch: int = 1) -> Anatomy:
    """The anatomy with heads, kv_heads and d_head filled in from a run's shapes, by tensor name.

    batch: how many sequences that run had. What was known stays as it is; tensors without a shape settle nothing.
    """
    blocks = tuple(
        replace(
            block, attention=tuple(_settled(anatomy, prefix, each, shapes, batch) for prefix, each in _named(block))
        )
        for block in anatomy.blocks
    )
    return replace(anatomy, blocks=blocks)


def _named(block: Block) -> list[tuple[str, Attention]]:
    stack = f"{block.stack}." if block.stack else ""
    return [
        (f"{stack}blocks.{block.layer}.{'attn' if each.kind == 'self' else 'cross_attn'}", each)
        for each in block.attention
    ]


def _settled(
    anatomy: Anatomy, prefix: str, attention: Attention, shapes: Mapping[str, tuple[int, ...]], batch: int
) -> Attention:
    def length(part: str, axis: str) -> int | None:
        name = f"{prefix}.{part}"
        if name not in anatomy.point_names:
            return None
        source = anatomy.point(name)
        shape = shapes.get(source.tensor)
        if shape is None or len(shape) != len(source.layout):
            return None
        if axis in source.layout:
            return shape[source.layout.index(axis)]
        together = f"batch {axis}"
        return shape[source.layout.index(together)] // batch if together in source.layout else None

    return replace(
        attention,
        heads=attention.heads or length("pattern", "head"),
        kv_heads=attention.kv_heads or length("k", "kv_head"),
        d_head=attention.d_head or length("q", "d_head"),
    )
