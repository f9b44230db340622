"""The program as a person starts it: a process of its own, with a real window on a screen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.window.opening import open_and_picture

pytestmark = pytest.mark.window


@pytest.mark.parametrize("model", ["sentiment-lstm", "next-word"])
def test_the_window_opens_paints_and_closes(model: str, display: dict[str, str], tmp_path: Path) -> None:
    picture = open_and_picture([sys.executable, "-m", "embstudio"], model, display, tmp_path)
    assert (picture.width(), picture.height()) >= (1024, 700)
    colours = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
    assert len(colours) > 40, "an empty window has a handful of colours"
