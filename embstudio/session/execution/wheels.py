"""The packages that onnxruntime is installed from. There are several, and each writes over the files of the others."""

from __future__ import annotations

import sys
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

NAME = "onnxruntime"
# Packages of that name that hold something else, beside it.
_BESIDE = ("onnxruntime-extensions", "onnxruntime-genai", "onnxruntime-tools", "onnxruntime-ep", "onnxruntime-easy")


@cache
def installed_wheels() -> tuple[tuple[str, str], ...]:
    """(package, version) of each that has written into the folder that `import onnxruntime` takes; more than one is a
    fault. Nothing of theirs is imported."""
    from importlib.metadata import distributions  # takes longer to load than the window's first paint should wait

    spec = PathFinder.find_spec(NAME, sys.path)
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    found = {}
    for each in distributions():
        name = (each.metadata["Name"] or "").lower().replace("_", "-")
        ours = (name == NAME or name.startswith(f"{NAME}-")) and not name.startswith(_BESIDE)
        if ours and Path(str(each.locate_file(NAME))) == folder:
            found[name] = each.version
    return tuple(sorted(found.items()))


def say_clash(wheels: tuple[tuple[str, str], ...]) -> str:
    """What is wrong with these, and the cure; "" for one or none."""
    if len(wheels) < 2:
        return ""
    names = " ".join(name for name, _version in wheels)
    listed = " and ".join(f"{name} {version}" for name, version in wheels)
    wanted = next((name for name, _version in wheels if name != NAME), NAME)
    return (
        f"{listed} are installed at once. They write over each other's files, so what runs is neither. Remove all and "
        f"install the one you want: pip uninstall -y {names}, then pip install {wanted}; `embstudio add` does both."
    )
