"""How long a step takes: from the key press to the painted step, for each bundled model.

    python benchmarks/stepping.py [presses]

The budget is one frame at 60 Hz, 16 ms. Stepping never waits for inference: the trace is there before.
"""

from __future__ import annotations

import sys
from functools import partial

from live_window import LiveWindow, live_window
from machine import describe, row
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

SENTENCES = {
    "15 words": "The dog that I adopted from the pound five years ago won the pet competition.",
    "60 words": " ".join(["The dog that I adopted from the pound five years ago won the pet competition ."] * 4),
}
MODELS = ("sentiment-lstm", "sentiment-rnn", "next-word", "words")


def presses_of(live: LiveWindow, presses: int) -> list[float]:
    """Walk to and fro through the sentence; milliseconds of each press."""
    cursor = live.program.studio.cursor
    cursor.move(token=0)
    live.paint()
    times, key = [], Qt.Key.Key_Right
    for _ in range(presses):
        before = cursor.token
        if before in (0, cursor.bounds.token - 1):
            key = Qt.Key.Key_Right if before == 0 else Qt.Key.Key_Left
        times.append(live.timed(partial(QTest.keyClick, live.program.window, key)))
        if cursor.token == before:
            raise RuntimeError("the key press did not move the cursor")
    return times


def main(presses: int) -> None:
    """Print one line a model and sentence."""
    print(f"{describe()}; 1360×860, {presses} presses each\n")
    print("| model, sentence | median ms | p95 ms | largest ms | target |\n|---|---|---|---|---|")
    with live_window() as live:
        for model in MODELS:
            for length, sentence in SENTENCES.items():
                live.open(model, sentence)
                print(row(f"{model}, {length}", presses_of(live, presses), "p95 ≤ 16"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
