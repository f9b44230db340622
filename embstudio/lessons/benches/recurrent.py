"""Recurrent: an RNN, a GRU and an LSTM that learn the same task."""

from __future__ import annotations

from embstudio.lab.bench import Order
from embstudio.lab.recurrent.bench import RecurrentOrder
from embstudio.lab.recurrent.facts import CellFacts
from embstudio.lab.recurrent.settings import Settings
from embstudio.lessons.benches.lesson_bench import LessonBench, with_settings
from embstudio.lessons.facts import Trained
from embstudio.lessons.lesson import Training
from embstudio.lessons.value import Value, ValueFault


def _order(training: Training) -> Order:
    return RecurrentOrder(with_settings(Settings(), training))


def _cell(trained: Trained, kind: str) -> CellFacts:
    found: list[CellFacts] = [cell for cell in trained.facts.cells if cell.kind == kind]
    if not found:
        kinds = ", ".join(cell.kind for cell in trained.facts.cells)
        raise ValueFault(f"there is no cell {kind!r}; there are {kinds}.")
    return found[0]


def _parameters(trained: Trained, kind: str) -> Value:
    _cell(trained, kind)
    return float(trained.about.parameters[list(trained.about.cells).index(kind)])


RECURRENT = LessonBench(
    _order,
    {
        "accuracy": lambda trained, kind: float(_cell(trained, kind).held[-1, 2]),
        "loss": lambda trained, kind: float(_cell(trained, kind).held[-1, 1]),
        "loss of knowing nothing": lambda trained: float(trained.facts.nothing),
        "largest singular value": lambda trained, kind: float(_cell(trained, kind).largest),
        "parameters": _parameters,
    },
    "nothing",
)
