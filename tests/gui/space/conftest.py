"""What the tests of pages that are asked with words share: the bundled words, and small sets made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.asking_page import AskingPage
from embstudio.gui.panels.space.lookups import Lookups
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner
from embstudio.space.files import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio

ShowPage = Callable[..., AskingPage]


@pytest.fixture(scope="session")
def words() -> VectorSet:
    """The table of the bundled word vectors."""
    source = find("words")
    return Runner.open(ModelRef(source.path, source.tokenizer)).table


@pytest.fixture
def few() -> VectorSet:
    """Thirty words in five dimensions, in no order; one is zero."""
    vectors = np.random.default_rng(7).normal(size=(30, 5)).astype(np.float32)
    vectors[29] = 0
    return VectorSet((*(f"w{row:02}" for row in range(29)), "nothing"), vectors)


@pytest.fixture
def show_page(theme: Theme, show: Callable, qapp: QApplication) -> ShowPage:
    """show_page(Page, set, width, height): shown, and asked what it asks first; `settled` waits for an answer."""

    def start(kind: type[AskingPage], vectors: VectorSet | None, width: int = 900, height: int = 520) -> AskingPage:
        studio = Studio(lambda *_: None, lambda _: None)
        if vectors is not None:
            studio.vector_sets._add(Path("by-hand.txt"), LoadOptions(), vectors)
        page = kind(studio, theme, Lookups(studio, Preparation(qapp)))
        show(page, width, height)
        page.show_set()
        return page

    return start


@pytest.fixture
def settled(qtbot: QtBot) -> Callable[[AskingPage], None]:
    """settled(page) waits until every question is answered."""

    def wait(page: AskingPage) -> None:
        qtbot.waitUntil(lambda: not page.busy)

    return wait
