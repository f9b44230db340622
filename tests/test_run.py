"""run.py on a project of its own: a package without dependencies, built by a backend that lies in the folder, so
that no network is needed. The folder's name has a space in it."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from embstudio.base.system_libraries import SystemLibrary
from tests.conftest import PROJECT

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "embstudio"
version = "1"

[tool.hatch]

[tool.ruff]
line-length = 100
"""

# The smallest editable wheel there is: one .pth file. It counts how often it was asked for.
BACKEND = """
import pathlib, zipfile
HERE = pathlib.Path(__file__).parent
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    with (HERE / "installed").open("a") as log: log.write("x")
    name = "embstudio-1-py3-none-any.whl"
    info = "embstudio-1.dist-info/"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("embstudio.pth", str(HERE))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: embstudio\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "a folder"
    base = folder / "embstudio" / "base"
    shutil.copytree(PROJECT / "embstudio" / "base", base, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "run.py", folder)
    (folder / "embstudio" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "embstudio" / "__main__.py").write_text("import sys; print(*sys.argv[1:]); sys.exit(7)", encoding="utf-8")
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    return folder


def start(project: Path, elsewhere: Path) -> tuple[str, str, int]:
    """Run it from another folder; returns what it printed, what it said of itself, and how often pip has installed."""
    done = subprocess.run(
        [sys.executable, project / "run.py", "check", "two words"], cwd=elsewhere, capture_output=True, text=True
    )
    assert done.returncode == 7, done.stderr
    return done.stdout.strip(), done.stderr, len((project / "installed").read_text(encoding="utf-8"))


def test_it_sets_up_once_and_repairs_what_was_interrupted(project: Path, tmp_path: Path) -> None:
    printed, said, installs = start(project, tmp_path)
    assert (printed, installs) == ("check two words", 1)
    assert "Setting up" in said

    assert start(project, tmp_path) == ("check two words", "", 1)

    pyproject = project / "pyproject.toml"
    pyproject.write_text(PYPROJECT.replace("100", "120"), encoding="utf-8")
    assert start(project, tmp_path)[2] == 1, "a table that installs nothing was edited"

    pyproject.write_text(PYPROJECT.replace("[tool.hatch]", "[project.optional-dependencies]\nx = []\n[tool.hatch]"))
    assert start(project, tmp_path)[2] == 2, "what is installed was edited"

    stamp = project / ".venv" / "embstudio-setup.json"
    left = json.loads(stamp.read_text(encoding="utf-8"))
    stamp.write_text(json.dumps({**left, "complete": False}), encoding="utf-8")
    _, said, installs = start(project, tmp_path)
    assert installs == 3
    assert "unfinished" in said

    stamp.write_text("{", encoding="utf-8")
    assert start(project, tmp_path)[2] == 4, "an unreadable stamp is an unfinished set-up"


def test_a_set_up_that_fails_says_why_and_leaves_the_old_one(project: Path, tmp_path: Path) -> None:
    before = start(project, tmp_path)[2]
    pyproject = project / "pyproject.toml"
    whole = pyproject.read_text(encoding="utf-8")
    nowhere = whole.replace('version = "1"', 'version = "1"\ndependencies = ["no-such-thing @ file:///no/such.whl"]')
    pyproject.write_text(nowhere, encoding="utf-8")
    (project / "backend.py").write_text(
        BACKEND.replace("Version: 1\\n", "Version: 1\\nRequires-Dist: no-such-thing @ file:///no/such.whl\\n"),
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, project / "run.py", "check"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip could not install it" in done.stderr
    assert "such.whl" in done.stderr

    (project / "backend.py").write_text(BACKEND, encoding="utf-8")
    pyproject.write_text(whole, encoding="utf-8")
    _, said, installs = start(project, tmp_path)
    assert said == "", "the environment of before is still whole"
    assert installs == before + 1  # the attempt that failed


@pytest.fixture
def run() -> ModuleType:
    """run.py as a module, its functions one by one."""
    spec = importlib.util.spec_from_file_location("run", PROJECT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_older_python_can_read_it_as_far_as_being_told() -> None:
    source = (PROJECT / "run.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    refusal = next(place for place, node in enumerate(tree.body) if isinstance(node, ast.If))
    before = [node for node in tree.body[:refusal] if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [alias.name for node in before for alias in node.names] == ["sys"]
    assert ast.unparse(tree.body[refusal]).startswith("if sys.version_info < OLDEST")


def test_one_who_may_not_install_is_told_what_to_type(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    absent = SystemLibrary("libno-such-thing.so.9", "libno-such-thing9", "no-such-thing")
    with pytest.raises(run.SetupError) as told:
        run.ensure_libraries((absent,))
    assert "libno-such-thing.so.9" in str(told.value)
    assert "install libno-such-thing9" in str(told.value) or "install no-such-thing" in str(told.value)
    with pytest.raises(run.SetupError, match="apt-get install xvfb"):
        run.get_debian_packages(["xvfb"], "Tests of the real window need Xvfb.")


@pytest.mark.parametrize(
    ("line", "opens"),
    [("", True), ("open", True), ("open next-word --text hi", True), ("open --help", False), ("--version", False),
     ("neighbours words dog", False), ("check", False)],
)  # fmt: skip
def test_only_a_window_needs_a_windows_libraries(run: ModuleType, line: str, opens: bool) -> None:
    assert run.opens_window(line.split()) == opens
