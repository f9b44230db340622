"""Stepping through a long text with 12 layers × 12 heads of attention: tokens, heads and layers.

    python benchmarks/long_text.py [presses]

Needs the extra `benchmark` (PyTorch and transformers), which makes the model: random weights of a MiniLM's width, 12
layers. From the key press until everything is painted, in the real window with the real worker behind it.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import tokenizers
from live_window import LiveWindow, live_window
from machine import describe, row
from minilm_sized import export, torch_model
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from embstudio.gui.panels.attention_panel import AttentionPanel
from embstudio.modelfile.catalogue import ModelSource

LENGTHS = (512, 2048)
_TURN = {Qt.Key.Key_Right: Qt.Key.Key_Left, Qt.Key.Key_Left: Qt.Key.Key_Right}


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


def presses(live: LiveWindow, target: QWidget, what: str, count: int, modifier: Qt.KeyboardModifier) -> list[float]:
    """Press Right until it goes no further, then Left, and so on; milliseconds of each press that moved."""
    cursor, times, key = live.program.studio.cursor, [], Qt.Key.Key_Right
    while len(times) < count:
        before = getattr(cursor, what)
        taken = live.timed(partial(QTest.keyClick, target, key, modifier))
        if getattr(cursor, what) == before:
            key = _TURN[key]
        else:
            times.append(taken)
    return times


def main(count: int) -> None:
    """Print one line a text and movement."""
    print(f"{describe()}; 1360×860, {count} presses each\n")
    print("| movement | median ms | p95 ms | largest ms | target |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, live_window() as live:
        path = export(torch_model(layers=12), Path(folder) / "model.onnx")
        write_tokenizer(path.with_name("tokenizer.json"))
        for length in LENGTHS:
            open_text(live, path, length)
            panel = live.program.window.findChild(AttentionPanel)
            live.program.studio.cursor.move(token=length // 2)
            live.paint()
            tokens = presses(live, live.program.window, "token", count, Qt.KeyboardModifier.NoModifier)
            print(row(f"{length} tokens: to the next token", tokens, "p95 ≤ 16" if length == 512 else ""), flush=True)
            heads = presses(live, panel, "head", count, Qt.KeyboardModifier.ControlModifier)
            print(row(f"{length} tokens: to the next head", heads, "≤ 50" if length == 2048 else ""), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
