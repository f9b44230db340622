"""The real program: real window, real worker process, real bundled models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.program import Program
from embstudio.session.worker_client import WorkerClient
from embstudio.studio import Notice

OpenProgram = Callable[..., Program]


@pytest.fixture
def open_program(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[OpenProgram]:
    """Start the program as `embstudio open [model] [--text t]` would, and wait for its first trace."""
    opened: list[tuple[Program, WorkerClient]] = []

    def start(model: str | None = None, text: str | None = None, settings: Path | None = None) -> Program:
        client = WorkerClient()
        client.start()
        program = Program(qapp, client, settings or tmp_path / "settings.json")
        opened.append((program, client))
        program.start(model, text)
        qtbot.waitUntil(lambda: program.studio.trace is not None)
        qtbot.waitUntil(lambda: program.furnished)
        return program

    yield start
    for program, client in opened:
        program.window.close()
        client.close()
        program.window.deleteLater()
        program.deleteLater()
    qapp.processEvents()


def space_of(program: Program, qtbot: QtBot) -> SpacePanel:
    """The Space panel, once it came into sight: it is built then."""
    panel = program.window.docks["space"].widget()
    assert isinstance(panel, SpacePanel)
    qtbot.waitUntil(lambda: hasattr(panel, "map_page"))
    return panel


@pytest.fixture
def program(open_program: OpenProgram) -> Program:
    """The program as a newcomer sees it first."""
    return open_program()


@pytest.fixture
def notices(program: Program) -> list[Notice]:
    """Everything the program says to the person from here on."""
    said: list[Notice] = []
    program.studio.noticed.connect(said.append)
    return said


@pytest.fixture
def settle(qtbot: QtBot, program: Program) -> Callable[[str], None]:
    """Wait until the trace shown is that of a text."""

    def wait(text: str) -> None:
        studio = program.studio
        qtbot.waitUntil(lambda: studio.trace is not None and studio.trace.text == text)

    return wait
