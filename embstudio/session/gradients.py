"""How what a model makes of one token hangs on the tokens before it: the answers to `GradientRequest`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from embstudio.anatomy.anatomy import Anatomy, RecurrentLayer
from embstudio.base.errors import StudioError
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.gradients import state_gradients
from embstudio.formulas.kept_steps import kept_steps
from embstudio.session.messages import CellGradients
from embstudio.session.stop import Stop
from embstudio.trace.places import place_of, taken_together
from embstudio.trace.trace import Trace

# Steps × units³ beyond which singular values are left out: they would take the better part of a minute.
MOST_SINGULAR = 512 * 256**3

WeightsOf = Callable[[RecurrentLayer], Mapping[str, CellWeights]]


def gates_of(anatomy: Anatomy) -> tuple[str, ...]:
    """The points that the gradients of recurrent states are worked out from."""
    kinds = {layer.kind for layer in anatomy.recurrent}
    return tuple(name for name in anatomy.point_names if name.partition(".")[0] in kinds)


def gradients_of_cells(
    trace: Trace, anatomy: Anatomy, weights_of: WeightsOf, token: int, stop: Stop
) -> tuple[tuple[CellGradients, ...], tuple[str, ...]]:
    """Of every recurrent layer and direction of a trace, and sentences on those that could not be had.

    weights_of: the cell of each direction of a layer; may raise StudioError. token: T. Raises Cancelled.
    """
    found: list[CellGradients] = []
    notes: list[str] = []
    for layer in anatomy.recurrent:
        try:
            cells = weights_of(layer)
        except StudioError as error:
            notes.append(str(error))
            continue
        for direction, cell in cells.items():
            prefix = f"{layer.kind}.{layer.layer}.{direction}"
            if f"{prefix}.h" not in trace or taken_together(trace, f"{prefix}.h") is None:
                notes.append(f"The gates of {prefix} are not to be had, so there are no gradients of its state.")
                continue
            if not singular_values_fit(cell, len(trace[f"{prefix}.h"].values)):
                notes.append(f"{prefix}: singular values are left out, since text and layer are so large.")
            masked = layer.cell is not None and layer.cell.masked
            found += _of_direction(trace, prefix, cell, token, stop, masked=masked)
    return tuple(found), tuple(notes)


def singular_values_fit(cell: CellWeights, length: int) -> bool:
    """Whether singular values of each step's Jacobian are worked out for a text of so many tokens."""
    return length * cell.units**3 <= MOST_SINGULAR


def _of_direction(
    trace: Trace, prefix: str, cell: CellWeights, token: int, stop: Stop, *, masked: bool
) -> list[CellGradients]:
    """Tokens that share a step have the same gradients."""
    values = {
        name.rpartition(".")[2]: array.values for name, array in trace.arrays.items() if name.startswith(f"{prefix}.")
    }
    length = len(values["h"])
    place, each = place_of(trace, f"{prefix}.h", token), taken_together(trace, f"{prefix}.h") or 1
    backwards = prefix.endswith("reverse")
    read = slice(None, None, -1 if backwards else 1)
    values = {name: value[read] for name, value in values.items()}
    steps = ~kept_steps(values) if masked else np.ones(length, bool)
    last = int(steps[: (length - 1 - place if backwards else place) + 1].sum()) - 1
    if last < 0:  # no step was taken yet
        return []
    states = state_gradients(
        cell,
        {name: value[steps] for name, value in values.items()},
        last,
        singular=singular_values_fit(cell, length),
        check=stop.check,
    )
    return [
        CellGradients(f"{prefix}.{state}", *(
            np.repeat(part[read], each)
            for part in (_at_all(found.norms, steps), _at_all(found.largest, steps), _at_all(found.steps, steps, 1.0))
        ))
        for state, found in states.items()
    ]  # fmt: skip


def _at_all(found: np.ndarray, steps: np.ndarray, kept: float | None = None) -> np.ndarray:
    """Values of the steps that were taken, at every token. A state that a mask kept is the one before: it has the same
    gradient, or the value `kept`, and NaN where there is none before or behind which nothing is known."""
    spread = np.concatenate([[np.nan], found])[np.cumsum(steps)]
    return spread if kept is None else np.where(steps | np.isnan(spread), spread, kept)
