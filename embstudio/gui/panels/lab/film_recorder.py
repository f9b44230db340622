"""Saves a film on a thread of its own."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from embstudio.base.errors import StudioError, WorkerError
from embstudio.gui.panels.lab.film import Film
from embstudio.gui.panels.lab.film_file import Done, Plan

Write = Callable[[Film, Plan, Path, Done], None]


class _Enough(Exception):
    """Nobody wants it any more."""


class FilmRecorder(QObject):
    """progressed(pictures that are painted), saved(), failed(StudioError), cancelled(): one of the last three once.

    One film at a time. The program waits for the thread when it ends, so that nothing is left half done.
    """

    progressed = Signal(int)
    saved = Signal()
    failed = Signal(object)
    cancelled = Signal()
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._enough = Event()
        self._thread: Thread | None = None
        self._ended.connect(self._end)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.cancel)
        enough = self._enough
        self.destroyed.connect(lambda: enough.set())

    @property
    def busy(self) -> bool:
        """Whether a film is being saved."""
        return self._thread is not None

    def start(self, film: Film, plan: Plan, path: Path, write: Write) -> None:
        """Begin; returns at once."""
        assert self._thread is None
        self._enough.clear()
        self._thread = Thread(target=self._work, args=(film, plan, path, write), name="film")
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the picture that is being painted; nothing of the film stays. Returns at once."""
        self._enough.set()

    def _work(self, film: Film, plan: Plan, path: Path, write: Write) -> None:
        enough = self._enough

        def done(count: int) -> None:
            if enough.is_set():
                raise _Enough
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self.progressed.emit(count)

        outcome: StudioError | _Enough | None = None
        try:
            write(film, plan, path, done)
        except (StudioError, _Enough) as error:
            outcome = error
        except Exception:
            outcome = WorkerError("Something unexpected happened to the animation.", detail=traceback.format_exc(),
                                  advice="Please report it with the details.")  # fmt: skip
        with contextlib.suppress(RuntimeError):
            self._ended.emit(outcome)

    @Slot(object)
    def _end(self, outcome: object) -> None:
        if self._thread is not None:
            self._thread.join()
        self._thread = None
        if isinstance(outcome, StudioError):
            self.failed.emit(outcome)
        elif outcome is not None:
            self.cancelled.emit()
        else:
            self.saved.emit()
