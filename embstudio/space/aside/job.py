"""What can be worked out in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class Result(Protocol):
    """What there is so far; it travels through a pipe."""

    @property
    def finished(self) -> bool: ...


class Job(Protocol):
    """What is to be done with a table of vectors; it travels through a pipe, so its class stands in a module."""

    def results(self, vectors: np.ndarray) -> Iterator[Result]:
        """Each better than the one before, the last one finished. Yields as often as it can: it can be stopped there.

        Raises StudioError where it cannot be done.
        """
        ...


def _as_it_is(result: Any) -> Any:
    return result


@dataclass(frozen=True)
class Work:
    """A job and its table [rows, width], which must not be changed while it is worked on.

    dressed: what becomes of each result on this side before it is shown.
    """

    job: Job
    vectors: np.ndarray
    dressed: Callable[[Any], Any] = _as_it_is
