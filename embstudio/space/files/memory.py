"""How much memory there is, asked before much of it is taken."""

from __future__ import annotations

import os
from pathlib import Path

from embstudio.base.errors import VectorFileError

_KEPT_FREE = 0.1  # of what is available, for everything else


def available_memory() -> int | None:
    """Bytes that can be had without pushing anything out; None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def ensure_room(nbytes: int, where: str, rows: int) -> None:
    """Raises VectorFileError where `nbytes` more for `rows` rows will not fit, saying how many rows would."""
    available = available_memory()
    if available is None or nbytes <= (usable := int(available * (1 - _KEPT_FREE))):
        return
    fitting = max(1, int(rows * usable / nbytes))
    raise VectorFileError(
        f"The vectors need {nbytes / 1e9:.3g} GB of memory, and {usable / 1e9:.3g} GB can be had.", where=where,
        advice=f"Read the first part with --rows, such as --rows {_round(fitting)}. Vectors saved as .npy are "
               "read from the disk as needed.",
    )  # fmt: skip


def _round(count: int) -> int:
    """The same with two digits, never more."""
    step = 10 ** max(0, len(str(count)) - 2)
    return int(count // step * step)
