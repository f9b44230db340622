"""Take the pictures of the documentation: `python docs/screenshots.py [NAME ...]` writes docs/images/NAME-THEME.png.

Each picture is the real program, started as a person would, without a screen (Qt draws the same pixels on one). The
theme comes from a settings file of its own; the person's settings are not touched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
IMAGES = PROJECT / "docs" / "images"
THEMES = ("dark", "light")
SECONDS = 20


@dataclass(frozen=True)
class Picture:
    """One view worth showing: what to open, and settings that differ from the defaults."""

    name: str
    model: str
    text: str
    settings: dict[str, object]


LONG = "The dog that I adopted from the pound five years ago won the pet competition."

PICTURES = (
    Picture("main", "sentiment-lstm", "It looked great but it was boring in the end", {}),
    Picture("rnn", "sentiment-rnn", LONG, {}),
    Picture("attention", "next-word", LONG, {}),
    Picture("space", "words", "king queen man woman prince princess", {}),
    Picture("large-text", "sentiment-lstm", "The film was not good", {"font_scale": 1.5}),
)


def take(picture: Picture, theme: str) -> Path:
    """Start the program, let it take its own picture, and say where that is. Raises RuntimeError if it did not."""
    file = IMAGES / f"{picture.name}-{theme}.png"
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home) / "embstudio" / "settings.json"
        settings.parent.mkdir()
        settings.write_text(json.dumps({"theme": theme, **picture.settings}), encoding="utf-8")
        command = [sys.executable, "-m", "embstudio", "open", picture.model, "--text", picture.text]
        done = subprocess.run(
            [*command, "--screenshot", str(file), "--quit-after", str(SECONDS)],
            cwd=PROJECT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": home},
        )  # fmt: skip
    if done.returncode != 0 or not file.is_file():
        raise RuntimeError(f"no picture {file.name}: exit status {done.returncode}")
    return file


def main(wanted: list[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    for picture in PICTURES:
        if not wanted or picture.name in wanted:
            for theme in THEMES:
                print(take(picture, theme).relative_to(PROJECT))


if __name__ == "__main__":
    main(sys.argv[1:])
