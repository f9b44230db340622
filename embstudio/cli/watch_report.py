"""What `embstudio watch` says: one row a token and one column an expression, or the same as data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from embstudio.stepper.watch.evaluate import evaluate
from embstudio.stepper.watch.scope import Scope
from embstudio.stepper.watch.series import Series
from embstudio.stepper.watch.telling import value_at
from embstudio.stepper.watch.tree import Expression
from embstudio.trace.trace import Trace

if TYPE_CHECKING:
    from embstudio.session.messages import TraceRequest
    from embstudio.session.runner import Runner

LONGEST_HEADING = 36
NOTHING = "—"


@dataclass(frozen=True)
class Watched:
    """An expression and its value at each token."""

    expression: Expression
    series: Series

    @property
    def heading(self) -> str:
        return self.expression.name or self.expression.text.strip()


def watched(expressions: Sequence[Expression], scope: Scope) -> list[Watched]:
    """Each expression with its values. Raises ExpressionError."""
    return [Watched(each, evaluate(each, scope)) for each in expressions]


def predictions_of(runner: Runner, request: TraceRequest, trace: Trace) -> np.ndarray | None:
    """The scores after each beginning of the text, [pos, class or vocab], where the model judges whole texts only."""
    from embstudio.session.messages import PrefixRequest

    if "logits" not in trace or trace["logits"].axes not in (("class",), ("vocab",)) or not len(trace):
        return None
    places, rows = tuple(range(len(trace))), list[np.ndarray]()
    while places:
        found = runner.prefixes(PrefixRequest(request.model, request, places))
        rows.append(found.scores)
        places = places[len(found.places) :]
    return np.concatenate(rows)


def as_lines(found: Sequence[Watched], trace: Trace) -> Iterator[str]:
    """The table; expressions that are too long for a heading stand above it, numbered."""
    headings = [each.heading for each in found]
    for number, heading in enumerate(headings, start=1):
        if len(heading) > LONGEST_HEADING:
            yield f"({number}) {heading}"
            headings[number - 1] = f"({number})"
    columns = [[_cell(each.series, at) for at in range(len(trace))] for each in found]
    widths = [max(map(len, (head, *column))) for head, column in zip(headings, columns, strict=True)]
    texts = [token.text.strip() or repr(token.text) for token in trace.tokens]
    word = max(map(len, ("token", *texts)))
    heads = "  ".join(f"{head:>{width}}" for head, width in zip(headings, widths, strict=True))
    yield f"{'':3} {'token':{word}}  {heads}"
    for at, text in enumerate(texts):
        cells = "  ".join(f"{column[at]:>{width}}" for column, width in zip(columns, widths, strict=True))
        yield f"{at:3} {text:{word}}  {cells}"


def notes(found: Sequence[Watched], trace: Trace) -> Iterator[str]:
    """Why there is no value, once for each expression and reason."""
    for each in found:
        for flaw in sorted(set(each.series.flaws.tolist()) - {0}):
            places = np.flatnonzero(each.series.flaws == flaw).tolist()
            first = each.series.flaw(places[0])
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            yield f"{each.heading}: no value at token {places[0]}{more}: {first.words}"


def as_data(found: Sequence[Watched], trace: Trace) -> dict[str, Any]:
    """The same for JSON; null and a reason where there is no value."""
    return {
        "format": "embstudio watches",
        "version": 1,
        "model": trace.model,
        "text": trace.text,
        "tokens": [token.text for token in trace.tokens],
        "watches": [
            {
                "expression": each.expression.text,
                "name": each.expression.name or None,
                "values": [_plain(each.series, at) for at in range(len(trace))],
                "labels": None if each.series.names is None else [_label(each.series, at) for at in range(len(trace))],
                "reasons": [each.series.flaw(at).words or None for at in range(len(trace))],
            }
            for each in found
        ],
    }


def _cell(series: Series, at: int) -> str:
    return NOTHING if series.flaws[at] else value_at(series, at)


def _plain(series: Series, at: int) -> object:
    if series.flaws[at]:
        return None
    value = series.values[at]
    if isinstance(value, str):
        return value
    if series.values.dtype == bool:
        return bool(value)
    return float(value) if math.isfinite(value) else str(float(value))


def _label(series: Series, at: int) -> str | None:
    names, value = series.names or (), series.values[at]
    return None if series.flaws[at] or not 0 <= value < len(names) else names[int(value)]
