"""The process that does one job: it is given a table of vectors, and sends back what it has so far.

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
    from embstudio.space.aside.handover import Parcel
    from embstudio.space.aside.job import Job, Result

_EVERY = 0.1  # seconds between two results


@dataclass(frozen=True)
class Assignment:
    """Down to the child, first; the vectors follow where the parcel says so."""

    job: Job
    vectors: Parcel


@dataclass(frozen=True)
class Enough:
    """Down to the child: send what you have and end."""


@dataclass(frozen=True)
class Shown:
    """Up: a better result."""

    result: Result


@dataclass(frozen=True)
class Ended:
    """Up, last. result: the best there is, if there is one that was not sent yet."""

    result: Result | None = None
    error: StudioError | None = None


def main(connection: Connection) -> None:
    """Do what the first message asks for, then end. Ends at once when the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the window; it ends us through the pipe
    with contextlib.suppress(EOFError, OSError):  # nobody is left who could want it
        connection.send(_work(connection))
    # Shared memory that arrays still lie in cannot be closed in good order, and need not be.
    os._exit(0)


def _work(connection: Connection) -> Ended:
    """Send results until there is no better one, or nobody wants one."""
    assignment: Assignment = connection.recv()
    try:
        from embstudio.space.aside.handover import take
    except ImportError as error:
        return Ended(error=WorkerError("The library for arrays could not be loaded.", detail=str(error),
                                       advice="Install embstudio again."))  # fmt: skip
    try:
        vectors, block = take(assignment.vectors, connection)
    except OSError as error:
        return Ended(error=WorkerError("The vectors could not be handed to the process that works on them.",
                                       detail=str(error), advice="Open them again."))  # fmt: skip
    try:
        return _follow(connection, assignment, vectors)
    except StudioError as error:
        return Ended(error=error)
    except MemoryError as error:
        return Ended(error=WorkerError("There is not enough memory for this.", detail=str(error),
                                       advice="Take fewer vectors, or close other programs."))  # fmt: skip
    except Exception:  # of the pipe too: then nobody will get to hear of it
        return Ended(error=WorkerError("Something unexpected happened while this was worked out.",
                                       detail=traceback.format_exc(),
                                       advice="Please report it with the details."))  # fmt: skip
    finally:
        del block  # not before: the vectors lie in it


def _follow(connection: Connection, assignment: Assignment, vectors: object) -> Ended:
    last: Result | None = None
    due = 0.0
    for result in assignment.job.results(vectors):  # type: ignore[arg-type]  # an array; numpy is not named here
        last = result
        if connection.poll():
            connection.recv()  # Enough, or EOFError
            break
        if time.monotonic() >= due and not result.finished:
            connection.send(Shown(result))
            last, due = None, time.monotonic() + _EVERY
    return Ended(last)
