"""The system's own shared libraries that Qt needs on Linux, and the package that holds each.

Standard library only: run.py asks before anything is installed. The lists are what Qt 6's platform plugins link
against (`ldd` of libqoffscreen.so and libqxcb.so); pip cannot install any of them.
"""

from __future__ import annotations

import ctypes
import shutil
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class SystemLibrary:
    """A shared library by its file name, and what Debian and Fedora call the package that holds it."""

    file: str
    debian: str
    fedora: str


ALWAYS = (
    SystemLibrary("libstdc++.so.6", "libstdc++6", "libstdc++"),
    SystemLibrary("libGL.so.1", "libgl1", "libglvnd-glx"),
    SystemLibrary("libEGL.so.1", "libegl1", "libglvnd-egl"),
    SystemLibrary("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    SystemLibrary("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    SystemLibrary("libfreetype.so.6", "libfreetype6", "freetype"),
    SystemLibrary("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    SystemLibrary("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
)

X11 = (
    SystemLibrary("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    SystemLibrary("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    SystemLibrary("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    SystemLibrary("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    SystemLibrary("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    SystemLibrary("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    SystemLibrary("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    SystemLibrary("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    SystemLibrary("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    SystemLibrary("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    SystemLibrary("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    SystemLibrary("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    SystemLibrary("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
)


def can_load(library: SystemLibrary) -> bool:
    """Whether the system's loader finds the library with all that it needs in turn."""
    try:
        ctypes.CDLL(library.file)
    except OSError:
        return False
    return True


def missing(libraries: tuple[SystemLibrary, ...]) -> tuple[SystemLibrary, ...]:
    """Those that cannot be loaded; none on systems other than Linux, where Qt's wheels bring all they need."""
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(library for library in libraries if not can_load(library))


def install_command(libraries: tuple[SystemLibrary, ...]) -> str:
    """What a person types to get them on this system; both package families where it is neither of them."""
    debian = "sudo apt-get install " + " ".join(dict.fromkeys(library.debian for library in libraries))
    fedora = "sudo dnf install " + " ".join(dict.fromkeys(library.fedora for library in libraries))
    if shutil.which("apt-get"):
        return debian
    if shutil.which("dnf"):
        return fedora
    return f"{debian}    (Debian, Ubuntu)\n    {fedora}    (Fedora)"
