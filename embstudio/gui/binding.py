"""Tying a widget to the studio: a connection that ends when the widget does."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from PySide6.QtCore import QObject

from embstudio.base.events import Signal

P = ParamSpec("P")


def bind(owner: QObject, signal: Signal[P], listener: Callable[P, object]) -> None:
    """Call `listener` on each emit for as long as `owner` lives on Qt's side."""
    disconnect = signal.connect(listener)
    owner.destroyed.connect(lambda *_: disconnect())
