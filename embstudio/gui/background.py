"""The one door off the UI thread: requests go out to the worker process, replies come back as Qt signals.

It does: send requests, hand replies over on the thread that owns this object, restart a worker that died; have
something called on that thread (`post`).
You must not: block waiting for a reply, or touch a widget from anywhere but a slot of these signals.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from embstudio.session.messages import Request
from embstudio.session.worker_client import WorkerClient


class Background(QObject):
    """`submit` sends; `replied` and `died` arrive on the UI thread (they are queued across threads)."""

    replied = Signal(object)
    died = Signal(str)
    _posted = Signal(object)

    def __init__(self, client: WorkerClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        client.on_reply = self.replied.emit
        client.on_died = self.died.emit
        self._posted.connect(self._call)

    def submit(self, request: Request, lane: str) -> None:
        """Send a request; a newer one in the same lane replaces an older one."""
        self._client.submit(request, lane)

    def cancel(self, lane: str) -> None:
        """Give up what runs or waits in a lane; no reply will come."""
        self._client.cancel(lane)

    def post(self, do: Callable[[], object]) -> None:
        """Have something called on the UI thread; from any thread."""
        with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
            self._posted.emit(do)

    @Slot(object)
    def _call(self, do: Callable[[], object]) -> None:
        do()

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker that runs now."""
        return self._client.pid

    def close(self) -> None:
        """End the worker and wait until it is gone."""
        self._client.close()
