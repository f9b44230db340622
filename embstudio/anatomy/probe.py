"""What a graph's shapes leave open, settled by the shapes of real runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
