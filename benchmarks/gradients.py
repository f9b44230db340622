"""What exact gradients of a recurrent layer cost: ‖∂s_T/∂s_t‖ for the last T and all t, of random layers.

    python benchmarks/gradients.py [--seconds 4]

Beside it, in the same run and in turns, what it is built of at the least: one float64 product of [units, units] with
[units, units] for each step, which any exact Jacobian takes (of an LSTM four, for h and c by both). `norms` is what a
curve needs, `singular values` adds the largest one of every product and of every step. Prints a markdown table of
medians in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import machine
import numpy as np

from embstudio.base.one_thread import one_thread
from embstudio.formulas import cells
from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.gradients import state_gradients

GATES = {"rnn": ("Tanh",), "gru": ("Sigmoid", "Tanh"), "lstm": ("Sigmoid", "Tanh", "Tanh")}
PRODUCTS = {"rnn": 1, "gru": 1, "lstm": 4}
SHAPES = ((128, 32), (128, 128), (128, 512), (64, 2000))


def milliseconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


def random_layer(kind: str, units: int, length: int) -> tuple[CellWeights, dict[str, np.ndarray]]:
    """A layer as PyTorch starts one, and what it makes of random inputs."""
    random, rows = np.random.default_rng(0), len(cells.ORDER[kind]) * units
    edge = 1 / np.sqrt(units)
    W, R, B = (random.uniform(-edge, edge, shape) for shape in ((rows, 64), (rows, units), (2 * rows,)))
    cell = CellWeights(kind, W, R, B, tuple(map(Activation.named, GATES[kind])), linear_before_reset=True)
    settings = {"linear_before_reset": True} if kind == "gru" else {}
    return cell, getattr(cells, kind)(random.normal(size=(length, 64)), W, R, B, **settings)


def measure(kind: str, units: int, length: int, seconds: float) -> str:
    """One row of the table."""
    cell, values = random_layer(kind, units, length)
    a, b = (np.random.default_rng(1).normal(size=(units, units)) for _ in "ab")

    def bare() -> None:
        for _ in range(PRODUCTS[kind] * (length - 1)):
            np.matmul(a, b)

    actions: tuple[Callable[[], object], ...] = (
        bare,
        lambda: state_gradients(cell, values, length - 1, singular=False),
        lambda: state_gradients(cell, values, length - 1),
    )
    times: list[list[float]] = [[] for _ in actions]
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline or not times[-1]:
        for action, taken in zip(actions, times, strict=True):
            taken.append(milliseconds(action))
    products, norms, singular = map(statistics.median, times)
    return f"| {kind} {units} × {length} | {products:.1f} | {norms:.1f} | {norms / products:.2f} × | {singular:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each row")
    seconds = parser.parse_args().seconds
    print(machine.describe())
    print("\n| layer × steps | bare products | norms | norms / products | norms and singular values |")
    print("|---|---|---|---|---|")
    with one_thread():  # as the worker does it
        for units, length in SHAPES:
            for kind in GATES:
                print(measure(kind, units, length, seconds), flush=True)


if __name__ == "__main__":
    main()
