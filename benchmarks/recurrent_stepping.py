"""Stepping through a long text with a large LSTM: 512 units × 2,000 tokens, in the Memory panel.

    python benchmarks/recurrent_stepping.py [presses [units [tokens]]]

The model has random weights. From the key press until everything is painted, in the real window with the real worker
behind it: through the tokens with all of them in sight and zoomed in, through the units, and for each order of units.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import tokenizers
from live_window import LiveWindow, live_window
from machine import describe, row
from onnx import TensorProto, helper, numpy_helper
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from embstudio.gui.panels.memory_panel import MemoryPanel
from embstudio.gui.plots.zoom_grid import STEP
from embstudio.modelfile.catalogue import ModelSource

WORDS, WIDTH, CLASSES = 1000, 64, 2
_KEYS = {1: Qt.Key.Key_Right, -1: Qt.Key.Key_Left}


def write_lstm(path: Path, units: int) -> Path:
    """A classifier of each token: embedding, one LSTM, one product; and a tokenizer whose words are numbers."""
    random = np.random.default_rng(0)

    def weights(name: str, *shape: int, scale: float = 1.0) -> onnx.TensorProto:
        return numpy_helper.from_array(random.uniform(-scale, scale, shape).astype(np.float32), name)

    start = 4 / units**0.5
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("Transpose", ["embedded"], ["x"], perm=[1, 0, 2]),
        helper.make_node("LSTM", ["x", "W", "R", "B"], ["Y"], hidden_size=units),
        helper.make_node("Transpose", ["Y"], ["y"], perm=[2, 0, 1, 3]),
        helper.make_node("Reshape", ["y", "shape"], ["h"]),
        helper.make_node("MatMul", ["h", "head"], ["logits"]),
    ]
    constants = [
        weights("table", WORDS, WIDTH), weights("W", 1, 4 * units, WIDTH, scale=0.3),
        weights("R", 1, 4 * units, units, scale=start), weights("B", 1, 8 * units, scale=start),
        numpy_helper.from_array(np.array([0, 0, units]), "shape"), weights("head", units, CLASSES),
    ]  # fmt: skip
    names = ["batch", "sequence"]
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, names)
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*names, CLASSES])
    graph = helper.make_graph(nodes, "lstm", [ids], [logits], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    words = tokenizers.Tokenizer(WordLevel({str(number): number for number in range(WORDS)}, unk_token="0"))
    words.pre_tokenizer = WhitespaceSplit()
    words.save(str(path.with_name("tokenizer.json")))
    return path


def open_text(live: LiveWindow, path: Path, length: int) -> None:
    """Open the model and run a text of so many tokens, given by their numbers."""
    studio = live.program.studio
    studio.sentence = " ".join(str((7919 * place + 101) % WORDS) for place in range(length))
    studio.open(ModelSource(path))
    live.wait(lambda: studio.trace is not None and len(studio.trace) == length and not studio.busy)
    live.program.window.raise_panel("memory")
    live.paint()


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


def sorts(live: LiveWindow, panel: MemoryPanel) -> list[float]:
    """Choose each order of units, each for the first time."""
    choice = panel.map_page.sort_choice
    times = []
    for place in range(1, choice.box.count()):
        choice.box.setCurrentIndex(place)
        times.append(live.timed(partial(choice.box.activated.emit, place)))
    return times


def main(presses: int, units: int, length: int) -> None:
    """Print one line a movement."""
    print(f"{describe()}; 1360×860, {units} units × {length} tokens, {presses} presses each\n")
    print("| movement | median ms | p95 ms | largest ms | target |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, live_window() as live:
        open_text(live, write_lstm(Path(folder) / "lstm.onnx", units), length)
        window, cursor = live.program.window, live.program.studio.cursor
        panel = window.docks["memory"].widget()
        assert isinstance(panel, MemoryPanel)
        press = lambda way: QTest.keyClick(window, _KEYS[way])  # noqa: E731
        cursor.move(token=length // 2)
        live.paint()
        print(row("to the next token, all in sight", moves(live, "token", presses, press), "p95 ≤ 16"), flush=True)
        zooms = [live.timed(partial(panel.map_page.stack.zoom, STEP, rows=False)) for _ in range(15)]
        seen = panel.map_page.stack.sight[1]
        name = f"to the next token, {seen.stop - seen.start} in sight"
        print(row(name, moves(live, "token", presses, press), "p95 ≤ 16"), flush=True)
        print(row("zoom in by a step", zooms, "p95 ≤ 50"), flush=True)
        panel.map_page.stack.zoom(0, rows=False)
        live.paint()
        unit = moves(live, "unit", presses, lambda way: cursor.move(unit=cursor.unit + way))
        print(row("to the next unit", unit, "p95 ≤ 50"), flush=True)
        print(row("another order of units, the first time", sorts(live, panel), "≤ 500"), flush=True)


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [200, 512, 2000][len(given) :]))
