"""What is to be said of recurrent layers that are written out in other operators.

Imports nothing heavy: the window uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from embstudio.anatomy.anatomy import RecurrentLayer


def say_cell(layer: RecurrentLayer) -> Iterator[str]:
    """Sentences; none for a layer that is an operator of its own."""
    cell = layer.cell
    if cell is None:
        return
    if cell.steps is not None:
        how = f"run by a {cell.operator} of {cell.steps} steps" if cell.operator else (
            f"written out in {cell.steps} steps, one behind the other"
        )  # fmt: skip
        yield f"It is {how}: the model takes {cell.steps} tokens, no more and no fewer."
    else:
        yield f"It is run by a {cell.operator}, step by step, for a text of any length."
    yield from cell.notes


def point_name(layer: RecurrentLayer, gate: str) -> str:
    """The point of a gate or state of a cell."""
    return f"{layer.kind}.{layer.layer}.{layer.directions[0]}.{gate}"


def fixed_steps(layers: Sequence[RecurrentLayer]) -> int | None:
    """The number of tokens for which the steps of cells are written out; None where there are no such cells."""
    counts = {layer.cell.steps for layer in layers if layer.cell is not None and layer.cell.steps is not None}
    return counts.pop() if len(counts) == 1 else None
