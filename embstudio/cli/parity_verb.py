"""parity: one text in two ways, and how far they are apart at every point."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from embstudio.base.errors import InputError
from embstudio.modelfile import catalogue
from embstudio.session.execution.compare import compare
from embstudio.session.execution.parity import Parity, ParityRequest, PointParity
from embstudio.session.execution.say_parity import say_first, say_parting, say_place
from embstudio.session.execution.way import Way
from embstudio.session.known_models import KnownModels
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.providers import named
from embstudio.session.runner import Runner

FORMAT, VERSION = "embstudio parity", 1


def perform_parity(asked: argparse.Namespace) -> int:
    """Returns the exit status. Raises StudioError."""
    source = catalogue.find(asked.model)
    a = ModelRef(source.path, source.tokenizer, asked.a)
    b = _second(a, asked.b)
    known = KnownModels.of_the_person()
    request = TraceRequest(a, text=asked.text, ids=asked.ids, second=asked.second)
    found = compare(
        ParityRequest(a, request, b, asked.tolerance), Runner.open(a, known), Runner.open(b, known)
    )  # fmt: skip
    if asked.json:
        print(json.dumps(as_data(found), indent=2, ensure_ascii=False))
    else:
        print("\n".join(as_lines(found)))
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


def _second(a: ModelRef, text: str) -> ModelRef:
    """B: a way to run the same file, or another file. Raises StudioError."""
    if text.lower().endswith(".onnx") or Path(text).exists():
        other = catalogue.find(text)
        return ModelRef(other.path, other.tokenizer, a.provider)
    way = Way.parse(text)
    if not way.name and way == Way():
        raise InputError("There is no second way.", where="--b", advice="Give a provider, such as cuda, or a file.")
    named(way)  # so that a word that is neither is told as such
    return replace(a, provider=str(way))


def as_data(found: Parity) -> dict[str, Any]:
    """Everything that `as_lines` says, for programs. docs/command-line.md lists the keys."""
    parting = found.parting
    return {
        "format": FORMAT,
        "version": VERSION,
        "a": {"model": str(found.model.path), "way": found.titles[0], "milliseconds": found.milliseconds[0]},
        "b": {"model": str(found.other.path), "way": found.titles[1], "milliseconds": found.milliseconds[1]},
        "tokens": list(found.tokens),
        "tolerance": found.tolerance,
        "parting": parting.name if parting else None,
        "missing": list(found.missing),
        "points": [_point(point) for point in found.points],
    }


def _point(point: PointParity) -> dict[str, Any]:
    return {
        "name": point.name,
        "layer": point.layer,
        "count": point.count,
        "largest": _number(point.largest),
        "place": list(point.place),
        "a": _number(point.a),
        "b": _number(point.b),
        "share": _number(point.share),
        "same_first": point.same_first,
        "rows": point.rows or None,
    }


def _number(value: float) -> float | str:
    """JSON has no words for these."""
    return value if math.isfinite(value) else str(value)


def as_lines(found: Parity) -> Iterator[str]:
    """A line for each point, then what they come to."""
    yield f"A: {found.titles[0]}, {found.milliseconds[0]:.3g} ms"
    yield f"B: {found.titles[1]}, {found.milliseconds[1]:.3g} ms"
    yield f"{len(found.tokens)} tokens"
    yield ""
    yield f"{'point':<28} {'share':>8} {'largest':>9}  {'A':>11} {'B':>11}  at"
    parting = found.parting
    for point in found.points:
        mark = "  <- they part" if point is parting else ""
        yield (
            f"{point.name:<28} {point.share:>8.1e} {point.largest:>9.2g}  {point.a:>11.5g} {point.b:>11.5g}  "
            f"{say_place(point)}{mark}"
        )
    yield ""
    yield say_parting(found)
    if first := say_first(found):
        yield first
    if found.missing:
        yield f"Not in both, or of another shape: {', '.join(found.missing)}."
