"""Settings as data: every setting with its type, default and meaning, in one readable JSON file.

An unreadable or older file never stops the program: what cannot be used falls back to its default, and
`Settings.complaints` says so. Writing replaces the file in one step, so a crash leaves the old one whole.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from embstudio.base.whole_file import write_whole

MAX_RECENT = 10


@dataclass
class Settings:
    """What is remembered between runs. Each field says what it means; the type of its default is its type."""

    theme: str = field(default="dark", metadata={"help": "Colours of the window: dark or light."})
    provider: str = field(default="", metadata={"help": "onnxruntime provider to run on; empty chooses for you."})
    recent: list[str] = field(default_factory=list, metadata={"help": "Model files opened last, newest first."})
    model: str = field(default="", metadata={"help": "The model that was open last: a bundled name or a path."})
    companions: list[str] = field(
        default_factory=list, metadata={"help": "Models beside the open one in the Lanes panel: names or paths."}
    )
    vector_files: list[str] = field(
        default_factory=list, metadata={"help": "Files of vectors in the Space panel, by their paths."}
    )
    bookmarks: list[str] = field(
        default_factory=list, metadata={"help": "Places among vectors to come back to, each as JSON."}
    )
    sentence: str = field(default="", metadata={"help": "The sentence that was open last."})
    speed: float = field(default=2.0, metadata={"help": "Tokens a second while playing."})
    font_scale: float = field(default=1.0, metadata={"help": "Size of all text, 1.0 to 2.0."})
    loop: bool = field(default=False, metadata={"help": "Whether playing goes on from the first token at the end."})
    watches: list[str] = field(default_factory=list, metadata={"help": "Expressions whose values are watched."})
    breakpoints: list[str] = field(default_factory=list, metadata={"help": "Conditions at which playing stops."})
    disabled_breakpoints: list[str] = field(
        default_factory=list, metadata={"help": "Those of the breakpoints that do not stop for now."}
    )
    lesson_progress: list[str] = field(
        default_factory=list, metadata={"help": "The steps of lessons that one has been at, a line for each lesson."}
    )
    lesson_folders: list[str] = field(
        default_factory=list, metadata={"help": "Folders and files with lessons of one's own, by their paths."}
    )
    geometry: str = field(default="", metadata={"help": "Place and size of the window (base64)."})
    layout: str = field(default="", metadata={"help": "Places of the panels (base64)."})

    def remember_recent(self, path: str) -> None:
        """Put a model file at the top of the recent ones."""
        self.recent = [path, *(other for other in self.recent if other != path)][:MAX_RECENT]


def load_settings(path: Path) -> tuple[Settings, list[str]]:
    """The settings in `path`, and a plain sentence for each thing in it that could not be used."""
    settings, complaints = Settings(), []
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return settings, []
    except (OSError, ValueError, RecursionError) as error:
        return settings, [f"The settings in {path} could not be read ({error}); defaults are used."]
    if not isinstance(stored, dict):
        return settings, [f"The settings in {path} are not a table of names; defaults are used."]
    for each in fields(Settings):
        if each.name not in stored:
            continue
        value = _usable(stored[each.name], getattr(settings, each.name))
        if value is None:
            complaints.append(f"The setting {each.name} in {path} is not usable; its default is used.")
        else:
            setattr(settings, each.name, value)
    return settings, complaints


def save_settings(settings: Settings, path: Path) -> None:
    """Write the settings so that the file is always whole: the old ones or the new ones. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # In ASCII: a path or a pasted text that is no valid Unicode comes back as it was.
    with write_whole(path) as out:
        out.write(json.dumps(asdict(settings), indent=2).encode("ascii"))


def _usable(value: object, default: object) -> object | None:
    """The stored value as the type of the default; None where it cannot be that."""
    if isinstance(default, float):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        return float(value) if abs(value) <= sys.float_info.max else None  # nor is NaN
    if isinstance(default, list):
        return value if isinstance(value, list) and all(isinstance(entry, str) for entry in value) else None
    return value if type(value) is type(default) else None
