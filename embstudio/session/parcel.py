"""A reply cut in two for its journey: a small head for the pipe and the arrays' bytes for shared memory.

pickle's out-of-band buffers (PEP 574) find the arrays wherever they are in a reply. Arrays smaller than SMALL stay
in the head: a message of their own would cost more than copying them. No numpy here: the window imports this file
before its first paint.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass

SMALL = 4096  # bytes
_ALIGN = 64  # so that every array starts where the processor likes it


@dataclass(frozen=True)
class Parcel:
    """head: the reply without its large arrays; buffers: their bytes, in order."""

    head: bytes
    buffers: tuple[memoryview, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(buffer.nbytes for buffer in self.buffers)


def pack(reply: object) -> Parcel:
    """Take a reply apart. Nothing is copied but small arrays and those that are not contiguous."""
    buffers: list[memoryview] = []

    def keep_inside(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < SMALL:
            return True
        buffers.append(raw)
        return False

    head = pickle.dumps(reply, protocol=5, buffer_callback=keep_inside)
    return Parcel(head, tuple(buffers))


def unpack(head: bytes, buffers: Sequence[object]) -> object:
    """Put a reply together again around its buffers, which it keeps."""
    return pickle.loads(head, buffers=buffers)


def room(sizes: Sequence[int]) -> int:
    """Bytes that buffers of these sizes take, one after the other and aligned."""
    return sum(_padded(size) for size in sizes)


def write(parcel: Parcel, block: memoryview) -> None:
    """Copy the buffers into a block of at least `room(parcel.sizes)` bytes."""
    at = 0
    for buffer in parcel.buffers:
        block[at : at + buffer.nbytes] = buffer
        at += _padded(buffer.nbytes)


def cut(block: memoryview, sizes: Sequence[int]) -> list[memoryview]:
    """The parts of a block that `write` filled, without copying."""
    parts, at = [], 0
    for size in sizes:
        parts.append(block[at : at + size])
        at += _padded(size)
    return parts


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN
