"""The rooms import in one direction. The contracts themselves are in pyproject.toml."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PACKAGE = PROJECT / "embstudio"
QT = ("PySide6", "shiboken6")
WORKER_ONLY = ("onnx", "onnxruntime", "sentencepiece", "threadpoolctl", "tokenizers")
NEVER_IN_WINDOW = (*WORKER_ONLY, "PIL", "gensim", "scipy", "sklearn")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the tree in `folder`."""
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from importlinter.cli import lint_imports_command as c; c()"
    )
    command = [sys.executable, "-P", "-c", program, str(folder), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def run_in_child(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], cwd=PROJECT, capture_output=True, text=True)


def contract(id_: str) -> dict[str, list[str]]:
    tables = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return next(table for table in tables if table["id"] == id_)


def test_contracts_hold() -> None:
    done = lint(PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("formulas/planted.py", "import embstudio.trace.axes", "Imports point down"),
        ("base/planted.py", "from PySide6 import QtCore", "Only gui knows Qt"),
        ("space/planted.py", "import embstudio.stepper", "Imports point down"),
        ("stepper/planted.py", "import embstudio.anatomy.anatomy", "What reads a trace"),
        ("cli/planted.py", "import onnxruntime", "Only modelfile and session"),
        (
            "trace/planted.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import embstudio.studio",
            "Imports point down",
        ),
        ("attic.py", "", "Imports point down"),  # a room that no contract speaks of
    ],
)
def test_a_planted_violation_breaks_its_contract(tmp_path: Path, file: str, line: str, broken: str) -> None:
    shutil.copytree(PACKAGE, tmp_path / "embstudio", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / "embstudio" / file).write_text(line + "\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"{broken}.* BROKEN", done.stdout), done.stdout


def test_a_panel_that_knows_another_breaks_the_contract(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "embstudio", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    one, other = contract("panels")["modules"][:2]
    planted = tmp_path.joinpath(*one.split(".")).with_suffix(".py")
    planted.write_text(planted.read_text(encoding="utf-8") + f"\nimport {other}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert re.search(r"Panels do not know each other.* BROKEN", done.stdout), done.stdout + done.stderr


def test_each_panel_is_under_the_contract_on_panels() -> None:
    panels = {f"embstudio.gui.panels.{file.stem}" for file in (PACKAGE / "gui" / "panels").glob("*_panel.py")}
    assert set(contract("panels")["modules"]) == panels


def test_each_room_is_under_the_contracts_that_name_rooms() -> None:
    """A new room has to be entered in the contracts on Qt and onnx, or exempted here with a reason."""
    rooms = {
        f"embstudio.{path.stem}" for path in PACKAGE.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or (path.suffix == ".py" and path.stem != "__init__")
    }  # fmt: skip
    door = {"embstudio.__main__"}  # opens the window or the command line
    assert set(contract("qt")["source_modules"]) == rooms - door - {"embstudio.gui"}
    assert set(contract("onnx")["source_modules"]) == rooms - door - {"embstudio.modelfile", "embstudio.session"}


IMPORT_ALL_BUT_GUI = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1:]:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import embstudio
names = [m.name for m in pkgutil.walk_packages(embstudio.__path__, "embstudio.", onerror=print)]
for name in names:
    if not name.startswith("embstudio.gui"):
        importlib.import_module(name)
print(len(names))
"""


def test_everything_outside_gui_imports_without_qt() -> None:
    done = run_in_child(IMPORT_ALL_BUT_GUI, *QT)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > len(list(PACKAGE.iterdir()))


IMPORT_GUI = """
import importlib, pkgutil, sys
import embstudio.gui
for module in pkgutil.walk_packages(embstudio.gui.__path__, "embstudio.gui."):
    importlib.import_module(module.name)
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_the_window_never_loads_what_is_the_workers() -> None:
    done = run_in_child(IMPORT_GUI, *NEVER_IN_WINDOW)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_the_command_line_is_understood_before_anything_heavy_is_loaded() -> None:
    program = "import sys, embstudio.__main__; print(*(n for n in sys.argv[1:] if n in sys.modules))"
    done = run_in_child(program, *QT, *NEVER_IN_WINDOW, "numpy")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
