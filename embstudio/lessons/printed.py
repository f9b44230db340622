"""How a claim's value is printed: "4 digits", "2 decimals", "percent", "percent, 1 decimal", "whole", "scientific"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_FORMAT = re.compile(
    r"(?:(?P<digits>\d{1,2}) digits?|(?P<decimals>\d{1,2}) decimals?|(?P<percent>percent)(?:, (?P<places>\d{1,2}) "
    r"decimals?)?|(?P<whole>whole)|(?P<scientific>scientific)|(?P<text>text))"
)
FORMATS = '"4 digits", "2 decimals", "percent", "percent, 1 decimal", "whole", "scientific" or "text"'
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Format:
    """kind: "digits" (significant), "decimals", "percent", "whole", "scientific" or "text"."""

    kind: str = "digits"
    places: int = 4

    def number(self, value: float) -> str:
        """One number, with a true minus sign."""
        value = value + 0.0  # −0 is 0
        match self.kind:
            case "percent":
                text = f"{100 * value:.{self.places}f} %"
            case "whole":
                text = f"{round(value):,}"
            case "decimals":
                text = f"{value:,.{self.places}f}"
            case "scientific":
                return _scientific(value, 2)
            case _:
                text = _digits(value, self.places)
        return text.replace("-", "−")

    def unit(self, value: float) -> float:
        """Half of the last place that is printed of a value: how far another may be and still be printed alike."""
        match self.kind:
            case "percent":
                return 0.5 * 10.0 ** (-self.places - 2)
            case "whole":
                return 0.5
            case "decimals":
                return 0.5 * 10.0**-self.places
            case _:
                places = 2 if self.kind == "scientific" else self.places
                size = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
                return 0.5 * 10.0 ** (size - places + 1)


def read_format(text: str) -> Format:
    """Raises ValueError for what is no format."""
    found = _FORMAT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no way to print a number; write {FORMATS}.")
    if found["percent"]:
        return Format("percent", int(found["places"] or 0))
    if found["digits"]:
        return Format("digits", max(1, int(found["digits"])))
    if found["decimals"]:
        return Format("decimals", int(found["decimals"]))
    return Format(found.lastgroup or "digits", 2)


def _digits(value: float, places: int) -> str:
    """So many significant digits; very small and very large ones as powers of ten."""
    if value and not 1e-5 <= abs(value) < 1e9:
        return _scientific(value, places)
    text = f"{value:.{places}g}"
    return f"{float(text):,.0f}" if "e" in text else text


def _scientific(value: float, places: int) -> str:
    head, _, power = f"{value:.{places - 1}e}".partition("e")
    return f"{head}·10{str(int(power)).translate(_RAISED)}".replace("-", "−")
