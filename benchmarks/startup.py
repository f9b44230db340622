"""How long the start takes: until the shell is painted, and until the first trace is painted in furnished panels.

    python benchmarks/startup.py [starts]

Each start is a process of its own, timed from the launch of the interpreter. Beside it stands a bare Qt window with
the same imports made eagerly, which is what one would write without thinking of the start.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from machine import describe, row

PROBE = """
import sys, time, tempfile, json, pathlib
launched = float(sys.argv[1])
from embstudio.gui import app
client = app.WorkerClient(); client.start()
times = {}
with tempfile.TemporaryDirectory() as folder:
    application, program = app.build(client, pathlib.Path(folder) / "settings.json")
    # Connected before the program furnishes the window, in the turn after the first paint.
    program.window.painted.disconnect()
    program.window.painted.connect(lambda: times.setdefault("shell", time.time() - launched))
    program.window.painted.connect(program.furnish)
    def complete():
        application.processEvents()
        times["complete"] = time.time() - launched
        program.window.close()
    from PySide6.QtCore import QTimer
    program.studio.trace_changed.connect(lambda: QTimer.singleShot(0, complete))
    program.start()
    application.exec()
    client.close()
print(json.dumps(times))
"""

EAGER = """
import sys, time, json
launched = float(sys.argv[1])
import numpy, onnx, onnxruntime, tokenizers
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow(); window.show(); application.processEvents()
print(json.dumps({"shell": time.time() - launched}))
"""


def start(code: str) -> dict[str, float]:
    """Milliseconds of one start, by name."""
    done = subprocess.run(
        [sys.executable, "-c", code, repr(time.time())], capture_output=True, text=True, check=True, timeout=120
    )
    return {name: 1000 * value for name, value in json.loads(done.stdout.splitlines()[-1]).items()}


def main(starts: int) -> None:
    """Print the table. The first start of each kind warms the disk cache and is not counted."""
    print(f"{describe()}; {starts} starts each, warm\n")
    print("| what | median ms | p95 ms | largest ms | target |\n|---|---|---|---|---|")
    start(PROBE), start(EAGER)
    ours, eager = [], []
    for _ in range(starts):  # side by side, so that a busy moment hits both
        ours.append(start(PROBE))
        eager.append(start(EAGER))
    print(row("shell painted", [each["shell"] for each in ours], "≤ 300"))
    print(row("complete, first trace painted", [each["complete"] for each in ours], "≤ 1200"))
    print(row("bare window, everything imported first", [each["shell"] for each in eager], "for comparison"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
