"""Where things lie: in a source tree, in an installed wheel, and in a frozen program.

Source tree   models/ and resources/ beside the package.
Wheel         the same two folders inside the package, as embstudio/_data/.
Frozen        the same two folders in PyInstaller's bundle folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent.parent


def is_frozen() -> bool:
    """True inside the packaged program."""
    return bool(getattr(sys, "frozen", False))


def _data_root() -> Path:
    if is_frozen():
        return Path(getattr(sys, "_MEIPASS", Path(sys.executable).parent))
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent


def models_dir() -> Path:
    """The bundled models, one folder each."""
    return _data_root() / "models"


def user_models_dir() -> Path:
    """The models that the person added, one folder each, where their system keeps such things. May not exist."""
    return Path(platformdirs.user_data_dir("embstudio", appauthor=False)) / "models"


def resources_dir() -> Path:
    """Icons, fonts, sample texts."""
    return _data_root() / "resources"


def settings_file() -> Path:
    """The person's settings, in the place their system keeps such things."""
    return Path(platformdirs.user_config_dir("embstudio", appauthor=False)) / "settings.json"


def cache_dir() -> Path:
    """What can be made again at any time, in the place the person's system keeps such things."""
    return Path(platformdirs.user_cache_dir("embstudio", appauthor=False))
