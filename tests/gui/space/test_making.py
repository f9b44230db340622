"""Making vectors in the window: what the dialog reads and asks for, and what the bar says from beginning to end."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from embstudio.base.errors import VectorFileError
from embstudio.gui.panels.space.making_bar import MakingBar, pace_words
from embstudio.gui.panels.space.making_dialog import MakingDialog
from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import EmbedRequest
from embstudio.studio import Studio
from embstudio.studio.vector_making import Pace, VectorMaking

pytestmark = pytest.mark.usefixtures("silent")

TEXTS = [f"The {who} saw the {what}." for who in ("dog", "cat", "king") for what in ("sea", "house", "boat", "tax")]


class Post(QObject):
    """Has things called on the thread of the test, as the program does."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.posted.connect(self._call)

    def _call(self, do: Callable[[], object]) -> None:
        do()


@pytest.fixture
def studio(open_model: Callable) -> Iterator[Studio]:
    studio, post = open_model("sentences"), Post()
    studio.vector_sets.making.post = studio.vector_sets.loading.post = post.posted.emit
    yield studio
    studio.vector_sets.making.close()
    studio.vector_sets.loading.close()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CSV whose longest column has the texts."""
    path = tmp_path / "reviews.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("id", "text", "kind"), *((row, text, "ab"[row % 2]) for row, text in enumerate(TEXTS))]
        )
    return path


@pytest.fixture
def dialog(studio: Studio, theme: Theme, qtbot: QtBot) -> MakingDialog:
    made = MakingDialog(studio, theme)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def choose(dialog: MakingDialog, qtbot: QtBot, path: Path) -> None:
    dialog.texts.setText(str(path))
    qtbot.waitUntil(lambda: not dialog.busy)


def test_a_column_becomes_a_set_that_is_looked_at(
    dialog: MakingDialog, studio: Studio, theme: Theme, show: Callable, qtbot: QtBot, table: Path
) -> None:
    panel = SpacePanel(studio, theme)
    show(panel, 900, 560)
    assert not panel.making_bar.isVisible()
    choose(dialog, qtbot, table)
    assert dialog.column.currentText() == "text"
    assert dialog.said.text().startswith("12 texts; kept beside them: id, kind.")
    assert dialog.out.text() == str(table.with_suffix(".npz"))
    assert dialog.make.isEnabled()
    dialog.make.click()
    assert panel.making_bar.isVisible()
    assert panel.making_bar.stop.isVisible()
    qtbot.waitUntil(lambda: studio.vector_sets.chosen is not None)
    active = studio.vector_sets.active
    assert active is not None
    assert list(active.words) == TEXTS
    assert active.metadata["kind"] == tuple("ab" * 6)
    own = studio.runner.embed(EmbedRequest(studio.document.opened.model, tuple(TEXTS))).vectors  # type: ignore[attr-defined,union-attr]
    assert np.abs(active.vectors - own).max() <= 1e-5 * np.abs(own).max()
    assert not panel.making_bar.isVisible()
    panel.map_page.picture.run.close()


def test_another_column_can_be_chosen(dialog: MakingDialog, qtbot: QtBot, table: Path) -> None:
    choose(dialog, qtbot, table)
    dialog.column.setCurrentText("kind")
    dialog.column.activated.emit(2)
    qtbot.waitUntil(lambda: not dialog.busy)
    assert dialog.found is not None
    assert dialog.found.texts.texts == tuple("ab" * 6)


def test_what_cannot_be_read_is_said_and_another_encoding_helps(
    dialog: MakingDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("caf\xe9\nth\xe9\n".encode("latin-1"))
    choose(dialog, qtbot, path)
    assert "not in utf-8" in dialog.said.text()
    assert "Choose another encoding." in dialog.said.text()
    assert not dialog.make.isEnabled()
    dialog.encoding.setCurrentText("latin-1")
    dialog.encoding.activated.emit(1)
    qtbot.waitUntil(lambda: not dialog.busy)
    assert dialog.found is not None
    assert dialog.found.texts.texts == ("café", "thé")
    assert dialog.make.isEnabled()
    choose(dialog, qtbot, tmp_path / "none.txt")
    assert "could not be read" in dialog.said.text()
    assert not dialog.make.isEnabled()


def test_where_it_cannot_be_saved_is_said(dialog: MakingDialog, qtbot: QtBot, table: Path) -> None:
    choose(dialog, qtbot, table)
    for out, why in (
        ("", "Say where"), (str(table), "the file of the texts"),
        (str(table.with_suffix(".xyz")), "cannot be saved as .xyz. Endings that can: .npz"),
        (str(table.parent / "no" / "made.npz"), "There is no folder"),
    ):  # fmt: skip
        dialog.out.setText(out)
        assert why in dialog.saved.text(), out
        assert not dialog.make.isEnabled()
    (table.parent / "made.npz").write_bytes(b"old")
    (table.parent / "made.npz.part").write_bytes(b"begun")
    dialog.out.setText(str(table.parent / "made.npz"))
    assert dialog.saved.text().startswith("What was begun before is gone on with. The file that is there is replaced")
    assert dialog.make.isEnabled()


def test_a_model_without_vectors_of_texts_makes_none(
    open_model: Callable, theme: Theme, qtbot: QtBot, table: Path
) -> None:
    dialog = MakingDialog(open_model("sentiment-lstm"), theme)
    qtbot.addWidget(dialog)
    choose(dialog, qtbot, table)
    assert not dialog.make.isEnabled()
    assert "makes no vector of a whole text" in dialog.source.refusal.text()


def hold_where_one_can_stop(making: VectorMaking) -> None:
    """Let vectors be made up to where some are there, and no further before it is stopped, however slow this is."""
    post = making.post

    def slowly(do: Callable[[], object]) -> None:
        seen = Event()
        post(lambda: (do(), seen.set()))
        while not making.stopping and (not seen.is_set() or (making.pace is not None and making.pace.done > 0)):
            if not making.running:
                return
            time.sleep(0.005)

    making.post = slowly


def test_the_bar_stops_goes_on_and_throws_away(
    studio: Studio, theme: Theme, show: Callable, dialog: MakingDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    making = studio.vector_sets.making
    hold_where_one_can_stop(making)
    bar = MakingBar(making)
    show(bar, 700, 80)
    path = tmp_path / "many.txt"
    path.write_text("\n".join(f"{text} {at}" for at in range(300) for text in TEXTS), encoding="utf-8")
    choose(dialog, qtbot, path)
    dialog.make.click()
    assert "opening Sentence vectors" in bar.telling.text()
    qtbot.waitUntil(lambda: making.pace is not None and making.pace.done > 0)
    assert "of 3,600 texts" in bar.telling.text()
    bar.stop.click()
    qtbot.waitUntil(lambda: not making.running)
    assert bar.telling.text().startswith("Stopped after ")
    assert bar.go_on.isVisible()
    assert not bar.stop.isVisible()
    bar.go_on.click()
    qtbot.waitUntil(lambda: making.pace is not None)
    assert "were there before" in bar.telling.text()
    bar.stop.click()
    qtbot.waitUntil(lambda: not making.running)
    bar.delete.click()
    assert not bar.isVisible()
    assert not list(tmp_path.glob("many.npz*"))


def test_an_unfinished_file_of_something_else_is_said(
    studio: Studio, theme: Theme, show: Callable, dialog: MakingDialog, qtbot: QtBot, table: Path
) -> None:
    making = studio.vector_sets.making
    bar = MakingBar(making)
    show(bar, 700, 80)
    table.with_name("reviews.npz.part").write_bytes(b"something else")
    choose(dialog, qtbot, table)
    dialog.make.click()
    qtbot.waitUntil(lambda: not making.running)
    assert isinstance(making.error, VectorFileError)
    assert "cannot be gone on with" in bar.fault.text()
    assert bar.anew.isVisible()
    assert not bar.go_on.isVisible()
    bar.close_bar.click()
    assert not bar.isVisible()
    assert table.with_name("reviews.npz.part").exists()


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        (Pace(0, 500, 0), "0 of 500 texts"),
        (Pace(100, 5000, 0, 310.2), "100 of 5,000 texts, 310 a second, 16 s left"),
        (Pace(100, 5000, 40, 0.5), "100 of 5,000 texts, 2.0 s each, 2.7 h left, 40 were there before"),
    ],
)
def test_how_far_it_is(pace: Pace, said: str) -> None:
    assert pace_words(pace) == said
