"""Running a verb in this process, as the command would."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from embstudio.__main__ import main


class Said(NamedTuple):
    """What a verb left behind."""

    status: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def embstudio(capsys: pytest.CaptureFixture[str]) -> Command:
    """`embstudio("inspect", "words")` does the verb and returns what it said."""

    def command(*arguments: object) -> Said:
        status = main([str(argument) for argument in arguments])
        return Said(status, *capsys.readouterr())

    return command
