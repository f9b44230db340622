"""Who waits for what: one request a lane, a newer one in the place of an older one.

Used from several threads; knows nothing of processes. No onnx, onnxruntime or numpy here.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from embstudio.session.messages import Request


@dataclass
class Ticket:
    """A request somebody waits for. deaths: how many workers died while at it."""

    number: int
    lane: str
    request: Request
    deaths: int = 0


class Lanes:
    """The requests that are still wanted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tickets: dict[str, Ticket] = {}
        self._last = 0

    def add(self, request: Request, lane: str) -> int:
        """Want a request; what was wanted in the lane before no longer is. Returns its number, rising from 1."""
        with self._lock:
            self._last += 1
            self._tickets.pop(lane, None)  # so that the dictionary stays in the order of asking
            self._tickets[lane] = Ticket(self._last, lane, request)
            return self._last

    def clear(self, lane: str) -> None:
        """Want nothing in a lane."""
        with self._lock:
            self._tickets.pop(lane, None)

    def find(self, number: int) -> Ticket | None:
        """The ticket with this number if it is still wanted."""
        with self._lock:
            return next((ticket for ticket in self._tickets.values() if ticket.number == number), None)

    def take(self, number: int) -> Ticket | None:
        """As `find`, and stop waiting for it: it is about to be answered."""
        with self._lock:
            for lane, ticket in self._tickets.items():
                if ticket.number == number:
                    return self._tickets.pop(lane)
            return None

    def wanted(self) -> list[Ticket]:
        """All tickets, oldest first."""
        with self._lock:
            return list(self._tickets.values())
