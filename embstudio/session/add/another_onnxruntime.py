"""Another package of onnxruntime in place of the installed one: for graphics cards, or Intel's processors.

The packages write over each other's files, and no extra of pyproject.toml can leave a dependency out: whoever asks for
another one has to take the first away. Here that is done in the order in which nothing is lost: all is downloaded
before anything is taken away, and what was there is put back where the new one cannot be installed.

No onnxruntime here: it is taken from under our feet.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

from embstudio.base.errors import InputError, WorkerError
from embstudio.base.paths import is_frozen
from embstudio.session.execution.way import title
from embstudio.session.execution.wheels import installed_wheels

# What people ask for → package, with the extras that bring the libraries it needs.
PACKAGES = {
    "cpu": "onnxruntime",
    "cuda": "onnxruntime-gpu[cuda,cudnn]",
    "directml": "onnxruntime-directml",
    "migraphx": "onnxruntime-migraphx",
    "openvino": "onnxruntime-openvino",
    "webgpu": "onnxruntime-webgpu",
}
OLDEST = "1.24"  # as in pyproject.toml


def add_onnxruntime(name: str, say: Callable[[str], object]) -> None:
    """Put the package for a provider in the place of the one that is there. say: is told what is being done.

    Raises InputError for what has no package, WorkerError if pip fails; what was installed is then installed still.
    """
    package, before = _package(name), installed_wheels()
    with tempfile.TemporaryDirectory(prefix="embstudio-") as folder:
        say(f"Fetching {package} …")
        _pip("download", "--quiet", "--dest", folder, "--only-binary", ":all:", f"{package}>={OLDEST},<2")
        if before:
            say("Taking away " + " and ".join(f"{each} {version}" for each, version in before) + " …")
            _pip("uninstall", "--yes", "--quiet", *(each for each, _version in before))
        try:
            _pip("install", "--quiet", "--no-index", "--find-links", folder, package)
        except WorkerError:
            if before:
                _pip("install", "--quiet", "--no-deps", *(f"{each}=={version}" for each, version in before[:1]))
            raise
    installed_wheels.cache_clear()
    now = " and ".join(f"{each} {version}" for each, version in installed_wheels())
    say(f"{now} is installed. Models run on {title(name)} with --provider {name}, or by the choice in the status bar.")


def _package(name: str) -> str:
    if is_frozen():
        raise InputError(
            "The packaged program cannot be added to.", where=name,
            advice="Install embstudio with pip and try again; docs/providers.md tells how.",
        )  # fmt: skip
    if name not in PACKAGES:
        raise InputError("There is no package for this provider.", where=name,
                         advice=f"There are some for {', '.join(PACKAGES)}.")  # fmt: skip
    return PACKAGES[name]


def _pip(*arguments: str) -> None:
    """Raises WorkerError with the last thing it says."""
    command: Sequence[str] = (sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments)
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise WorkerError("pip could not be started.", detail=str(error)) from error
    if done.returncode == 0:
        return
    said = [line for line in done.stderr.splitlines() if line.startswith("ERROR") or "No module named pip" in line]
    raise WorkerError(
        "pip could not do it; what was installed is as it was.", where=" ".join(arguments[-1:]),
        detail="\n".join(said[-1:]) or done.stderr.strip(),
        advice="Is there a network, and a package for this system and Python? docs/providers.md has the commands to do "
               "it by hand.",
    )  # fmt: skip
