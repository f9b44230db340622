"""What is said of the recurrent cells is what the numbers say; what is drawn stands where it belongs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from embstudio.gui.panels.lab.recurrent_distance_plot import DistanceCurve, DistancePlot
from embstudio.gui.panels.lab.recurrent_words import rough, short, verdict
from embstudio.gui.style.theme import Theme
from embstudio.lab.recurrent.facts import CellFacts, Facts, Followed
from embstudio.lab.recurrent.learner import Flow

FAR = 4


def facts_with(share: float, right: float, *, stopped: str = "", memory: float | None = None) -> Facts:
    """One cell whose gradient FAR steps back is `share` of the last one, of its memory `memory`."""
    h = np.geomspace(0.5, 0.5 * share, FAR + 1) if share else np.array([0.5, *[0.0] * FAR])
    c = None if memory is None else np.geomspace(0.2, 0.2 * memory, FAR + 1)
    flow, held = Flow(h, c), np.array([[0.0, 1.4, 0.25], [3.0, 1.0, right]])
    cell = CellFacts("RNN" if c is None else "LSTM", np.zeros((0, 5)), held, flow, flow, np.array([right]), 1.0, None,
                     stopped, 2.4)  # fmt: skip
    return Facts((cell,), Followed(np.zeros(5, int), 0, learnt=False), (FAR,), FAR, float(np.log(4)))


@pytest.mark.parametrize(("facts", "said"), [
    (facts_with(3e-6, 0.26), "RNN: 26.0 % right, as by a blind guess. 4 steps back, the gradient of h is 3.0e−6 of the "
     "last one: it vanishes, all but nothing to learn from."),
    (facts_with(0.005, 0.6), "RNN: 60.0 % right. 4 steps back, the gradient of h is 0.005 of the last one: little "
     "arrives to learn from."),
    (facts_with(0.5, 0.6), "RNN: 60.0 % right. 4 steps back, the gradient of h is 0.5 of the last one: enough arrives "
     "to learn from."),
    (facts_with(84.0, 0.25), "RNN: 25.0 % right, as by a blind guess. 4 steps back, the gradient of h is 84 times the "
     "last one: it explodes, and drowns out what is nearer."),
    (facts_with(1e-3, 1.0, memory=0.5), "LSTM: 100.0 % right. 4 steps back, the gradient of c is 0.5 of the last one."),
    (facts_with(1e-3, 0.99, memory=1.01), "LSTM: 99.0 % right. 4 steps back, the gradient of c is as large as the last "
     "one."),
    (facts_with(0.0, 0.2), "RNN: 20.0 % right, as by a blind guess. 4 steps back, the gradient of h is 0 of the last "
     "one: it vanishes, all but nothing to learn from."),
    (facts_with(84.0, 0.25, stopped="its loss rose to 9"), "RNN: stopped at epoch 2.4, as its loss rose to 9. Before "
     "that, 4 steps back, the gradient of h is 84 times the last one."),
], ids=["vanished", "little", "enough", "explodes", "learnt", "as large", "nothing", "stopped"])  # fmt: skip
def test_a_verdict_is_what_the_numbers_say(facts: Facts, said: str) -> None:
    assert verdict(facts.cells[0], facts, 4) == said


@pytest.mark.parametrize(("value", "two", "one"), [
    (3.14e-6, "3.1e−6", "3e−6"), (0.0123, "0.012", "0.01"), (0.36, "0.36", "0.4"), (84.4, "84", "84"),
    (512.0, "512", "512"), (0.0, "0", "0"), (float("inf"), "∞", "∞"), (2.5e7, "2.5e7", "2e7"),
    (4.4e-120, "4.4e−120", "4e−120"),
])  # fmt: skip
def test_numbers_are_short(value: float, two: str, one: str) -> None:
    assert (short(value), rough(value)) == (two, one)


def test_the_last_symbol_stands_on_the_right(theme: Theme, show: Callable) -> None:
    plot = DistancePlot(theme, "", "nothing yet", ("{n} steps back", "the last symbol"), gradients=True)
    show(plot, 400, 200)
    plot.set_curves([DistanceCurve("RNN", np.arange(5), np.array([1, 0.1, 0.01, 1e-3, 0]), "hidden", 0)], 4)
    assert (plot.low, plot.high) == (-3.0, 0.0)
    frame = plot._frame()
    middle = frame.center().y()
    assert plot.place_at(QPointF(frame.right() - 1, middle)) == (0,)
    assert plot.place_at(QPointF(frame.left() + 1, middle)) == (4,)
    assert plot.tooltip_of((3,)) == "3 steps back\nRNN: 0.001"
    assert plot.tooltip_of((4,)) == "4 steps back\nRNN: nothing"
    assert plot.place_at(QPointF(2, middle)) is None
    assert plot.accessibleDescription() == "RNN nothing at 4"


def test_shares_by_distance_grow_to_the_right(theme: Theme, show: Callable) -> None:
    plot = DistancePlot(theme, "right", "", ("0", "{n} steps"), gradients=False)
    show(plot, 400, 200)
    plot.set_curves([DistanceCurve("GRU", np.array([1, 8]), np.array([1.0, 0.25]), "candidate", 1)], 8, 0.25)
    frame = plot._frame()
    assert plot.place_at(QPointF(frame.right() - 1, frame.center().y())) == (8,)
    assert plot.tooltip_of((1,)) == "1 step\nGRU: 100.0 %"
