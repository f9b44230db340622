"""Stepping through a long text with 12 layers × 12 heads of attention: tokens, heads and layers.

    python benchmarks/long_text.py [presses]

Needs the extra `benchmark` (PyTorch and transformers), which makes the model: random weights of a MiniLM's width, 12
layers. From the key press until everything is painted, in the real window with the real worker behind it, once the
overview of all layers is there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import tokenizers
from live_window import LiveWindow, live_window
from machine import describe, row
from minilm_sized import export, torch_model
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from embstudio.modelfile.catalogue import ModelSource

LENGTHS = (512, 2048)
_KEYS = {1: Qt.Key.Key_Right, -1: Qt.Key.Key_Left}


def write_tokenizer(path: Path) -> None:
    """A tokenizer whose words are the numbers of its entries."""
    words = tokenizers.Tokenizer(WordLevel({str(number): number for number in range(30_522)}, unk_token="0"))
    words.pre_tokenizer = WhitespaceSplit()
    words.save(str(path))


def open_text(live: LiveWindow, path: Path, length: int) -> None:
    """Open the model and run a text of so many tokens, given by their numbers."""
    studio = live.program.studio
    text = " ".join(str((7919 * place + 101) % 30_000) for place in range(length))
    studio.sentence = text
    studio.open(ModelSource(path))
    live.wait(lambda: studio.trace is not None and len(studio.trace) == length and not studio.busy)


def moves(live: LiveWindow, what: str, count: int, act: Callable[[int], None]) -> list[float]:
    """Move to and fro along one coordinate of the cursor; milliseconds of each move."""
    cursor, times, way = live.program.studio.cursor, [], 1
    most = getattr(cursor.bounds, what) - 1
    for _ in range(count):
        before = getattr(cursor, what)
        if before + way not in range(most + 1):
            way = -way
        times.append(live.timed(partial(act, way)))
        if getattr(cursor, what) != before + way:
            raise RuntimeError(f"the {what} did not change")
    return times


def measure(live: LiveWindow, path: Path, length: int, count: int) -> None:
    """Print one line a movement through a text of so many tokens."""
    studio, window = live.program.studio, live.program.window
    cursor = studio.cursor
    open_text(live, path, length)
    cursor.move(token=length // 2)
    live.wait(lambda: not studio.lacking.overview.unfinished)
    for what, act, target in (
        ("token", lambda way: QTest.keyClick(window, _KEYS[way]), "p95 ≤ 16" if length == 512 else ""),
        ("head", lambda way: cursor.move(head=cursor.head + way), "≤ 50" if length == 2048 else ""),
    ):
        print(row(f"{length} tokens: to the next {what}", moves(live, what, count, act), target), flush=True)


def main(count: int) -> None:
    """Measure both lengths."""
    print(f"{describe()}; 1360×860, {count} moves each\n")
    print("| movement | median ms | p95 ms | largest ms | target |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, live_window() as live:
        path = export(torch_model(layers=12), Path(folder) / "model.onnx")
        write_tokenizer(path.with_name("tokenizer.json"))
        for length in LENGTHS:
            measure(live, path, length, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
