"""The exact nearest ten of a million vectors, beside the bare numpy product that finds them at the least.

    python benchmarks/neighbours.py [--rows 1000000] [--width 100] [--seconds 4]

In the same run and in turns, on random float32 vectors: `product` is `table @ query` and nothing else; `product,
top 10` adds numpy's argpartition, which is what people write by hand; `one query` is ours from a row to ten rows with
their distances in float64, and `32 queries` ours for each of 32 asked together, beside `product of 32`. Manhattan and
chebyshev have no product; beside that of the others it is seen how much dearer they are. `prepared` is once a table.
Before anything is timed, the answers are held against float64 brute force. Prints a markdown table of medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import machine
import numpy as np

from embstudio.formulas.distances import METRICS
from embstudio.space.neighbours import NeighbourFinder

NEAREST = 10
TOGETHER = 32
_BLOCK = 16384


def milliseconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


def in_turns(actions: Sequence[Callable[[], object]], seconds: float) -> list[float]:
    """Medians in milliseconds."""
    times: list[list[float]] = [[] for _ in actions]
    for action in actions:
        action()  # warm
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline or len(times[0]) < 5:
        for action, taken in zip(actions, times, strict=True):
            taken.append(milliseconds(action))
    return [statistics.median(taken) for taken in times]


def brute_force(metric: str, table: np.ndarray, row: int) -> list[int]:
    """The nearest rows, every one measured in float64."""
    measure, query = METRICS[metric], table[row].astype(np.float64)
    distances = np.concatenate([
        measure.compare(query, table[start : start + _BLOCK].astype(np.float64))
        for start in range(0, len(table), _BLOCK)
    ])  # fmt: skip
    if measure.larger_is_nearer:
        distances = -distances
    distances[row] = np.inf
    return np.argsort(distances, kind="stable")[:NEAREST].tolist()


def measure(metric: str, table: np.ndarray, seconds: float) -> str:
    """One row of the table."""
    started = time.perf_counter()
    finder = NeighbourFinder(table, metric)
    prepared = 1000 * (time.perf_counter() - started)
    asked = list(range(7, 7 + 1000 * TOGETHER, 1000))
    for row in asked[:3]:
        found, _ = finder.of_rows([row], NEAREST)
        assert found[0].tolist() == brute_force(metric, table, row), f"{metric}: not the nearest of row {row}"
    query, queries = table[asked[0]], table[asked]
    bare, by_hand, one, bare_many, many = in_turns(
        (
            lambda: table @ query,
            lambda: np.argpartition(-(table @ query), NEAREST)[:NEAREST],
            lambda: finder.of_rows(asked[:1], NEAREST),
            lambda: queries @ table.T,
            lambda: finder.of_rows(asked, NEAREST),
        ),
        seconds,
    )
    return (
        f"| {metric} | {prepared:.0f} | {bare:.1f} | {by_hand:.1f} | {one:.1f} | {one / bare:.2f} × "
        f"| {bare_many / TOGETHER:.1f} | {many / TOGETHER:.1f} | {many / bare_many:.2f} × |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each metric")
    asked = parser.parse_args()
    table = np.random.default_rng(0).standard_normal((asked.rows, asked.width), np.float32)
    print(machine.describe())
    print(f"\n{asked.rows:,} × {asked.width} float32, milliseconds; queries together are counted each\n")
    print("| metric | prepared | product | product, top 10 | one query | / product "
          "| product of 32 | 32 queries | / product |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for metric in METRICS:
        print(measure(metric, table, asked.seconds), flush=True)


if __name__ == "__main__":
    main()
