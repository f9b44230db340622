"""Starting the program with a window, having it take a picture of itself, and seeing it end well."""

from __future__ import annotations

import subprocess
from pathlib import Path

from PySide6.QtGui import QImage

PATIENCE_S = 120


def open_and_picture(program: list[str], model: str, environment: dict[str, str], folder: Path) -> QImage:
    """The picture that the program took of its window; it must end with status 0 and nothing on standard error."""
    file = folder / f"{model}.png"
    command = [*program, "open", model, "--text", "The dog was cute", "--screenshot", str(file), "--quit-after", "0.5"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stderr) == (0, "")
    picture = QImage(str(file))
    assert not picture.isNull(), "the program took no picture"
    return picture
