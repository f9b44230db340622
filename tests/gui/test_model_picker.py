"""What the picker lists, and that an added model opens from it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from embstudio.base import paths
from embstudio.base.settings import Settings
from embstudio.gui.model_picker import ModelPicker
from embstudio.modelfile.catalogue import bundled

pytestmark = pytest.mark.usefixtures("silent")


def sections(menu: QMenu) -> dict[str, list[str]]:
    """Titles of models by the section they stand in."""
    found: dict[str, list[str]] = {}
    name = ""
    for action in menu.actions():
        if action.isSeparator():
            name = action.text()
        elif name:
            found.setdefault(name, []).append(action.text())
    return found


def test_added_models_stand_in_a_section_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_model: Callable, qtbot: QtBot
) -> None:
    monkeypatch.setattr(paths, "user_models_dir", lambda: tmp_path)
    studio = open_model("words", "king")
    picker = ModelPicker(studio, Settings())
    qtbot.addWidget(picker)
    menu = QMenu(picker)
    picker.fill(menu)
    assert "Added models" not in sections(menu)
    shutil.copytree(paths.models_dir() / "next-word", tmp_path / "mine")
    picker.fill(menu)
    assert len(sections(menu)["Bundled models"]) == len(bundled())
    (title,) = sections(menu)["Added models"]
    next(action for action in reversed(menu.actions()) if action.text() == title).trigger()
    assert studio.document.source.path == tmp_path / "mine" / "model.onnx"
    assert studio.document.source.card is not None
    picker.fill(menu)
    checked = [action.text() for action in menu.actions() if action.isChecked()]
    assert checked == [title]
