"""What a model says to the beginnings of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.session.messages.model import ModelRef
from embstudio.session.messages.trace import TraceRequest

if TYPE_CHECKING:  # the window is painted, and the worker started, before numpy is loaded
    import numpy as np


@dataclass(frozen=True)
class PrefixRequest:
    """What the output head says to the beginnings of a text, each run by itself: of a model that gives scores for the
    whole text, or for its last token, only. Answered by `Prefixes`, with as many of the places as could be run in a
    fraction of a second, at least one; the rest is to be asked for again.

    input:  whose points do not count. places: tokens of its trace; the text is run up to and with each.
    key:    whom it is for, as in `OpenRequest`. serial: to tell answers apart.
    """

    model: ModelRef
    input: TraceRequest
    places: tuple[int, ...]
    key: int = 0
    serial: int = 0


@dataclass(frozen=True)
class Prefixes:
    """scores [n, class or vocab]: the output head's, after each of `places`, the first n of those asked for."""

    model: ModelRef
    key: int
    serial: int
    places: tuple[int, ...]
    scores: np.ndarray
