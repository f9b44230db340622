"""Starting the program with a window, having it take a picture of itself, and seeing it end well."""

from __future__ import annotations

import subprocess
from pathlib import Path

from PySide6.QtGui import QImage

PATIENCE_S = (8, 40, 120)  # a slow machine gets another try; a fast one does not wait for it


def open_and_picture(program: list[str], model: str, environment: dict[str, str], folder: Path) -> QImage:
    """The picture that the program took of its window; it must end with status 0 and nothing on standard error."""
    file = folder / f"{model}.png"
    for seconds in PATIENCE_S:
        command = [*program, "open", model, "--text", "The dog was cute", "--screenshot", str(file)]
        done = subprocess.run(
            [*command, "--quit-after", str(seconds)], env=environment, capture_output=True, text=True,
            timeout=seconds + 120,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        if file.exists():
            break
    picture = QImage(str(file))
    assert not picture.isNull(), f"no picture after {seconds} seconds"
    return picture
