"""Two packages that write over each other's files, as real folders of a real installation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from embstudio.session.execution.wheels import installed_wheels, say_clash


def install(folder: Path, name: str, version: str) -> None:
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")


def test_this_installation_is_whole() -> None:
    wheels = installed_wheels()
    assert len(wheels) == 1
    assert say_clash(wheels) == ""


def test_two_at_once_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").touch()
    install(tmp_path, "onnxruntime", "1.32.0")
    install(tmp_path, "onnxruntime-rocm", "1.22.1")
    install(tmp_path, "onnxruntime-extensions", "0.14")  # stands beside it
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    installed_wheels.cache_clear()  # what is installed while the program runs is not looked for
    try:
        wheels = installed_wheels()
    finally:
        installed_wheels.cache_clear()
    assert wheels == (("onnxruntime", "1.32.0"), ("onnxruntime-rocm", "1.22.1"))
    told = say_clash(wheels)
    assert "onnxruntime 1.32.0 and onnxruntime-rocm 1.22.1 are installed at once" in told
    assert "pip uninstall -y onnxruntime onnxruntime-rocm, then pip install onnxruntime-rocm" in told


def test_one_in_another_folder_is_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are not those that are imported."""
    install(tmp_path, "onnxruntime-rocm", "1.22.1")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    installed_wheels.cache_clear()
    try:
        assert "onnxruntime-rocm" not in dict(installed_wheels())
    finally:
        installed_wheels.cache_clear()
