"""How claims are printed, and how near a value must be to print alike."""

from __future__ import annotations

import pytest

from embstudio.lessons.printed import read_format


@pytest.mark.parametrize(
    ("format_", "value", "printed"),
    [
        ("4 digits", 1.06770782, "1.068"), ("4 digits", -0.000123456, "−0.0001235"), ("3 digits", 2.5e-9, "2.50·10⁻⁹"),
        ("2 decimals", 2.5, "2.50"), ("percent", 0.1074, "11 %"), ("percent, 1 decimal", 0.1074, "10.7 %"),
        ("whole", 7077888, "7,077,888"), ("scientific", 84934656, "8.5·10⁷"), ("4 digits", 38400000.0, "38,400,000"),
        ("2 decimals", -0.0, "0.00"), ("4 digits", 1e12, "1.000·10¹²"),
    ],
)  # fmt: skip
def test_printed(format_: str, value: float, printed: str) -> None:
    assert read_format(format_).number(value) == printed


@pytest.mark.parametrize("text", ["", "digits", "4", "percent 1", "-1 digits", "4 digits of it"])
def test_what_is_no_format(text: str) -> None:
    with pytest.raises(ValueError, match="way to print"):
        read_format(text)


@pytest.mark.parametrize(("format_", "value"), [("4 digits", 0.1074), ("2 decimals", 1.25), ("percent", 0.11)])
def test_what_is_within_the_unit_prints_alike(format_: str, value: float) -> None:
    read = read_format(format_)
    near = value + 0.98 * read.unit(value)
    far = value + 2.1 * read.unit(value)
    assert read.number(near) == read.number(value) != read.number(far)
