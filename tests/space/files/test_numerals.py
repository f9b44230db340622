"""Numbers read many at a time, held bit for bit against Python's own float."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from embstudio.space.files.numerals import number, parse_lines

WIDTH = 10
RNG = np.random.default_rng(7)
NEAR = RNG.normal(size=2000)
WIDE = RNG.normal(size=2000) * 10.0 ** RNG.integers(-12, 9, 2000)


def numbers(fields: list[str], separator: str = " ") -> np.ndarray | None:
    lines = [separator.join(fields[start : start + WIDTH]) for start in range(0, len(fields), WIDTH)]
    parsed = parse_lines(("\n".join(lines) + "\n").encode(), WIDTH, separator.encode(), named=False)
    return None if parsed is None else parsed[1].ravel()


def bits(fields: list[str]) -> np.ndarray:
    return np.array([float(field) for field in fields]).astype(np.float32).view(np.uint32)


@pytest.mark.parametrize("values", [NEAR, WIDE], ids=["near", "wide"])
@pytest.mark.parametrize(
    "write",
    [
        lambda x: f"{x:.5g}", lambda x: f"{x:.6f}", lambda x: f"{x:.9g}", lambda x: f"{x:.18e}", lambda x: f"{x:.25f}",
        lambda x: f"{x:.3E}", lambda x: f"{x:.0f}", lambda x: str(np.float32(x)), repr,
    ],
    ids=["%.5g", "%.6f", "%.9g", "%.18e", "%.25f", "%.3E", "%.0f", "float32", "float64"],
)  # fmt: skip
def test_every_way_of_writing_gives_the_same_bits_as_float(write: Callable[[float], str], values: np.ndarray) -> None:
    fields = [write(value) for value in values.tolist()]
    found = numbers(fields)
    assert found is not None
    assert np.array_equal(found.view(np.uint32), bits(fields))


def test_numbers_halfway_between_two_float32_are_rounded_as_float_rounds_them() -> None:
    halves = [(1 + (2 * at + 1) * 2.0**-24) * 2.0**power for at in range(100) for power in (-3, 0, 5)]
    fields = [f"{half:.30f}" for half in halves] + [f"{half:.30f}"[:-3] + "001" for half in halves]
    found = numbers(fields)
    assert found is not None
    assert np.array_equal(found.view(np.uint32), bits(fields))


def test_what_is_rarely_written() -> None:
    fields = ["-0", "-0.0", ".5", "-.5", "5.", "00012", "+1", "1e5", "1E-05", "2e+00", "-3.5e-10", "1e-45", "1e39",
              "-1e300", "nan", "-inf", "Infinity", "123456789012", f"0.{'1234567890' * 3}", "9" * 60]  # fmt: skip
    found = numbers(fields)
    assert found is not None
    with np.errstate(over="ignore"):
        expected = np.array([float(field) for field in fields]).astype(np.float32)
    assert np.array_equal(found, expected, equal_nan=True)
    assert np.signbit(found[:2]).all()


@pytest.mark.parametrize("odd", ["", "-", ".", "1.2.3", "1_0", "0x1", "1,5", "--1", "1-2", "1e", "e-05", "1.e-0x",
                                 "0.12345678901234x", "1234567/", "१", "0.5:"])  # fmt: skip
def test_what_is_no_number(odd: str) -> None:
    assert numbers([*["1"] * (WIDTH - 1), odd]) is None
    assert numbers([odd, *["1.5"] * (WIDTH - 1)]) is None
    assert number(odd.encode()) is None


def test_names_are_what_stands_before_the_numbers() -> None:
    lines = "a.b -1 0.5\nö 2 3\n. 4 5\n\u00a0x\t 6 7\n".encode()
    parsed = parse_lines(lines, 2, b" ", named=True)
    assert parsed is not None
    assert [name.decode() for name in parsed[0]] == ["a.b", "ö", ".", "\u00a0x\t"]
    assert parsed[1].tolist() == [[-1, 0.5], [2, 3], [4, 5], [6, 7]]


@pytest.mark.parametrize("lines", [b"a 1\nb 2 3 4\n", b"a 1 2 3\nb 4\n", b"a 1 2\n\n", b"\n", b"a 1  2\n"])
def test_lines_that_are_not_alike_are_left_to_be_looked_at_one_by_one(lines: bytes) -> None:
    assert parse_lines(lines, 2, b" ", named=True) is None
