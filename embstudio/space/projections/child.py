"""The process that draws one picture: it is given vectors and a method, and sends back what it has so far.

No numpy at the top: whoever starts the process imports this file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError, WorkerError

if TYPE_CHECKING:
    from embstudio.space.projections.handover import Parcel
    from embstudio.space.projections.method import Method
    from embstudio.space.projections.snapshot import Snapshot

_EVERY = 0.1  # seconds between two pictures


@dataclass(frozen=True)
class Assignment:
    """Down to the child, first; the vectors follow where the parcel says so."""

    method: Method
    seed: int
    vectors: Parcel


@dataclass(frozen=True)
class Enough:
    """Down to the child: send what you have and end."""


@dataclass(frozen=True)
class Shown:
    """Up: a better picture."""

    snapshot: Snapshot


@dataclass(frozen=True)
class Ended:
    """Up, last. snapshot: the best there is, if there is one that was not sent yet."""

    snapshot: Snapshot | None = None
    error: StudioError | None = None


def main(connection: Connection) -> None:
    """Draw what the first message asks for, then end. Ends at once when the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the window; it ends us through the pipe
    with contextlib.suppress(EOFError, OSError):  # nobody is left who could want it
        connection.send(_draw(connection))
    # Shared memory that arrays still lie in cannot be closed in good order, and need not be.
    os._exit(0)


def _draw(connection: Connection) -> Ended:
    """Send pictures until there is no better one, or nobody wants one. Raises EOFError and OSError of the pipe."""
    assignment: Assignment = connection.recv()
    try:
        from embstudio.space.projections.handover import take
    except ImportError as error:
        return Ended(error=WorkerError("The library for arrays could not be loaded.", detail=str(error),
                                       advice="Install embstudio again."))  # fmt: skip
    try:
        vectors, block = take(assignment.vectors, connection)
    except OSError as error:
        return Ended(error=WorkerError("The vectors could not be handed to the process that draws them.",
                                       detail=str(error), advice="Open them again."))  # fmt: skip
    try:
        return _follow(connection, assignment, vectors)
    except StudioError as error:
        return Ended(error=error)
    except MemoryError as error:
        return Ended(error=WorkerError("There is not enough memory for this picture.", detail=str(error),
                                       advice="Draw fewer vectors, or close other models."))  # fmt: skip
    except (EOFError, OSError):
        raise
    except Exception:
        return Ended(error=WorkerError("Something unexpected happened while the picture was drawn.",
                                       detail=traceback.format_exc(),
                                       advice="Please report it with the details."))  # fmt: skip
    finally:
        del block  # not before: the vectors lie in it


def _follow(connection: Connection, assignment: Assignment, vectors: object) -> Ended:
    last: Snapshot | None = None
    due = 0.0
    for snapshot in assignment.method.pictures(vectors, assignment.seed):  # type: ignore[arg-type]  # numpy's, not named here
        last = snapshot
        if connection.poll():
            connection.recv()  # Enough, or EOFError
            break
        if time.monotonic() >= due and not snapshot.finished:
            connection.send(Shown(snapshot))
            last, due = None, time.monotonic() + _EVERY
    return Ended(last)
