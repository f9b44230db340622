"""How long a frame of the scatter takes while it is panned, zoomed, pointed at and turned, beside pyqtgraph's own.

    python benchmarks/scatter.py [points ...] [--frames N]

A frame is a move of the view and the painting of all of it at 1000×800, labels and all, on Qt's raster engine (there
is no graphics card in it). pyqtgraph's ScatterPlotItem, with its symbols alone, is measured in the same run where
pyqtgraph is installed (`pip install pyqtgraph`; the program itself never uses it); in turn with ours, round by round,
so that both meet the same machine. It takes too long for that above a million points, and is left out there.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from itertools import cycle

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from machine import describe, percentile
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from embstudio.gui.plots.scatter.colouring import Categories, numbers_of
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.theme import Theme

SIZE = (1000, 800)
AIMS = {1_000_000: 16, 5_000_000: 50}  # p95 of panning and zooming, milliseconds
THEIR_MOST = 1_000_000
CLUSTERS = 30
Frame = Callable[[], None]


def cloud(points: int, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Points in clusters of unlike size, and the cluster of each."""
    random = np.random.default_rng(0)
    middles, widths = random.normal(size=(CLUSTERS, dimensions)) * 3, random.uniform(0.1, 0.8, size=CLUSTERS)
    which = random.integers(0, CLUSTERS, size=points)
    spread = random.normal(size=(points, dimensions)) * widths[which, None]
    return (middles[which] + spread).astype(np.float32), which


def expose(widget: QWidget) -> None:
    """Show a widget; before it is exposed nothing would be painted, and everything be quick."""
    widget.show()
    if not QTest.qWaitForWindowExposed(widget, 60_000):
        raise RuntimeError("the window did not come up")
    widget.repaint()


def timed(widget: QWidget, frame: Frame) -> float:
    """Milliseconds of a frame, painted."""
    start = time.perf_counter()
    frame()
    widget.repaint()
    return 1000 * (time.perf_counter() - start)


def line(name: str, times: list[float], aim: str = "") -> str:
    """A line of the table."""
    return f"| {name} | {statistics.median(times):.1f} | {percentile(times, 0.95):.1f} | {max(times):.1f} | {aim} |"


def panning(pan: Callable[[float, float], None]) -> Frame:
    """To and fro in steps of a few pixels."""
    steps = cycle([(9.0, 4.0)] * 12 + [(-9.0, -4.0)] * 12)
    return lambda: pan(*next(steps))


def zooming(zoom: Callable[[float], None]) -> Frame:
    """From all in sight to sixty times nearer, and back."""
    steps = cycle([1.15] * 30 + [1 / 1.15] * 30)
    return lambda: zoom(next(steps))


def theirs(points: np.ndarray) -> tuple[QWidget, Frame, Frame] | None:
    """pyqtgraph's plot of the same points, with frames that pan and zoom it; None where it is not installed."""
    try:
        import pyqtgraph
    except ImportError:
        return None
    widget = pyqtgraph.PlotWidget()
    widget.resize(*SIZE)
    item = pyqtgraph.ScatterPlotItem(x=points[:, 0], y=points[:, 1], size=3, pen=None, brush=(200, 200, 200, 120))
    widget.addItem(item)
    expose(widget)
    box = widget.getViewBox()
    per_pixel = float(np.ptp(points[:, 0])) / SIZE[0]
    widget.viewport().plot = widget  # which is what paints, and does not keep the plot alive by itself
    return (
        widget.viewport(),
        panning(lambda right, down: box.translateBy(x=float(right) * per_pixel, y=float(down) * per_pixel)),
        zooming(lambda factor: box.scaleBy((1 / factor, 1 / factor))),
    )


def measure(theme: Theme, points: int, frames: int) -> None:
    """Print the lines of one number of points."""
    flat, clusters = cloud(points, 2)
    scatter = Scatter(theme)
    scatter.resize(*SIZE)
    names = [f"word{row}" for row in range(points)]
    start = time.perf_counter()
    scatter.set_points(flat, names, ("first", "second"))
    expose(scatter)
    print(f"| {points:,}: set and shown first | {1000 * (time.perf_counter() - start):.0f} | | | |")
    print(
        f"| {points:,}: all drawn, and the window's longest stop meanwhile | {' | | '.join(settled(scatter))} | ≤ 100 |"
    )
    aim = f"p95 ≤ {AIMS[points]}" if points in AIMS else ""
    other = theirs(flat) if points <= THEIR_MOST else None
    middle = QPointF(SIZE[0] / 2, SIZE[1] / 2)
    for name, ours, place in (
        ("pan", panning(scatter.pan), 1),
        ("zoom", zooming(lambda factor: scatter.zoom(factor, middle)), 2),
    ):
        own, foreign = [], []
        for _ in range(frames):
            own.append(timed(scatter, ours))
            if other is not None and len(foreign) < max(10, frames // 5):
                foreign.append(timed(other[0], other[place]))  # type: ignore[arg-type]
        print(line(f"{points:,}: {name}", own, aim))
        if foreign:
            print(line(f"{points:,}: {name}, pyqtgraph", foreign))
    scatter.fit()
    for name, colouring in (
        ("ten categories", Categories("cluster", clusters % 10, tuple(f"cluster {n}" for n in range(10)))),
        ("a column of numbers", numbers_of("height", flat[:, 1] ** 2)),
    ):
        scatter.set_colouring(colouring)
        settled(scatter)
        pan = panning(scatter.pan)
        print(line(f"{points:,}: pan, {name}", [timed(scatter, pan) for _ in range(frames)], aim))
    scatter.set_colouring(None)
    settled(scatter)
    places = np.random.default_rng(1).uniform([0, 0], SIZE, size=(1000, 2)).tolist()
    picked = []
    for x, y in places:
        start = time.perf_counter()
        scatter.at(QPointF(x, y))
        picked.append(1000 * (time.perf_counter() - start))
    print(
        f"| {points:,}: point at | {statistics.median(picked):.3f} | {percentile(picked, 0.95):.3f} "
        f"| {max(picked):.3f} | ≤ 1 |"
    )
    scatter.set_points(cloud(points, 3)[0], (), ("first", "second", "third"))
    settled(scatter)
    print(line(f"{points:,}: turn", [timed(scatter, lambda: scatter.turn_by(0.02, 0.01)) for _ in range(frames)]))
    rests = [_rest(scatter) for _ in range(5)]
    print(line(f"{points:,}: come to rest, until all are drawn", [whole for whole, _ in rests]))
    print(line(f"{points:,}: come to rest, the window's longest stop", [stop for _, stop in rests], "≤ 100"))
    scatter.close()
    if other is not None:
        other[0].close()


def settled(scatter: Scatter) -> tuple[str, str]:
    """Milliseconds until all points are drawn, and of the longest time in which the window did nothing else."""
    start = time.perf_counter()
    longest = 0.0
    while True:
        before = time.perf_counter()
        done = scatter.settled
        QApplication.processEvents()
        longest = max(longest, time.perf_counter() - before)
        if done:
            return f"{1000 * (time.perf_counter() - start):.0f}", f"{1000 * longest:.0f}"


def _rest(scatter: Scatter) -> tuple[float, float]:
    """A cloud is turned and let go: milliseconds until all is drawn, and of the window's longest stop."""
    scatter.turn_by(0.1, 0.0)
    scatter.repaint()
    start = time.perf_counter()
    scatter.rest()
    scatter.repaint()
    first = 1000 * (time.perf_counter() - start)
    _whole, longest = settled(scatter)
    return 1000 * (time.perf_counter() - start), max(first, float(longest))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("points", type=int, nargs="*", default=[10_000, 100_000, 1_000_000, 5_000_000])
    parser.add_argument("--frames", type=int, default=120)
    asked = parser.parse_args()
    application = QApplication([])
    theme = Theme(application)
    theme.apply("dark", 1.0)
    print(f"{describe()}; {SIZE[0]}×{SIZE[1]}, {asked.frames} frames each\n")
    print("| points, movement | median ms | p95 ms | largest ms | aim |\n|---|---|---|---|---|")
    for points in asked.points:
        measure(theme, points, asked.frames)


if __name__ == "__main__":
    main()
