"""Signals call in order, and a listener may leave while it is called."""

from __future__ import annotations

from embstudio.base.events import Signal


def test_listeners_are_called_in_order_with_what_was_emitted() -> None:
    heard: list[tuple[str, int]] = []
    signal: Signal[int] = Signal()
    signal.connect(lambda n: heard.append(("first", n)))
    stop = signal.connect(lambda n: heard.append(("second", n)))
    signal.emit(1)
    stop()
    stop()
    signal.emit(2)
    assert heard == [("first", 1), ("second", 1), ("first", 2)]


def test_a_listener_that_leaves_does_not_lose_the_next() -> None:
    heard: list[str] = []
    signal: Signal[[]] = Signal()

    def once() -> None:
        heard.append("once")
        stop()

    stop = signal.connect(once)
    signal.connect(lambda: heard.append("always"))
    signal.emit()
    signal.emit()
    assert heard == ["once", "always", "always"]


def test_leaving_twice_ends_only_that_connection() -> None:
    heard: list[int] = []
    signal: Signal[[int]] = Signal()
    stop = signal.connect(heard.append)
    signal.connect(heard.append)
    stop()
    stop()
    signal.emit(1)
    assert heard == [1]
