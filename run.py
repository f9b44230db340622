#!/usr/bin/env python3
"""Set embstudio up and start it, or run its tests. Needs Python 3.11 or newer and nothing else.

    python3 run.py [ARGUMENTS ...]       start embstudio with these arguments (none: the window)
    python3 run.py test                  run all tests, several files at a time
    python3 run.py test [ARGUMENTS ...]  run tests as pytest would with these arguments
    python3 run.py setup [EXTRAS ...]    only set up; extras of pyproject.toml: test, package, train

The first call makes a virtual environment in .venv and fills it (about 250 MB are downloaded); later calls use it as
it is, without a network, until pyproject.toml or the Python changes. An interrupted set-up is done again.
"""

import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    import shutil

    print(
        "embstudio needs Python {}.{} or newer; this is {}.{} ({}).".format(
            *OLDEST, sys.version_info[0], sys.version_info[1], sys.executable
        ),
        file=sys.stderr,
    )
    newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    if newer:
        print("There is a newer one: {} run.py".format(newer[0]), file=sys.stderr)
    sys.exit(1)

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
sys.path.insert(0, str(PROJECT))
from embstudio.base import system_libraries  # standard library only, as its own file says

VENV = PROJECT / ".venv"
STAMP = VENV / "embstudio-setup.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST_GLIBC = (2, 34)  # what Qt's wheels are built for
MOST_TESTERS = 4  # processes; each takes up to 1.5 GB with the models it opens


class SetupError(Exception):
    """Something on this machine is missing; the message says what it is and what to type."""


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


# What the environment was made from, and whether it is whole --------------------------------------------------


def fingerprint() -> str:
    """Changes when what has to be installed changes; editing other tables of pyproject.toml re-installs nothing."""
    table = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    relevant = [table["build-system"], table["project"], table["tool"]["hatch"]]
    return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()


def python_in_use() -> str:
    return f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]} {platform.machine()}"


def read_stamp() -> dict[str, object]:
    """What the last set-up wrote; empty where there was none or it cannot be read."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(*, extras: list[str], complete: bool) -> None:
    put_stamp(
        {
            "python": python_in_use(),
            "project": str(PROJECT),
            "fingerprint": fingerprint(),
            "extras": extras,
            "complete": complete,
        }
    )


def put_stamp(stamp: dict[str, object]) -> None:
    draft = STAMP.with_suffix(".part")
    draft.write_text(json.dumps(stamp, indent=2), encoding="utf-8")
    draft.replace(STAMP)


def usable(stamp: dict[str, object]) -> bool:
    """Whether the environment can be built upon: of this Python and place, whole, and its interpreter runs."""
    if not stamp.get("complete") or stamp.get("python") != python_in_use() or stamp.get("project") != str(PROJECT):
        return False
    return (
        subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0 if PYTHON.exists() else False
    )


# Making it ----------------------------------------------------------------------------------------------------


def ensure_environment(extras: list[str]) -> None:
    """Make .venv hold embstudio with these extras. Raises SetupError."""
    stamp = read_stamp()
    held = stamp.get("extras")
    held = held if isinstance(held, list) else []
    current = stamp.get("fingerprint") == fingerprint() and set(extras) <= set(held)
    if current and usable(stamp):
        return
    if not usable(stamp):
        held = []
        make_environment(repair=VENV.exists())
        stamp = read_stamp()
    wanted = sorted({*held, *extras})
    write_stamp(extras=wanted, complete=False)
    try:
        install(wanted)
    except SetupError:
        # pip resolves before it changes anything: what was whole before is whole still.
        put_stamp(stamp)
        raise
    write_stamp(extras=wanted, complete=True)


def make_environment(*, repair: bool) -> None:
    check_platform()
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            get_debian_packages([f"python3.{sys.version_info[1]}-venv"], f"Python's {module} module is missing.")
    if repair:
        say("The environment in .venv is unfinished, of another Python or from another folder: making it again.")
        shutil.rmtree(VENV)
    say(f"Setting up embstudio in {VENV} (once; about 250 MB are downloaded) …")
    VENV.mkdir()
    write_stamp(extras=[], complete=False)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode != 0:
        raise SetupError(
            "The virtual environment could not be made.\n" + (made.stdout + made.stderr).strip()
            + f"\nOn Debian and Ubuntu: sudo apt-get install python3.{sys.version_info[1]}-venv"
        )  # fmt: skip


def check_platform() -> None:
    """Refuse, in words, a system for which there are no wheels of Qt."""
    if not sys.platform.startswith("linux"):
        return
    library, version = platform.libc_ver()
    if library != "glibc":
        raise SetupError("embstudio needs a Linux with glibc; this one has another C library (musl?).")
    if tuple(map(int, version.split(".")[:2])) < OLDEST_GLIBC:
        raise SetupError(
            f"embstudio needs glibc {OLDEST_GLIBC[0]}.{OLDEST_GLIBC[1]} or newer (Debian 12, Ubuntu 22.04, Fedora 35); "
            f"this system has {version}."
        )


def install(extras: list[str]) -> None:
    target = f"{PROJECT}[{','.join(extras)}]" if extras else str(PROJECT)
    say("Installing " + ", ".join(["what embstudio needs", *(f"what its {extra} needs" for extra in extras)]) + " …")
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
    if not sys.stderr.isatty():
        command.append("--quiet")
    done = subprocess.run(
        [*command, "--editable", target], stdout=sys.stderr.fileno(), stderr=subprocess.PIPE, text=True
    )
    if done.returncode == 0:
        return
    unreachable = ("NewConnectionError", "name resolution", "Connection refused", "timed out", "from versions: none")
    reason = "pip could not install it."
    if any(sign in done.stderr for sign in unreachable):
        reason = (
            "pip could not reach a package index that has it. Connect to the network for this one step, or point pip "
            "at an index you can reach (PIP_INDEX_URL), and run the same command again."
        )
    elif "No space left" in done.stderr:
        reason = "The disk is full: about 1 GB is needed."
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith("ERROR:")] or lines[-6:]
    words = "\n".join("    " + line for line in telling)
    raise SetupError(f"{reason}\npip's own words:\n{words}")


# What only the system can give --------------------------------------------------------------------------------


def may_apt_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def get_debian_packages(packages: list[str], why: str) -> None:
    """Install Debian packages as root, saying so; raises SetupError with the command where that cannot be done."""
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if not may_apt_install():
        raise SetupError(f"{why}\nOn Debian and Ubuntu: sudo {' '.join(command[:2])} {' '.join(packages)}")
    say(f"{why} You are root on a Debian-like system, so it is installed now: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", "update"], capture_output=True, text=True, env=environment)
    if done.returncode == 0:
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [""]
        raise SetupError(f"{why} apt-get could not install {' '.join(packages)}: {last[0]}")


def ensure_libraries(libraries: tuple[system_libraries.SystemLibrary, ...]) -> None:
    """Make Qt's system libraries loadable. Raises SetupError with the command to type."""
    missing = system_libraries.missing(libraries)
    if not missing:
        return
    why = "Qt needs system libraries that are not here: " + ", ".join(library.file for library in missing) + "."
    if may_apt_install():
        get_debian_packages(list(dict.fromkeys(library.debian for library in missing)), why)
    else:
        raise SetupError(f"{why}\n    {system_libraries.install_command(missing)}")


# The two things it does ---------------------------------------------------------------------------------------


def opens_window(arguments: list[str]) -> bool:
    """The other verbs, and help, do without what a window needs of the system."""
    return (not arguments or arguments[0] == "open") and not {"-h", "--help"} & set(arguments)


def start(arguments: list[str]) -> int:
    ensure_environment([])
    if opens_window(arguments):
        on_x11 = not os.environ.get("WAYLAND_DISPLAY") and os.environ.get("QT_QPA_PLATFORM", "xcb").startswith("xcb")
        ensure_libraries(system_libraries.ALWAYS + (system_libraries.X11 if on_x11 else ()))
    status = subprocess.run([PYTHON, "-P", "-m", "embstudio", *arguments]).returncode
    return status if status >= 0 else 128 - status  # as a shell says that a signal ended it


def test(arguments: list[str]) -> int:
    ensure_environment(["test"])
    ensure_libraries(system_libraries.ALWAYS)
    try:
        ensure_libraries(system_libraries.X11)
        if sys.platform.startswith("linux") and shutil.which("Xvfb") is None:
            get_debian_packages(["xvfb"], "Tests of the real window need Xvfb.")
    except SetupError as reason:
        say(f"Tests marked `window` are left out. {reason}")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    arguments = arguments or ["-n", str(min(MOST_TESTERS, os.cpu_count() or 1)), "--dist", "loadfile"]
    return subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=PROJECT, env=environment).returncode


def main(arguments: list[str]) -> int:
    try:
        if arguments[:1] == ["test"]:
            return test(arguments[1:])
        if arguments[:1] == ["setup"]:
            ensure_environment(arguments[1:])
            ensure_libraries(system_libraries.ALWAYS + system_libraries.X11)
            return 0
        return start(arguments)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Run the same command again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
