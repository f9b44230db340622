"""`embstudio check`: all is well here, and what is broken in a copy is named."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

BUNDLED = {"sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer", "next-word",
           "next-word-shared", "masked-word", "sentences", "words", "words-counted", "toy-rnn", "toy-lstm",
           "toy-attention"}  # fmt: skip


def check(root: Path, home: Path) -> tuple[int, dict[str, list[str]]]:
    """Run it on the tree in `root`; the status, and what it looked at by state."""
    environment = {**os.environ, "PYTHONPATH": str(root), "XDG_CONFIG_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "embstudio", "check"], cwd=home, env=environment, capture_output=True, text=True
    )
    assert done.stderr == ""
    found: dict[str, list[str]] = {"ok": [], "FAILED": [], "note": []}
    for line in done.stdout.splitlines():
        state, about = line.split()[:2]
        found[state].append(about.rstrip(":"))
    return done.returncode, found


def test_this_installation_is_whole(tmp_path: Path) -> None:
    status, found = check(PROJECT, tmp_path)
    assert (status, found["FAILED"]) == (0, [])
    assert BUNDLED | {"embstudio", "Python", "resources", "examples", "settings", "providers", "window"} == {
        *found["ok"],
        *found["note"],
    }
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a missing font, an unreadable examples menu, one model gone, one whose card says something else,
    and one that is cut short."""
    root = tmp_path_factory.mktemp("broken")
    for folder in ("embstudio", "resources"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BUNDLED - {"words"}:
        shutil.copytree(PROJECT / "models" / name, root / "models" / name)
    (root / "resources" / "fonts" / "DejaVuSans.ttf").unlink()
    (root / "resources" / "examples.toml").write_text("[[group]]", encoding="utf-8")
    card = root / "models" / "sentiment-rnn" / "card.toml"
    card.write_text(
        re.sub(r"last = \[[-\d.]+", "last = [1.5", card.read_text(encoding="utf-8"), count=1), encoding="utf-8"
    )
    model = root / "models" / "next-word" / "model.onnx"
    model.write_bytes(model.read_bytes()[:100_000])
    return root


def test_what_is_broken_is_named(broken: Path, tmp_path: Path) -> None:
    status, found = check(broken, tmp_path)
    assert status == 1
    assert set(found["FAILED"]) == {"resources", "examples", "words", "sentiment-rnn", "next-word"}
    assert {"sentiment-lstm", "settings", "window"} <= set(found["ok"])
