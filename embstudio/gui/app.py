"""Starting and ending the program with a window.

The order is what makes it feel quick: the worker starts first and loads onnxruntime beside us, the shell is painted
next, and only then are numpy and the panels imported.
"""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from embstudio.base import paths
from embstudio.session.worker_client import WorkerClient
from embstudio.studio import Notice, Severity, Studio

if TYPE_CHECKING:  # `run` starts the worker before Qt is imported
    from PySide6.QtWidgets import QApplication

    from embstudio.gui.program import Program


def run(
    model: str | None = None,
    text: str | None = None,
    screenshot: Path | None = None,
    quit_after: float | None = None,
    provider: str = "",
) -> int:
    """Open the window and stay until it is closed; returns the exit status.

    screenshot: save a picture of the window there once the first trace is painted.
    quit_after: close by itself so many seconds after that, for checks of an installation.
    provider: how to run models this time; "" as was chosen last.
    """
    client = WorkerClient()
    client.start()
    try:
        return _run_window(client, model, text, screenshot, quit_after, provider)
    finally:
        client.close()


def build(client: WorkerClient, settings_file: Path) -> tuple[QApplication, Program]:
    """The application and its program, ready for `Program.start`."""
    # What a start allocates lives as long as the program does: collecting garbage meanwhile finds none, and later
    # collections need not look through it again.
    gc.disable()
    from PySide6.QtWidgets import QApplication

    from embstudio.gui.program import Program

    application = QApplication(sys.argv[:1])
    application.setApplicationName("embstudio")
    application.setDesktopFileName("embstudio")
    program = Program(application, client, settings_file)
    program.window.painted.connect(_collect_garbage_again)  # after the program has furnished the window
    return application, program


def _run_window(
    client: WorkerClient,
    model: str | None,
    text: str | None,
    screenshot: Path | None,
    quit_after: float | None,
    provider: str,
) -> int:
    application, program = build(client, paths.settings_file())
    from PySide6.QtCore import QTimer

    from embstudio.gui.interrupt import Interrupt

    sys.excepthook = _reporter(program.studio)
    interrupt = Interrupt(program.window.close, program)
    program.studio.provider = provider or program.studio.provider
    program.start(model, text)
    if screenshot is not None:
        program.once_settled(partial(program.save_screenshot, screenshot))
    if quit_after is not None:
        close = partial(QTimer.singleShot, round(1000 * quit_after), program.window.close)
        program.once_settled(close)
    try:
        return application.exec()
    finally:
        interrupt.close()


def _collect_garbage_again() -> None:
    gc.freeze()
    gc.enable()


def _reporter(studio: Studio) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An excepthook that tells the person and lives on."""

    def report(kind: type[BaseException], error: BaseException, trail: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trail))
        sys.stderr.write(text)
        studio.noticed.emit(
            Notice(
                Severity.ERROR,
                "Something went wrong inside embstudio. What you see is still the last good state.",
                "You can go on. Please report the details if it happens again.",
                text,
            )
        )

    return report
