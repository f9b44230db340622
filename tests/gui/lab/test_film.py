"""A training saved as an animation: real states, real pictures, files that are whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from embstudio.base.errors import StudioError
from embstudio.gui.panels.lab.film import MapFilm
from embstudio.gui.panels.lab.film_dialog import PICTURES, FilmDialog
from embstudio.gui.panels.lab.film_file import Plan, write_gif, write_pictures
from embstudio.gui.panels.lab.word2vec_page import Word2vecPage
from embstudio.gui.panels.lab_panel import LabPanel
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.messages import Standing
from embstudio.studio import Notice, Studio
from tests.gui.lab.test_word2vec_page import PATIENCE, TEXT, press, wait

pytestmark = pytest.mark.usefixtures("silent")

COLOURS = ("#aa0000", "#00aa00", "#0000aa", "#aaaa00", "#00aaaa")
PLAN = Plan(every=2, width=40, height=30, a_second=5)


class Signals:
    """A film of plain colours: epoch n has the n-th."""

    epochs = (0, 4)

    def paint(self, painter: QPainter, width: int, height: int, epoch: int) -> None:
        painter.fillRect(0, 0, width, height, QColor(COLOURS[epoch]))


class Halting(Signals):
    """One whose training went at epoch 4."""

    def paint(self, painter: QPainter, width: int, height: int, epoch: int) -> None:
        if epoch == 4:
            raise StudioError("The training is gone.")
        super().paint(painter, width, height, epoch)


def test_a_gif_has_a_picture_of_every_few_epochs_and_of_the_last(tmp_path: Path) -> None:
    done: list[int] = []
    write_gif(Signals(), PLAN, tmp_path / "a.gif", done.append)
    with Image.open(tmp_path / "a.gif") as found:
        assert found.size == (40, 30)
        assert found.n_frames == 3
        assert found.info["loop"] == 0
        seen, lasts = [], []
        for frame in range(3):
            found.seek(frame)
            seen.append("#{:02x}{:02x}{:02x}".format(*found.convert("RGB").getpixel((20, 15))))
            lasts.append(found.info["duration"])
    assert seen == [COLOURS[0], COLOURS[2], COLOURS[4]]
    assert lasts == [200, 200, 1500]
    assert done == [0, 1, 2, 3]
    assert Plan(3, 1, 1, 1).epochs(Signals()) == (0, 3, 4)


def test_pictures_are_numbered_in_a_folder_of_their_own(tmp_path: Path) -> None:
    write_pictures(Signals(), PLAN, tmp_path / "film", lambda _: None)
    names = sorted(file.name for file in (tmp_path / "film").iterdir())
    assert names == ["0001-epoch-00000.png", "0002-epoch-00002.png", "0003-epoch-00004.png"]
    with Image.open(tmp_path / "film" / names[1]) as found:
        assert found.convert("RGB").getcolors() == [(1200, (0, 0, 170))]
    with pytest.raises(StudioError, match="already"):
        write_pictures(Signals(), PLAN, tmp_path / "film", lambda _: None)


@pytest.mark.parametrize("write", [write_gif, write_pictures])
def test_what_goes_wrong_on_the_way_leaves_nothing(write: Callable, tmp_path: Path) -> None:
    (tmp_path / "kept.gif").write_bytes(b"old")
    with pytest.raises(StudioError, match="gone"):
        write(Halting(), PLAN, tmp_path / ("kept.gif" if write is write_gif else "new"), lambda _: None)

    def enough(count: int) -> None:
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(Signals(), PLAN, tmp_path / ("kept.gif" if write is write_gif else "new"), enough)
    with pytest.raises(StudioError, match="could not be saved"):
        write(Signals(), PLAN, tmp_path / "no folder" / "a.gif", lambda _: None)
    assert [file.name for file in tmp_path.iterdir()] == ["kept.gif"]
    assert (tmp_path / "kept.gif").read_bytes() == b"old"


def test_more_pictures_than_are_taken(tmp_path: Path) -> None:
    film = Signals()
    film.epochs = (0, 5_000)
    with pytest.raises(StudioError, match="2,501 pictures"):
        write_gif(film, PLAN, tmp_path / "a.gif", lambda _: None)


def test_a_map_tells_its_epoch_and_is_painted_alike_again(theme: Theme, tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    states = [State(epoch, (chance.normal(size=(6, 5)) * (epoch + 1),)) for epoch in range(5)]
    asked: list[int] = []

    def told(epoch: int) -> str:
        asked.append(epoch)
        return f"loss {epoch}.5"

    film = MapFilm(theme, (0, 4), states.__getitem__, lambda state: state.arrays[0], list("abcdef"), told, Emphasis())
    plan = Plan(1, 300, 200, 10)
    for name in ("one", "two"):
        write_pictures(film, plan, tmp_path / name, lambda _: None)
    assert asked == [0, 1, 2, 3, 4] * 2
    ones, twos = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [file.read_bytes() for file in ones] == [file.read_bytes() for file in twos]
    assert len({file.read_bytes() for file in ones}) == 5


@pytest.fixture
def page(theme: Theme, show: Callable, qtbot: QtBot) -> Iterator[Word2vecPage]:
    panel = LabPanel(Studio(lambda *_: None, lambda _: None), theme)
    show(panel, 1000, 620)
    page = panel.show_bench("Word2vec")
    assert isinstance(page, Word2vecPage)
    page.text.set_text(TEXT)
    page.bar.pace.setCurrentText("full speed")
    page.knobs.fields["epochs"].setValue(8)  # type: ignore[union-attr]
    page.map.wanted.clear()
    page.map.changed.emit()
    yield page
    page.link.close()


def test_without_an_epoch_there_is_no_animation(page: Word2vecPage) -> None:
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    assert page.save_animation() is None
    assert "run at least one" in said[0].text


def test_a_training_is_saved_from_its_kept_epochs(page: Word2vecPage, qtbot: QtBot, tmp_path: Path) -> None:
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    dialog = page.save_animation()
    assert isinstance(dialog, FilmDialog)
    assert dialog.said.text() == "Epochs 0 to 8: 9 pictures, 0.9 seconds"
    dialog.every.setValue(4)
    dialog.save_to(tmp_path / "training.gif")
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE)
    assert "3 pictures of the training are saved" in said[0].text
    with Image.open(tmp_path / "training.gif") as found:
        assert (found.n_frames, found.size) == (3, (640, 480))
    assert page.report is not None
    assert page.report.standing is Standing.FINISHED  # looking back moved nothing
    assert page.report.epoch == 8


def test_a_saving_is_stopped_and_the_training_may_go(page: Word2vecPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.knobs.fields["epochs"].setValue(400)  # type: ignore[union-attr]
    press(qtbot, page, "run")
    wait(qtbot, page, Standing.FINISHED)
    dialog = page.save_animation()
    assert isinstance(dialog, FilmDialog)
    dialog.kind.setCurrentText(PICTURES)
    dialog.every.setValue(1)
    dialog.save_to(tmp_path / "film")
    qtbot.waitUntil(lambda: dialog.progress.value() >= 2, timeout=PATIENCE)
    stop = dialog.findChild(QPushButton, "filmStop")
    assert stop is not None
    assert stop.text() == "Stop"
    stop.click()
    qtbot.waitUntil(lambda: not dialog.recorder.busy, timeout=PATIENCE)
    assert dialog.said.text() == "Stopped; nothing was saved."
    assert list(tmp_path.iterdir()) == []
    dialog.save_to(tmp_path / "film")
    qtbot.waitUntil(lambda: dialog.progress.value() >= 2, timeout=PATIENCE)
    page.link.close()
    qtbot.waitUntil(lambda: not dialog.recorder.busy, timeout=PATIENCE)
    assert "is gone" in dialog.fault.text()
    assert list(tmp_path.iterdir()) == []
    dialog.close()
