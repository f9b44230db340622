"""Where things lie, in each of the three ways the program comes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from embstudio.base import paths
from tests.conftest import PROJECT

ASK = "from embstudio.base import paths; print(paths.models_dir()); print(paths.resources_dir())"


def test_in_a_source_tree_they_lie_beside_the_package() -> None:
    assert paths.models_dir() == PROJECT / "models"
    assert paths.resources_dir() == PROJECT / "resources"
    assert (paths.models_dir() / "sentiment-lstm" / "model.onnx").is_file()
    assert (paths.resources_dir() / "examples.toml").is_file()
    assert not paths.is_frozen()


def test_in_an_installed_package_they_lie_inside_it(tmp_path: Path) -> None:
    package = tmp_path / "embstudio"
    shutil.copytree(PROJECT / "embstudio" / "base", package / "base", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "embstudio" / "__init__.py", package)
    (package / "_data").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [str(package / "_data" / "models"), str(package / "_data" / "resources")]


def test_in_a_frozen_program_they_lie_in_its_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.is_frozen()
    assert paths.models_dir() == tmp_path / "models"
    assert paths.resources_dir() == tmp_path / "resources"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_CONFIG_HOME is a custom of Linux")
def test_settings_lie_where_the_system_keeps_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert paths.settings_file() == tmp_path / "embstudio" / "settings.json"
    assert not paths.settings_file().parent.exists()  # asking makes nothing
