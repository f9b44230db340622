"""What client and worker say to each other over their pipe, besides the requests and replies themselves.

Down to the worker: Work, Cancel, Room, Stop. Up to the client: Ready, CannotStart, Begun, NeedRoom, Done, Skipped.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.base.errors import StudioError
from embstudio.session.messages import Request


@dataclass(frozen=True)
class Work:
    """Do this, after what was asked before."""

    number: int
    request: Request


@dataclass(frozen=True)
class Cancel:
    """Nobody waits for this any more: leave it out, or stop it if it runs."""

    number: int


@dataclass(frozen=True)
class Room:
    """Answer to NeedRoom. block: name of shared memory that may be written until Done; "": there is none, use the
    pipe; None: nobody wants the reply any more."""

    block: str | None


@dataclass(frozen=True)
class Stop:
    """Come to an end."""


@dataclass(frozen=True)
class Ready:
    """The libraries are loaded."""


@dataclass(frozen=True)
class CannotStart:
    """The libraries cannot be loaded, and trying again would not help."""

    error: StudioError


@dataclass(frozen=True)
class Begun:
    """This request is being worked on. If the worker dies now, it was this one."""

    number: int


@dataclass(frozen=True)
class NeedRoom:
    """A reply is finished and has arrays of so many bytes."""

    number: int
    size: int


@dataclass(frozen=True)
class Done:
    """A reply, as `parcel.pack` cut it. inline: its buffers follow through the pipe, else they are in the block."""

    number: int
    head: bytes
    sizes: tuple[int, ...]
    inline: bool


@dataclass(frozen=True)
class Skipped:
    """A cancelled request was left out or stopped."""

    number: int
