"""Which system libraries are there, and what a person is told to install."""

from __future__ import annotations

import pytest

from embstudio.base import system_libraries
from embstudio.base.system_libraries import ALWAYS, X11, SystemLibrary, can_load, install_command, missing

ABSENT = SystemLibrary("libno-such-thing.so.9", "libno-such-thing9", "no-such-thing")


def test_a_library_that_is_not_there_is_found_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries.sys, "platform", "linux")
    assert not can_load(ABSENT)
    assert ABSENT in missing((*ALWAYS, ABSENT))


def test_other_systems_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries.sys, "platform", "darwin")
    assert missing((ABSENT,)) == ()


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("apt-get", "sudo apt-get install libxcb-randr0 libxcb-shm0 libno-such-thing9"),
        ("dnf", "sudo dnf install libxcb no-such-thing"),  # one package holds both
    ],
)
def test_the_command_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch, tool: str, expected: str) -> None:
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: name if name == tool else None)
    pair = tuple(library for library in X11 if library.file in {"libxcb-randr.so.0", "libxcb-shm.so.0"})
    assert install_command((*pair, ABSENT)) == expected


def test_an_unknown_system_is_told_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries.shutil, "which", lambda _name: None)
    assert "apt-get" in install_command((ABSENT,))
    assert "dnf" in install_command((ABSENT,))
