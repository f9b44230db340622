"""Numbers as people read them: four significant digits, a true minus sign, aligned."""

from __future__ import annotations

import math

MINUS = "−"


def four(value: float) -> str:
    """Four significant digits: 0.8132, −12.35, 1.2e−05."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-4 or size >= 1e6:
        text = f"{value:.3e}"
    else:
        text = f"{value:.{max(0, 3 - math.floor(math.log10(size)))}f}"
    return text.replace("-", MINUS)


def four_of_log10(exponent: float) -> str:
    """Four significant digits of 10 to the power of `exponent`, also where that is too small or large for a float."""
    if math.isnan(exponent) or math.isinf(exponent) or -300 < exponent < 300:
        return four(10.0**exponent)
    whole = math.floor(exponent)
    mantissa = f"{10 ** (exponent - whole):.3f}"
    if mantissa == "10.000":
        mantissa, whole = "1.000", whole + 1
    return f"{mantissa}e{whole:+d}".replace("-", MINUS)


def percent(share: float) -> str:
    """A share of 1 as a percentage with one decimal: 97.3 %."""
    return f"{100 * share:.1f} %"


def size_of(count: int) -> str:
    """Bytes as people read them: 7.8 MB."""
    if count < 1000:
        return f"{count} B"
    for unit in ("kB", "MB", "GB"):
        count_in_unit = count / {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
        if count_in_unit < 1000 or unit == "GB":
            return f"{count_in_unit:.1f} {unit}"
    raise AssertionError("unreachable")
