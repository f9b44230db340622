"""The ways in which the Map page can sort a layer's units, in words and worked out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from embstudio.gui.panels.gate_words import word
from embstudio.gui.panels.memory.scene import Scene
from embstudio.gui.style.numbers import four, percent
from embstudio.stepper.output_score import TOP, OutputScore, output_scores
from embstudio.stepper.unit_order import FEWEST, UnitOrder, activity, correlation, openness, together
from embstudio.trace.points import parse

Named = Callable[[OutputScore], str]


class By(StrEnum):
    """What units are sorted by."""

    MODEL = "model"
    ACTIVITY = "activity"
    OPENNESS = "openness"
    VALUE = "value"
    OUTPUT = "output"
    TOGETHER = "together"


@dataclass(frozen=True)
class Sort:
    """part: whose gate, for OPENNESS. output: for OUTPUT. step: for VALUE, the one that was current when it was
    chosen: rows that changed places at each step could not be followed."""

    by: By = By.MODEL
    part: str = ""
    output: OutputScore | None = None
    step: int | None = None

    def here(self, step: int) -> Sort:
        """The same at a step, where that makes a difference."""
        return replace(self, step=step) if self.by is By.VALUE else self


def sorts_of(scene: Scene) -> list[Sort]:
    """The ways there are for a layer's units."""
    cell = scene.cell
    gates = [part for part in cell.parts if parse(cell.point(part)).kind.scale == "unit"]
    found = [Sort(), Sort(By.ACTIVITY), *(Sort(By.OPENNESS, part) for part in gates), Sort(By.VALUE)]
    if scene.steps >= FEWEST:
        found.append(Sort(By.TOGETHER))
        scores = output_scores(scene.trace)
        found += [Sort(By.OUTPUT, output=each) for each in scores if scene.by_step(each.along(scene.trace)) is not None]
    return found


def order_of(scene: Scene, sort: Sort) -> UnitOrder:
    """The units in that order; worked out once for each trace and layer."""
    there = scene.kept.get(sort)
    if isinstance(there, UnitOrder):
        return there
    order = _work_out(scene, sort)
    scene.kept[sort] = order
    return order


def _work_out(scene: Scene, sort: Sort) -> UnitOrder:
    state = scene.values(scene.state)
    if sort.by is By.ACTIVITY:
        return UnitOrder.ranked(activity(state))
    if sort.by is By.OPENNESS and sort.part in scene.cell.parts:
        return UnitOrder.ranked(openness(scene.values(sort.part)))
    if sort.by is By.VALUE:
        return UnitOrder.ranked(state[min(sort.step or 0, scene.steps - 1)])
    if sort.by is By.TOGETHER:
        return together(state)
    if sort.by is By.OUTPUT and sort.output is not None:
        score = scene.by_step(sort.output.along(scene.trace))
        if score is not None:
            return UnitOrder.ranked(correlation(state, score))
    return UnitOrder.of_model(scene.units)


def choice(scene: Scene, sort: Sort, named: Named) -> str:
    """The sort as a list of choices has it."""
    match sort.by:
        case By.ACTIVITY:
            return "activity"
        case By.OPENNESS:
            return f"open {word(scene.cell.point(sort.part))}"
        case By.VALUE:
            return f"{scene.state} at this token"
        case By.TOGETHER:
            return "moving together"
        case By.OUTPUT:
            return f"goes with {_short(sort.output, named)}"
    return "order in the model"


def telling(scene: Scene, sort: Sort, named: Named, unit: int) -> str:
    """What the rows are, with the first and the last, and where the current unit is."""
    state, order = scene.state, order_of(scene, sort)
    match sort.by:
        case By.ACTIVITY:
            text = f"most active units on top, by mean |{state}|"
        case By.OPENNESS:
            text = f"{word(scene.cell.point(sort.part))} most open on top, by mean {sort.part}"
        case By.VALUE:
            text = f"largest {state} at {scene.named(min(sort.step or 0, scene.steps - 1))} on top"
        case By.TOGETHER:
            text = f"units whose {state} moves together side by side (average-linkage clusters of 1 − r)"
        case By.OUTPUT:
            text = f"by the correlation over the tokens of {state} with the {_score(sort.output, named)}"
        case _:
            return ""
    if order.keys is not None:
        write = percent if sort.by is By.OPENNESS else four
        ends = (int(order.units[0]), int(order.units[-1]))
        first, last = (f"unit {end} ({write(float(order.keys[end]))})" for end in ends)
        text = f"{text}: {first} … {last}" if ends[0] != ends[1] else f"{text}: {first}"
    return f"{text}; unit {unit} is in row {int(order.rows[unit]) + 1} of {scene.units}"


def _score(output: OutputScore | None, named: Named) -> str:
    if output is None:
        return ""
    if output.entry == TOP:
        return "highest logit at each token"
    last = "the predicted class" if output.axis == "class" else "the top word after the last token"
    return f"logit of ‘{named(output)}’" + (f", {last}" if output.predicted else "")


def _short(output: OutputScore | None, named: Named) -> str:
    if output is None or output.entry == TOP:
        return "the highest logit"
    return f"‘{named(output)}’"
