"""What tests of widgets share: the theme, a studio that real models have answered, and silence."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import ModelSource, find
from embstudio.session.messages import (
    CellsRequest,
    ContextsRequest,
    EmbedRequest,
    GradientRequest,
    LensRequest,
    ModelRef,
    OpenRequest,
    OverviewRequest,
    PrefixRequest,
    Request,
    Table,
    TableRequest,
    Traced,
    TraceRequest,
)
from embstudio.session.runner import Runner
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio

# The offscreen platform has no window manager to tell sizes to or to bring tooltips to the front, nor a keyboard that
# a menu could keep for itself, and says so.
_EXPECTED = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
)

PATIENCE_MS = 120_000


class PatientBot(QtBot):
    """Waits two minutes for what does not come at once, where a test names no time of its own: pytest-qt's five seconds
    are soon over on a busy machine, where a child process takes longer than that to begin."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **rest: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **rest)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitExposed(widget, timeout=timeout)

    def waitActive(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitActive(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's, with more patience."""
    return PatientBot(request)


@pytest.fixture
def silent(qtlog: Any) -> Iterator[None]:
    """Fail the test on any Qt message that is not expected."""
    yield
    said = [record.message for record in qtlog.records if record.message.strip() not in _EXPECTED]
    assert not said


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The dark theme at text scale 1, put on."""
    theme = Theme(qapp)
    theme.apply("dark", 1.0)
    return theme


@lru_cache(maxsize=8)
def _runner(model: ModelRef) -> Runner:
    return Runner.open(model)


class OpenStudio(Studio):
    """A studio whose requests are answered at once, in this process, by the real session; `asked` keeps them."""

    def __init__(self, feeds: Mapping[str, np.ndarray] | None = None) -> None:
        super().__init__(self._keep, lambda lane: None)
        self.asked: list[Request] = []
        self._feeds = feeds

    def _keep(self, request: Request, _lane: str) -> None:
        self.asked.append(request)
        if isinstance(request, OpenRequest):
            self.receive(replace(_runner(request.model).opened, key=request.key))
        elif isinstance(request, TraceRequest):
            trace = _runner(request.model).trace(replace(request, feeds=self._feeds))
            self.receive(Traced(request.model, request.text, trace, request))
        elif isinstance(request, OverviewRequest):
            self.receive(_runner(request.model).overview(request))
        elif isinstance(request, PrefixRequest):
            self.receive(_runner(request.model).prefixes(request))
        elif isinstance(request, LensRequest):
            self.receive(_runner(request.model).lens(request))
        elif isinstance(request, CellsRequest):
            self.receive(_runner(request.model).cells())
        elif isinstance(request, GradientRequest):
            self.receive(_runner(request.model).gradients(request))
        elif isinstance(request, ContextsRequest):
            self.receive(_runner(request.model).contexts(request))
        elif isinstance(request, EmbedRequest):
            self.receive(_runner(request.model).embed(request))
        elif isinstance(request, TableRequest):
            self.receive(Table(request.model, _runner(request.model).table))

    @property
    def runner(self) -> Runner:
        """The session of the model that is open."""
        assert self.document is not None
        return _runner(self.document.opened.model)


OpenModel = Callable[..., OpenStudio]


@pytest.fixture
def open_model() -> OpenModel:
    """open_model(name or path, text) gives a studio with that model open and the text run. A model without a
    tokenizer takes token numbers as text; one with inputs that a text cannot fill takes feeds by name."""

    def start(
        model: str | Path, text: str = "The dog was cute", feeds: Mapping[str, np.ndarray] | None = None
    ) -> OpenStudio:
        studio = OpenStudio(feeds)
        studio.tokenizer_wanted.connect(lambda source: studio.open_with_tokenizer(source, None))
        studio.sentence = text
        studio.open(find(str(model)) if isinstance(model, str) else ModelSource(model))
        assert studio.trace is not None
        return studio

    return start


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[QWidget, int, int], None]:
    """show(widget, width, height) shows it and waits until it is painted."""

    def put(widget: QWidget, width: int, height: int) -> None:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()

    return put


@pytest.fixture
def endless_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of vectors are read as always, up to the first report of how far it is: then on and on, until stopped."""
    from embstudio.space.files.load import load as read

    def begin(path: Path, options: Any, progress: Callable[[float], object], check: Callable[[], object]) -> VectorSet:
        def tell(share: float) -> None:
            while share > 0:
                progress(share)
                check()  # raises once it is stopped
                time.sleep(0.01)

        return read(path, options, tell, check)

    monkeypatch.setattr(sys.modules[read.__module__], "load", begin)


@pytest.fixture
def pixel() -> Callable[[QWidget, QPointF], tuple[int, int, int]]:
    """pixel(widget, point) is the colour painted there."""

    def read(widget: QWidget, at: QPointF) -> tuple[int, int, int]:
        colour: QColor = widget.grab().toImage().pixelColor(int(at.x()), int(at.y()))
        return colour.red(), colour.green(), colour.blue()

    return read
