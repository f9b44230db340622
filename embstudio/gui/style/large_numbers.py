"""Large amounts as people read them, in three digits: 124 M weights, 1.2 GB, 3.1 days."""

from __future__ import annotations

import math

_COUNTS = ("", " k", " M", " B", " T")
_BYTES = (" B", " kB", " MB", " GB", " TB", " PB")
_OPERATIONS = (" FLOP", " kFLOP", " MFLOP", " GFLOP", " TFLOP", " PFLOP", " EFLOP")
_TIMES = ((365.25 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"))


def short(count: float) -> str:
    """124 M, 6.74 B, 1.4 T; from 1000 T on 5.76e23."""
    if count >= 1e15:
        return f"{count:.3g}".replace("e+", "e")
    return _scaled(count, _COUNTS)


def bytes_of(count: float) -> str:
    """498 MB, 13.5 GB: powers of 1000."""
    return _scaled(count, _BYTES)


def operations_of(count: float) -> str:
    """15.3 GFLOP; from 1000 EFLOP on 5.76e23 FLOP."""
    return f"{short(count)} FLOP" if count >= 1e21 else _scaled(count, _OPERATIONS)


def duration(seconds: float) -> str:
    """3.1 days."""
    if seconds <= 0 or math.isinf(seconds):
        return "0 s" if seconds <= 0 else "∞"
    unit, name = next(((unit, name) for unit, name in _TIMES if seconds >= unit), _TIMES[-1])
    amount = seconds / unit
    return f"{amount:,.0f} {name}" if amount >= 100 else f"{amount:.3g} {name}"


def _scaled(count: float, units: tuple[str, ...]) -> str:
    place = min(len(units) - 1, max(0, math.floor(math.log10(count) / 3))) if count >= 1 else 0
    amount = count / 1000**place
    if float(f"{amount:.3g}") >= 1000 and place < len(units) - 1:
        place, amount = place + 1, amount / 1000
    return f"{amount:,.0f}{units[place]}" if amount >= 1000 else f"{amount:.3g}{units[place]}"
