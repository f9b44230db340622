"""What onnxruntime says to nobody in particular while it does something: why a provider could not be used, mostly.

Since 1.32 it hands its messages to a function. Older ones, and the libraries of GPUs, write them to standard error,
which is turned into a file meanwhile: a few milliseconds, in the worker or on the command line.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

import onnxruntime

_ERROR, _FATAL = 3, 4
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_HEAD = re.compile(r"^\S+ \S+ \[[VIWEF]:[^\]]*\]\s*")  # date, time, [E:onnxruntime:Default, file:line function]


@contextmanager
def listening(*, severity: int = _ERROR, afterwards: int = _FATAL) -> Iterator[list[str]]:
    """Within, what is said ends up in the list, which is whole when the block is left."""
    said: list[str] = []
    hear = getattr(onnxruntime, "set_default_logger_callback", None)
    with _standard_error() as file:
        if hear is not None:
            hear(lambda _severity, _category, _logid, _location, message: said.append(message), severity)
        onnxruntime.set_default_logger_severity(severity)
        try:
            yield said
        finally:
            if hear is not None:
                hear(None)
            onnxruntime.set_default_logger_severity(afterwards)
    if file is not None:
        with file:
            file.seek(0)
            text = _COLOURS.sub("", file.read().decode("utf-8", "replace"))
        said += [_HEAD.sub("", line).strip() for line in text.splitlines() if line.strip()]


@contextmanager
def _standard_error() -> Iterator[IO[bytes] | None]:
    """Within, what libraries write to standard error goes to a file; None where there is no such thing to turn."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, AttributeError, ValueError):  # a window without a console
        yield None
        return
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - read after the block that writes it
        os.dup2(file.fileno(), 2)
    except OSError:
        os.close(kept)
        yield None
        return
    try:
        yield file
    finally:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
