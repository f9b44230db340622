"""The curves of the Gradient panel, made from the worker's answers."""

from __future__ import annotations

import numpy as np

from embstudio.gui.panels.gradient.scene import Scene, Strand
from embstudio.gui.panels.gradient.words import WAYS
from embstudio.gui.plots.curve_plot import DrawnCurve
from embstudio.session.messages import CellGradients
from embstudio.stepper.gradient_curves import Curve, bound
from embstudio.trace.places import taken_together

# A hue for each sort of model; where two are of one sort the dash tells them apart.
_HUES = {"rnn": "hidden", "gru": "candidate", "lstm": "memory", "transformer": "query"}
_STATES = {"h": "hidden", "c": "memory"}


def state_curves(scene: Scene, prefix: str, *, largest: bool) -> list[DrawnCurve]:
    """‖∂s_T/∂s_t‖ of every recurrent state; of the open model those of one layer and direction, or "" for all.

    largest: the largest singular value in place of the Frobenius norm.
    """
    several = len(scene.strands) > 1
    drawn: list[DrawnCurve] = []
    for strand in scene.strands:
        for cell in strand.cells(prefix if strand is scene.own else ""):
            values = cell.largest if largest else cell.norms
            name, colour = _named(strand, cell, several=several)
            curve = Curve(f"{name}, ∂{cell.state}", name, "state", strand.places, values, strand.last, _backwards(cell))
            drawn.append(DrawnCurve(curve, colour, len(drawn)))
    return drawn


def reached_curves(scene: Scene) -> list[DrawnCurve]:
    """‖∂v_T/∂x_t‖ of every model: how much what it made of T hangs on each token's vector."""
    drawn: list[DrawnCurve] = []
    names = [strand.short for strand in scene.strands]
    for strand in scene.strands:
        if strand.reached is None:
            continue
        kind = strand.document.opened.anatomy.kind
        title = strand.document.source.title
        name = strand.short if names.count(strand.short) == 1 else title
        curve = Curve(f"{title}, ∂{strand.answer.of}", name, "reached", strand.places, strand.reached,
                      strand.last, reach=strand.reach)  # fmt: skip
        drawn.append(DrawnCurve(curve, _HUES.get(kind, "value"), len(drawn)))
    return drawn


def step_curves(scene: Scene, prefix: str) -> list[DrawnCurve]:
    """The largest singular value of each step's own Jacobian."""
    drawn: list[DrawnCurve] = []
    for cell in scene.own.cells(prefix):
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log10(cell.steps)
        name, colour = _named(scene.own, cell, several=False)
        curve = Curve(f"{name}, ∂{cell.state} by the step before", name, "steps", scene.own.places, values,
                      scene.last, _backwards(cell))  # fmt: skip
        drawn.append(DrawnCurve(curve, colour, len(drawn)))
    return drawn


def product_curves(scene: Scene, prefix: str) -> list[DrawnCurve]:
    """The product of the steps' largest singular values up to T, and the one of the Jacobian of all steps together."""
    drawn: list[DrawnCurve] = []
    for place, cell in enumerate(scene.own.cells(prefix)):
        backwards = _backwards(cell)
        name, colour = _named(scene.own, cell, several=False)
        for values, label, what, style in (
            (cell.largest, name, "largest singular value of all steps together", place),
            (_product(scene, cell), f"{name} product", "product of the steps' largest", 2),
        ):
            curve = Curve(f"{name}, {what}", label, "bound", scene.own.places, values, scene.last, backwards)
            drawn.append(DrawnCurve(curve, colour, style))
    return drawn


def _product(scene: Scene, cell: CellGradients) -> np.ndarray:
    """The product of the steps; tokens that share a step take it once."""
    each = (taken_together(scene.trace, cell.state) or 1) if cell.state in scene.trace else 1
    steps = cell.steps[::each]
    return np.repeat(bound(steps, scene.last // each, backwards=_backwards(cell)), each)


def sides(drawn: list[DrawnCurve]) -> tuple[bool, bool]:
    """Whether any curve says something before T, and behind it."""
    before = behind = False
    for each in drawn:
        seen = np.isfinite(each.curve.values) & np.isfinite(each.curve.places)
        before |= bool(seen[: each.curve.at].any())
        behind |= bool(seen[each.curve.at + 1 :].any())
    return before or not behind, behind


def _named(strand: Strand, cell: CellGradients, *, several: bool) -> tuple[str, str]:
    """What stands at the end of a state's curve, and its colour."""
    kind, layer, direction, state = cell.state.split(".")
    all_ = {each.state.rpartition(".")[0] for each in strand.answer.cells}
    name = state
    if several:
        name = f"{kind.upper()} {state}"
    if len({each.split(".")[1] for each in all_}) > 1:
        name += f" layer {layer}"
    if len({each.rpartition(".")[2] for each in all_}) > 1:
        name += f" {WAYS.get(direction, direction)}"
    return name, _HUES[kind] if several and state == "h" and kind != "lstm" else _STATES[state]


def _backwards(cell: CellGradients) -> bool:
    return ".reverse." in cell.state
