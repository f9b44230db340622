"""Does memory grow while the program plays? The real program, played for a long time in a loop.

    python benchmarks/long_play.py [steps] [model]

Each step is one tick of the player, painted. Watches and breakpoints are set; where playing stops it is started again.
The panel in front is another one every few hundred steps, so that all of them are stepped. Reported at each tenth: the
memory of this process that is resident, the objects that Python and Qt hold, and the time of a step.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from statistics import quantiles

from live_window import LiveWindow, live_window
from machine import describe
from PySide6.QtCore import QCoreApplication, QEvent, QObject

SENTENCE = "The dog that I adopted from the pound five years ago won the pet competition."
FRONT = ("memory", "attention", "layers", "gradient", "lanes", "space")
WATCHES = {
    "sentiment-lstm": ("lstm.0.forward.c.norm", "change(lstm.0.forward.h).norm", "class", 'p("positive")', "entropy"),
    "next-word": ("blocks.3.attn.pattern[0].entropy", "blocks.3.attn.pattern[0].argmax", "entropy", "class"),
}
BREAKPOINTS = {
    "sentiment-lstm": ("lstm.0.forward.f.mean < 0.7", "flips(class)", "changes_sign(lstm.0.forward.c[17])"),
    "next-word": ("entropy < 2", "blocks.3.attn.pattern[0].entropy < 1"),
}
EACH_PANEL = 400  # steps with one panel in front


def resident_mb() -> float:
    """Memory of this process that is in RAM, in MB (Linux)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def play(live: LiveWindow, steps: int) -> list[float]:
    """Play so many steps; milliseconds of each, from the tick until everything is painted."""
    transport = live.program.window.transport
    times = []
    for _ in range(steps):
        if not transport.playing:
            transport.play.trigger()
        times.append(live.timed(transport.tick))
    return times


def report(live: LiveWindow, done: int, times: list[float], first: float) -> float:
    """Print one line; returns the resident memory."""
    gc.collect()
    now = resident_mb()
    widgets = len(live.program.window.findChildren(QObject))
    p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    objects = f"{len(gc.get_objects()):,} | {widgets:,}"
    print(f"| {done:,} | {now:.1f} | {now - (first or now):+.1f} | {objects} | {p95:.1f} |", flush=True)
    return now


def main(steps: int, model: str) -> None:
    """Print a table, and by how much memory grew from the first tenth on."""
    print(f"{describe()}; {model}, 1360×860, {steps:,} steps\n")
    print("| steps | resident MB | since the first tenth | Python objects | Qt objects | p95 ms of a step |")
    print("|---|---|---|---|---|---|")
    with live_window() as live:
        live.open(model, SENTENCE)
        watches, window = live.program.studio.watches, live.program.window
        for text in WATCHES[model]:
            watches.add_watch(text)
        for text in BREAKPOINTS[model]:
            watches.add_breakpoint(text)
        window.transport.loop.setChecked(True)
        times: list[float] = []
        first, done, turn = 0.0, 0, 0
        for tenth in range(1, 11):
            while done < steps * tenth // 10:
                window.raise_panel(FRONT[turn % len(FRONT)])
                live.paint()
                some = min(EACH_PANEL, steps * tenth // 10 - done)
                times += play(live, some)
                done, turn = done + some, turn + 1
                # Qt deletes its animations of docks when control is back in the event loop: here never.
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            now = report(live, done, times, first)
            first = first or now
            times.clear()
    print(f"\nfrom the first tenth to the last: {now - first:+.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else "sentiment-lstm")
