"""What the recurrent bench says in words, from its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from embstudio.gui.style.numbers import MINUS, four, percent
from embstudio.lab.recurrent.facts import CellFacts, Facts, Followed
from embstudio.lab.recurrent.settings import AGREE, REMEMBER, Settings

VANISHED, LITTLE, EXPLODED = 1e-4, 1e-2, 10.0  # of the last state's gradient
KNOWS = 0.95  # right answers
BLIND = 0.1  # above a blind guess

_TASKS = {
    REMEMBER: "A colour, then {n} words of the weather, drawn at random. Which colour was it? A blind guess is right "
    "1 time in 4. (The long time lag problem of Hochreiter and Schmidhuber 1997.)",
    AGREE: "The noun at the beginning decides the verb, {n} words later, whatever nouns stand between: runs, or run? A "
    "blind guess is right 1 time in 2. (Number prediction; Linzen, Dupoux and Goldberg 2016.)",
}
_ORDER = (
    "tick or tock stands first, {n} steps before the end, and again about half way. In which order? A blind guess is "
    "right 1 time in 4. (The temporal order problem of Hochreiter and Schmidhuber 1997.)"
)


def task_said(settings: Settings) -> str:
    """What has to be learnt."""
    return _TASKS.get(settings.task, _ORDER).format(n=settings.distance)


def short(value: float) -> str:
    """Two digits: 0.36, 3.1e−6, 84."""
    if not math.isfinite(value) or value == 0:
        return four(value)
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", MINUS)


def rough(value: float) -> str:
    """One digit: 4e−6, 0.3, 84."""
    if not math.isfinite(value) or value == 0:
        return four(value)
    if 0.01 <= abs(value) < 1000:
        return f"{value:.0f}" if abs(value) >= 1 else f"{value:.1g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", MINUS)


def ratio(norms: np.ndarray, distance: int) -> float:
    """What arrives so far back, beside the last state; NaN where there is nothing to divide by."""
    return float(norms[distance] / norms[0]) if norms[0] > 0 else float("nan")


def accuracy_of(cell: CellFacts) -> float:
    """On held-out examples, when they were asked last."""
    return float(cell.held[-1, 2])


def verdict(cell: CellFacts, facts: Facts, answers: int) -> str:
    """What is seen of one cell, in a sentence or two."""
    state, norms = ("c", cell.flow.c) if cell.flow.c is not None else ("h", cell.flow.h)
    size = ratio(norms, facts.distance)
    steps = f"{facts.distance} step{'s' if facts.distance > 1 else ''} back, the gradient of {state}"
    times = f"{short(size)} {'times' if size > 1 else 'of'}"
    told = f"{steps} is {'as large as' if short(size) == '1' else times} the last one"
    if math.isnan(size):
        told = f"{steps} is nothing, as is the last one"
    if cell.stopped:
        return f"{cell.kind}: stopped at epoch {cell.stopped_at:.1f}, as {cell.stopped}. Before that, {told}."
    right, blind = accuracy_of(cell), 1 / answers
    guess = ", as by a blind guess" if right <= blind + BLIND else ""
    means = ""
    if right < KNOWS and size > EXPLODED:
        means = ": it explodes, and drowns out what is nearer"
    elif right < KNOWS and size < VANISHED:
        means = ": it vanishes, all but nothing to learn from"
    elif right < KNOWS and not math.isnan(size):
        means = f": {'little' if size < LITTLE else 'enough'} arrives to learn from"
    return f"{cell.kind}: {percent(right)} right{guess}. {told}{means}."


def stopped_said(facts: Facts) -> str:
    """Of the cells that learn no more, "" where all do."""
    gone = [cell for cell in facts.cells if cell.stopped]
    if not gone:
        return ""
    said = "; ".join(f"{cell.kind} at epoch {cell.stopped_at:.1f}: {cell.stopped}" for cell in gone)
    return f"Stopped, and put back to its last good state: {said}. Rewind, then lower the rate, or clip, and run on."


def example_said(followed: Followed, facts: Facts, answers: Sequence[str]) -> str:
    """What the followed example is, and what the step did."""
    right = answers[followed.answer]
    if not followed.learnt:
        return f"A held-out example; right is “{right}”. Guesses and gradients as they are now."
    moved = [
        f"{cell.kind} {percent(float(cell.guesses.chances[-1, followed.answer]))} → {percent(cell.guesses.after)}"
        for cell in facts.cells
        if cell.guesses is not None and cell.guesses.after is not None
    ]
    return (
        f"The first example of the batch of this step; right is “{right}”. Guesses and gradients from before the step. "
        f"What it did to the chance of the right answer: {', '.join(moved)}."
    )


def cell_rows(facts: Facts, parameters: Sequence[int]) -> list[tuple[str, str, list[str]]]:
    """Name, what it means, and a text for each cell."""
    cells, far = facts.cells, f"{facts.distance} steps back / last"

    def of(column: int, how: str) -> list[str]:
        return [_shown(float(cell.train[-1, column]), how) if len(cell.train) else "" for cell in cells]

    return [
        ("numbers to learn", "Weights and biases, the words' vectors and the read-out included",
         [f"{count:,}" for count in parameters]),
        ("loss, training", "Mean over the last 10 batches, before each step", of(1, "four")),
        ("loss, held out", f"On examples that are never learnt from; a blind guess has {four(facts.nothing)}",
         [four(float(cell.held[-1, 1])) for cell in cells]),
        ("right, training", "Share of right answers over the last 10 batches", of(2, "percent")),
        ("right, held out", "Share of right answers, on examples that are never learnt from",
         [percent(accuracy_of(cell)) for cell in cells]),
        (f"∂L/∂h, {far}", "Norm of the gradient by the farthest state, divided by that of the last one; mean over "
         "held-out examples", [short(ratio(cell.flow.h, facts.distance)) for cell in cells]),
        (f"∂L/∂c, {far}", "The same of the LSTM's memory",
         [short(ratio(cell.flow.c, facts.distance)) if cell.flow.c is not None else "–" for cell in cells]),
        ("largest singular value", "Of R, of a GRU or an LSTM the part that makes the candidate: how far one step can "
         "stretch what it is given", [four(cell.largest) for cell in cells]),
        ("gradient's norm", "Of all numbers to learn, before clipping; mean over the last 10 batches", of(3, "four")),
        ("steps clipped", "Of the last 10 batches", of(4, "percent")),
        ("standing", "Whether it still learns", ["stopped" if cell.stopped else "learns" for cell in cells]),
    ]  # fmt: skip


def _shown(value: float, how: str) -> str:
    return percent(value) if how == "percent" else four(value)
