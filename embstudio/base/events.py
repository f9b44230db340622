"""A tiny signal: call every listener, in order, on the caller's thread. Qt-free by design.

Listeners are held strongly; a view that goes away disconnects itself (the gui does that in `gui.binding`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Signal(Generic[P]):
    """`signal.connect(f)`; `signal.emit(...)` calls `f(...)`. Connecting twice calls twice."""

    def __init__(self) -> None:
        self._listeners: dict[object, Callable[P, object]] = {}

    def connect(self, listener: Callable[P, object]) -> Callable[[], None]:
        """Add a listener; returns a function that ends this one connection (safe to call twice)."""
        connection = object()
        self._listeners[connection] = listener

        def disconnect() -> None:
            self._listeners.pop(connection, None)

        return disconnect

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        # A copy, since a listener may disconnect itself while it is called.
        for listener in tuple(self._listeners.values()):
            listener(*args, **kwargs)
