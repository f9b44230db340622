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
    own = installed_wheels()
    installed_wheels.cache_clear()  # what is installed while the program runs is not looked for
    install(tmp_path, "onnxruntime-rocm", "1.22.1")
    install(tmp_path, "onnxruntime-extensions", "0.14")  # stands beside it
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    try:
        wheels = installed_wheels()
    finally:
        installed_wheels.cache_clear()
    assert wheels == tuple(sorted((*own, ("onnxruntime-rocm", "1.22.1"))))
    told = say_clash(wheels)
    assert f"pip uninstall -y {' '.join(name for name, _version in wheels)}, then pip install" in told
