"""The marks of a log10 scale: whole powers of ten where they are many, 1, 2 and 5 between them where they are few."""

from __future__ import annotations

import math

_STRIDES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def range_of(low: float, high: float) -> tuple[float, float]:
    """The range for values from `low` to `high` (log10): whole decades, or halves of one where there is less."""
    if high - low > 2:
        return float(math.floor(low)), float(math.ceil(high))
    low, high = low - 0.05, high + 0.05
    middle, least = (low + high) / 2, 0.3
    return min(low, middle - least / 2), max(high, middle + least / 2)


def marks(low: float, high: float, most: int) -> list[float]:
    """log10 of the marks from low to high, at most about `most`."""
    decades = high - low
    if decades < 1.5 and most >= 4:
        finer = (1, 2, 5) if decades > 0.5 else tuple(each / 2 for each in range(2, 20))
        all_ = [whole + math.log10(each) for whole in range(math.floor(low), math.ceil(high) + 1) for each in finer]
        inside = sorted((mark for mark in all_ if low <= mark <= high), key=lambda mark: (mark != 0, mark))
        kept: list[float] = []
        for mark in inside:  # 1 before all others
            if all(abs(mark - other) >= decades / most for other in kept):
                kept.append(mark)
        if len(kept) >= 2:
            return sorted(kept)
    stride = next((each for each in _STRIDES if decades / each < most), _STRIDES[-1])
    first = math.ceil(low / stride) * stride
    return [float(mark) for mark in range(first, math.floor(high) + 1, stride)]


def mark_text(mark: float) -> str:
    """1, 0.1, 50, 1e−5."""
    if mark == round(mark) and not -3 < mark < 4:
        return f"1e{round(mark)}".replace("-", "−")
    value = 10.0**mark
    return f"{value:.12g}" if abs(value - round(value, 3)) < 1e-12 else f"{value:.2g}"
