"""A file of vectors that is written into while it is open, through the real window's watcher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.mapped_files import MappedFiles
from embstudio.space.files import LoadOptions, load, whole_array
from embstudio.studio import Notice, Studio


@pytest.fixture
def studio(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(whole_array, "COPIED", 100)  # bytes: small tables are left in their files too
    studio = Studio(lambda *_: None, lambda _: None)
    MappedFiles(studio.vector_sets, qapp)
    return studio


def opened(studio: Studio, path: Path, rows: int = 50) -> np.ndarray:
    np.save(path, np.ones((rows, 8), np.float32))
    studio.vector_sets._add(path, LoadOptions(), load(path))
    vectors = studio.vector_sets.open_sets[-1].set.vectors
    assert studio.vector_sets.open_sets[-1].mapped is not None
    return vectors


def test_it_is_closed_and_that_is_said(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    sets, said = studio.vector_sets, list[Notice]()
    studio.noticed.connect(said.append)
    opened(studio, tmp_path / "one.npy")
    opened(studio, tmp_path / "other.npy")
    with (tmp_path / "one.npy").open("wb") as file:
        file.write(b"no table any more")
    qtbot.waitUntil(lambda: len(sets.open_sets) == 1)
    assert [each.path.name for each in sets.open_sets] == ["other.npy"]
    assert sets.chosen is sets.open_sets[0]
    assert [notice.text for notice in said] == ["one.npy was written to while it was open, so it is closed."]
    sets.close(sets.open_sets[0])


def test_one_that_took_its_name_changes_nothing(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    sets, path = studio.vector_sets, tmp_path / "one.npy"
    first = opened(studio, path)
    np.save(tmp_path / "new.npy", np.zeros((3, 8), np.float32))
    opened(studio, tmp_path / "other.npy")
    (tmp_path / "new.npy").replace(path)
    (tmp_path / "other.npy").write_bytes(b"")
    qtbot.waitUntil(lambda: len(sets.open_sets) == 1)  # that of the other is told later than this one
    assert sets.open_sets[0].path == path
    assert first.sum() == 400
    sets.close(sets.open_sets[0])


def test_read_again_it_is_another(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    sets, path = studio.vector_sets, tmp_path / "one.npy"
    opened(studio, path)
    opened(studio, path, 70)
    sets.close_overwritten()
    assert len(sets.open_sets[0].set) == 70
    path.write_bytes(b"")
    qtbot.waitUntil(lambda: sets.open_sets == ())
