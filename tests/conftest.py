"""What every test shares: where the zoo of exported models is, and the folder of small files kept with the tests."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

# Widgets are tested without a screen; tests marked `window` start the program as a process of its own, under Xvfb.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
# What the program remembers of models while it is tested is not the person's.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="embstudio-tests-")

pytest_plugins = ["tests.xvfb"]

PROJECT = Path(__file__).resolve().parent.parent
ZOO = PROJECT.parent / "shared" / "zoo"


@pytest.fixture(scope="session")
def zoo() -> Path:
    """The zoo of real exports with the values PyTorch computed; tests that need it are skipped without it."""
    if not ZOO.is_dir():
        pytest.skip(f"the zoo of exported models is not at {ZOO}")
    return ZOO


@pytest.fixture(scope="session")
def data() -> Path:
    """The small files kept with the tests."""
    return PROJECT / "tests" / "data"
