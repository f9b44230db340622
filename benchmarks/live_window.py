"""The real program in this process, driven by a benchmark: real worker, real window, real key events."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from embstudio.gui import app
from embstudio.gui.program import Program
from embstudio.session.worker_client import WorkerClient

PATIENCE_S = 300


class LiveWindow:
    """A window that is open on a model. Times are wall-clock milliseconds until everything pending is painted."""

    def __init__(self, application: QApplication, program: Program) -> None:
        self.application = application
        self.program = program

    def paint(self) -> None:
        """Let Qt handle everything that waits: layout, updates, paint events."""
        for _ in range(3):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            self.application.processEvents()

    def wait(self, done: Callable[[], bool]) -> None:
        """Handle events until something is so. Raises TimeoutError."""
        limit = time.perf_counter() + PATIENCE_S
        while not done():
            self.application.processEvents()
            if time.perf_counter() > limit:
                raise TimeoutError("the window did not get there")
        self.paint()

    def timed(self, act: Callable[[], None], done: Callable[[], bool] = lambda: True) -> float:
        """Milliseconds from just before `act` until it is done and painted."""
        start = time.perf_counter()
        act()
        self.wait(done)
        return 1000 * (time.perf_counter() - start)

    def open(self, model: str, sentence: str) -> None:
        """Open a model and wait until the sentence's trace, vectors and neighbours are there."""
        studio = self.program.studio
        studio.open(model)
        self.wait(lambda: studio.document is not None and studio.document.source.name == model)
        studio.type(sentence)
        self.wait(lambda: studio.trace is not None and studio.trace.text == sentence and not studio.busy)
        studio.want_neighbours()
        self.wait(lambda: studio.neighbours is not None or not studio.document.opened.anatomy.embeddings)  # type: ignore[union-attr]


@contextmanager
def live_window(width: int = 1360, height: int = 860) -> Iterator[LiveWindow]:
    """Open the program with settings of its own, and close it again."""
    client = WorkerClient()
    client.start()
    with tempfile.TemporaryDirectory() as folder:
        application, program = app.build(client, Path(folder) / "settings.json")
        program.start()
        program.window.resize(width, height)
        window = LiveWindow(application, program)
        window.wait(lambda: program.studio.trace is not None)
        try:
            yield window
        finally:
            program.window.close()
            client.close()
