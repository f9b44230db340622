"""Ctrl-C in the terminal closes the window.

Python runs signal handlers only between its own steps, and while Qt waits for events it takes none. So the signal
also writes a byte to a socket that Qt watches, which wakes Python up.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class Interrupt(QObject):
    """Calls `do` on SIGINT for as long as it lives."""

    def __init__(self, do: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._ours, self._signals = socket.socketpair()
        for end in (self._ours, self._signals):
            end.setblocking(False)
        signal.set_wakeup_fd(self._signals.fileno())
        signal.signal(signal.SIGINT, lambda *_: do())
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(lambda *_: self._ours.recv(64))

    def close(self) -> None:
        """Hand SIGINT back to Python."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._ours.close()
        self._signals.close()
