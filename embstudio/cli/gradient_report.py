"""What `embstudio gradient` says: one row a token, or the same as data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from embstudio.session.messages import Gradients


def as_lines(found: Gradients, tokens: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """A table: how the token looked back from hangs on each of the others. names: of the outputs, where known."""
    columns = [*((f"|d {each.state}|", each.norms) for each in found.cells)]
    if found.reached is not None:
        columns.append((f"|d {found.of} / dx|", found.reached))
    shown = [[_power(value) for value in values] for _, values in columns]
    heads = [title for title, _ in columns]
    if found.times_input is not None:
        heads.append(f"dy/dx x, y = {output_name(found, names)}")
        shown.append([f"{value:+.4g}" for value in found.times_input])
    widths = [max(len(cell) for cell in (head, *column)) for head, column in zip(heads, shown, strict=True)]
    word = max((len(token) for token in tokens), default=0)
    yield f"{'':4} {'':{word}}  " + "  ".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True))
    for at, token in enumerate(tokens):
        cells = (f"{column[at]:>{width}}" for column, width in zip(shown, widths, strict=True))
        yield f"{'T' if at == found.token else ' '}{at:3} {token:{word}}  " + "  ".join(cells)


def as_data(found: Gradients, tokens: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """The same for JSON. Logarithms, so that nothing is too small to be written; "-inf" for exactly nothing, null for
    what is not looked back on."""
    return {
        "format": "embstudio gradients",
        "version": 1,
        "tokens": list(tokens),
        "token": found.token,
        "cells": [
            {"state": each.state, "log10_norm": _numbers(each.norms), "log10_largest": _numbers(each.largest),
             "step": _numbers(each.steps)}
            for each in found.cells
        ],
        "of": found.of or None,
        "log10_reached": None if found.reached is None else _numbers(found.reached),
        "output": None if found.output < 0 else {"id": found.output, "name": output_name(found, names)},
        "score": None if found.output < 0 else found.score,
        "times_input": None if found.times_input is None else _numbers(found.times_input),
        "saliency": None if found.saliency is None else [_numbers(row) for row in found.saliency],
        "notes": list(found.notes),
    }  # fmt: skip


def output_name(found: Gradients, names: Sequence[str]) -> str:
    """What the score y is of."""
    return names[found.output] if 0 <= found.output < len(names) else f"output {found.output}"


def _power(log: float) -> str:
    """10 to a power, also where that is no double."""
    if math.isnan(log):
        return "."
    if math.isinf(log):
        return "0" if log < 0 else "inf"
    if -4 <= log < 5:
        return f"{10**log:.4g}"
    exponent = math.floor(log)
    return f"{10 ** (log - exponent):.3f}e{exponent:+03d}"


def _numbers(values: np.ndarray) -> list[float | str | None]:
    return [None if math.isnan(value) else value if math.isfinite(value) else "-inf" if value < 0 else "inf"
            for value in map(float, values)]  # fmt: skip
