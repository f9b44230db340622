"""How a score, a weight or a blended value of attention comes about, with this step's numbers."""

from __future__ import annotations

import math

import numpy as np

from embstudio.stepper.precision import grid, rounding_of
from embstudio.stepper.probe import Probe
from embstudio.stepper.residual_working import signed
from embstudio.stepper.working import Piece, Working, numbers, symbols
from embstudio.trace.points import Point
from embstudio.trace.trace import Trace

ROLES = frozenset({"q", "k", "v", "raw_scores", "scores", "pattern"})
MASKED = -1e4
"""Scores below this are a mask's doing: exporters add −10⁴, the least float of some precision, or −∞."""

SHOWN_TERMS = 3


def attention_workings(trace: Trace, point: Point, probe: Probe) -> tuple[Working, ...]:
    """The working of one value of an attention point; empty where the trace holds too few of its parts."""
    part = point.name.rpartition(".")[2]
    work = {"raw_scores": _raw, "scores": _score, "pattern": _weight, "z": _blend}.get(part)
    return work(trace, point, probe) if work else ()


def _raw(trace: Trace, point: Point, probe: Probe) -> tuple[Working, ...]:
    """q·k."""
    head, query, key = probe.index
    q, k = _vector(trace, point, "q", head, query), _vector(trace, point, "k", head, key)
    if q is None or k is None or q.shape != k.shape:
        return ()
    terms = q * k
    tolerance = rounding_of(float(np.abs(terms).sum()), trace[probe.point].values, trace[f"{point.prefix}.q"].values)
    return (
        Working(
            symbols("raw_scores = q · k", ROLES), (*_product(len(q)), *numbers(float(terms.sum()))),
            float(terms.sum()), probe.value(trace), tolerance,
        ),
    )  # fmt: skip


def _score(trace: Trace, point: Point, probe: Probe) -> tuple[Working, ...]:
    """q·k / √d_head, and what the mask and biases added to it."""
    head, query, key = probe.index
    q, k = _vector(trace, point, "q", head, query), _vector(trace, point, "k", head, key)
    if q is None or k is None or q.shape != k.shape:
        return ()
    terms = q * k
    product, width, observed = float(terms.sum()), len(q), probe.value(trace)
    held = trace[probe.point].values
    if observed < MASKED:
        note = "A mask hides this key from this query: the score is as low as the model can write."
        return (_scaled(product, width, None, 0.0, note),)
    plain = Working(
        symbols("scores = q · k", ROLES), (*_product(width), *numbers(product)), product, observed,
        rounding_of(float(np.abs(terms).sum()), held),
        "The scale is already in q or k: their product is the score.",
    )  # fmt: skip
    scaled = _scaled(product, width, observed, rounding_of(float(np.abs(terms).sum()) / math.sqrt(width), held), "")
    if plain.agrees and not scaled.agrees:
        return (plain,)
    if not scaled.agrees:
        rest = _scaled(product, width, observed, scaled.tolerance,
                       f"What remains is {signed(observed - scaled.result)}: another scale, a position bias, "
                       "a soft cap or a mask.")  # fmt: skip
        return (rest,)
    return (scaled,)


def _scaled(product: float, width: int, observed: float | None, tolerance: float, note: str) -> Working:
    return Working(
        symbols("scores = q · k / √d_head", ROLES),
        (*_product(width), *numbers(product, f" / √{width}")),
        product / math.sqrt(width),
        observed,
        tolerance,
        note,
    )


def _product(width: int) -> tuple[Piece, ...]:
    return (Piece("q · k = Σ"), Piece(f" over {width} = "))


def _weight(trace: Trace, point: Point, probe: Probe) -> tuple[Working, ...]:
    """exp(s) / Σ exp(s) over the row of the query."""
    name = f"{point.prefix}.scores"
    if name not in trace:
        return ()
    head, query, key = probe.index
    row = trace[name].values[head, query].astype(np.float64)
    top = row.max()
    if not np.isfinite(top):
        return ()
    # exp overflows float64 beyond 709: such a row is written relative to its largest score, as softmax is computed.
    base = 0.0 if abs(top) < 700 else top
    weights = np.exp(row - base)
    observed = probe.value(trace)
    sizes = np.abs(row[row > MASKED])
    given = float(trace[probe.point].values[head, query].sum(dtype=np.float64))
    total, formula, note = float(weights.sum()), "pattern = exp(scores) / Σ exp(scores)", ""
    below: tuple[str | float, ...] = (total,)
    if 0 < given < 1 - 1e-3 - len(row) * grid(trace[probe.point].values) / 2:
        sink = total * (1 - given) / given
        formula, below = "pattern = exp(scores) / (Σ exp(scores) + exp(sink))", ("(", total, " + ", sink, ")")
        total += sink
        note = (f"This row's weights sum to {given:.4f}, not to 1: the rest goes to no token (an attention sink), "
                "and exp(sink) is worked out from it.")  # fmt: skip
    share = float(weights[key]) / total
    return (
        Working(
            symbols(formula, ROLES),
            numbers("exp(", ("scores", float(row[key])), f") / Σ over {len(row)} keys = ", float(weights[key]), " / ",
                    *below),
            share,
            observed,
            rounding_of(share * (1 + float(sizes.max(initial=0))), trace[probe.point].values),
            note,
        ),
    )  # fmt: skip


def _blend(trace: Trace, point: Point, probe: Probe) -> tuple[Working, ...]:
    """Σ pattern · v: the largest terms, and the rest in one number."""
    head, query, at = probe.index
    pattern, v = f"{point.prefix}.pattern", f"{point.prefix}.v"
    if pattern not in trace or v not in trace:
        return ()
    weights = trace[pattern].values[head, query].astype(np.float64)
    values = trace[v].values[_kv_head(trace, point, "v", head), :, at].astype(np.float64)
    if weights.shape != values.shape:
        return ()
    terms = weights * values
    largest = np.argsort(-np.abs(terms), kind="stable")[:SHOWN_TERMS]
    parts: list[str | float | tuple[str, float]] = []
    for key in largest:
        parts += [" + "] if parts else []
        parts += [
            ("pattern", float(weights[key])),
            " · ",
            ("v", float(values[key])),
            f" {_quoted(trace, point, int(key))}",
        ]
    if len(terms) > len(largest):
        parts += [" + ", float(terms.sum() - terms[largest].sum()), f" from {len(terms) - len(largest)} more"]
    return (
        Working(
            symbols("z = Σ pattern · v", ROLES), numbers(*parts), float(terms.sum()), probe.value(trace),
            rounding_of(float(np.abs(terms).sum()), trace[probe.point].values),
        ),
    )  # fmt: skip


def _vector(trace: Trace, point: Point, part: str, head: int, pos: int) -> np.ndarray | None:
    name = f"{point.prefix}.{part}"
    if name not in trace:
        return None
    return np.asarray(trace[name].values[_kv_head(trace, point, part, head), pos], dtype=np.float64)


def _kv_head(trace: Trace, point: Point, part: str, head: int) -> int:
    """With grouped queries several heads share one key/value head."""
    heads = trace[point.name].shape[0]
    held = trace[f"{point.prefix}.{part}"].shape[0]
    return head * held // heads if heads > held else min(head, held - 1)


def _quoted(trace: Trace, point: Point, key: int) -> str:
    keys = trace.along(point.name, "key")
    return f"‘{keys[key].text.strip()}’" if key < len(keys) else f"key {key}"
