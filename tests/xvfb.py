"""A screen that nobody sees, for tests of the real window."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment for a program with a real window: an Xvfb of our own on a free display, settings of its own.

    Without Xvfb the screen that is there is used; without either the test is skipped.
    """
    home = tmp_path_factory.mktemp("home")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND_"))}
    environment |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "LC_ALL": "C.UTF-8"}
    program = shutil.which("Xvfb")
    if program is None:
        if "DISPLAY" not in environment:
            pytest.skip("there is neither Xvfb nor a display (Debian: apt-get install xvfb)")
        yield environment
        return
    with _xvfb(program, home / "xvfb.log") as server:
        yield environment | {"DISPLAY": server}


@contextmanager
def _xvfb(program: str, log: Path) -> Iterator[str]:
    """Start it and give its display; it picks a free number and writes that once it is ready."""
    reading, writing = os.pipe()
    command = [program, "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, pass_fds=[writing])
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            display = number.readline().strip()
        assert display, f"Xvfb did not start: {log.read_text(encoding='utf-8', errors='replace')}"
        yield f":{display}"
    finally:
        process.terminate()
        process.wait()
