"""Packages that take each other's place: real pip in an environment of its own, with small packages made here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pip
import platformdirs
import pytest

from embstudio.base.errors import InputError
from embstudio.cli.arguments import parse
from embstudio.session.add.another_onnxruntime import PACKAGES, add_onnxruntime
from tests.conftest import PROJECT


def wheel(folder: Path, name: str, version: str, says: str) -> None:
    """A package that brings the folder `onnxruntime`, as the real ones do."""
    about = f"{name.replace('-', '_')}-{version}.dist-info"
    files = {
        "onnxruntime/__init__.py": f"says = {says!r}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{each},,\n" for each in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


@pytest.fixture
def environment(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """The Python of a new environment with the CPU's package, and what points its pip to ours."""
    shop = tmp_path / "shop"
    shop.mkdir()
    wheel(shop, "onnxruntime", "1.32.0", "cpu")
    wheel(shop, "onnxruntime-openvino", "1.24.1", "openvino")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    libraries = tmp_path / "libraries"  # without those that are to be exchanged
    for package in (pip, platformdirs):
        shutil.copytree(Path(package.__file__).parent, libraries / package.__name__)
    places = os.pathsep.join((str(PROJECT), str(libraries)))
    python = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(shop), "PIP_CONFIG_FILE": "nul", "PYTHONPATH": places}
    run(python, variables, "-m", "pip", "install", "--quiet", "onnxruntime==1.32.0")
    return python, variables


def run(python: Path, variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, *arguments], env=variables, capture_output=True, text=True)


def add(python: Path, variables: dict[str, str], name: str) -> str:
    """What came of it, then which package is there and whose files."""
    code = (
        "from embstudio.session.add.another_onnxruntime import add_onnxruntime\n"
        "from embstudio.session.execution.wheels import installed_wheels\n"
        "from embstudio.base.errors import StudioError\n"
        "try:\n"
        f"    add_onnxruntime({name!r}, lambda said: None)\n"
        "except StudioError as error:\n"
        "    print(type(error).__name__, error)\n"
        "import onnxruntime\n"
        "print(installed_wheels(), onnxruntime.says)\n"
    )
    done = run(python, variables, "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_takes_the_place_of_the_other_and_back(environment: tuple[Path, dict[str, str]]) -> None:
    assert add(*environment, "openvino") == "(('onnxruntime-openvino', '1.24.1'),) openvino\n"
    told = add(*environment, "webgpu")  # not in the shop
    assert told.startswith("WorkerError pip could not do it; what was installed is as it was.")
    assert told.endswith("(('onnxruntime-openvino', '1.24.1'),) openvino\n")
    python, variables = environment  # and of two at once, both are taken away
    run(python, variables, "-m", "pip", "install", "--quiet", "onnxruntime")
    assert add(python, variables, "cpu") == "(('onnxruntime', '1.32.0'),) cpu\n"


def test_the_command_line_offers_what_there_is() -> None:
    for name in PACKAGES:
        assert parse(["add", name]).name == name
    with pytest.raises(InputError, match="no package"):
        add_onnxruntime("teapot", lambda said: None)
