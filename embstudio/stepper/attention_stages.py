"""How one query gets from a key to the next layer, stage by stage, each with the numbers of the trace.

q · k → scale → mask and bias → softmax → × v → W_O → + residual → MLP. The numbers are the model's own where the
trace holds them; every sum that can be worked out again from them is, in float64, and compared. A stage whose point
the model does not have says so instead of making something up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.attention_scale import MASKED, Scale, find_scale
from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.stepper.precision import rounding_of
from embstudio.stepper.probe import Probe
from embstudio.stepper.residual_working import short, vector_sum
from embstudio.stepper.working import Piece, symbols
from embstudio.trace.points import parse

_ROLES = frozenset({"q", "k", "v", "scores", "pattern"})


@dataclass(frozen=True)
class Row:
    """One number of a stage; an int is a count. role: the part of a point's name that gives it its colour, or empty."""

    label: str
    value: float | int
    role: str = ""


@dataclass(frozen=True)
class Check:
    """A sum worked out again: how far it lies from what was observed, and how far rounding can part them."""

    difference: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        return self.difference <= self.tolerance


@dataclass(frozen=True)
class Stage:
    """One card of the chain. result: the number that goes on to the next stage is the last of `rows`.

    probe:   what the inspector shows of it; None where the trace holds no value of it.
    note:    what must be known of it. missing: why it has no numbers; empty where it has.
    """

    title: str
    formula: tuple[Piece, ...]
    rows: tuple[Row, ...] = ()
    probe: Probe | None = None
    check: Check | None = None
    note: str = ""
    missing: str = ""


@dataclass(frozen=True)
class KeyColumn:
    """One stage's number for every key: values [key], NaN where it is not known or the mask hides the key."""

    title: str
    about: str
    values: np.ndarray


@dataclass(frozen=True)
class _Place:
    """Where the chain runs. at: the names of the layer's points begin so; attn: those of its attention."""

    weights: AttentionWeights
    layer: int
    head: int
    query: int
    key: int
    unit: int

    @property
    def at(self) -> str:
        return self.weights.stack.at(self.layer)

    def point(self, part: str) -> str:
        return self.weights.stack.point(self.layer, part)

    def has(self, part: str) -> bool:
        return self.point(part) in self.weights.trace

    def values(self, part: str) -> np.ndarray:
        return self.weights.trace[self.point(part)].values

    def of_kv(self, part: str) -> np.ndarray | None:
        """q, k, v or z of this head, or of the key/value head that it reads; None where the trace lacks it."""
        if not self.has(part):
            return None
        held = self.values(part)
        heads = self.weights.heads(self.layer)
        shared = self.head * len(held) // heads if len(held) < heads else min(self.head, len(held) - 1)
        return np.asarray(held[shared])

    def vector(self, part: str, pos: int) -> np.ndarray | None:
        """The same at one position, float64."""
        held = self.of_kv(part)
        return np.asarray(held[pos], dtype=np.float64) if held is not None else None

    def vector_probe(self, part: str) -> Probe:
        """The current unit of q or z at the query."""
        heads, _queries, width = self.values(part).shape
        return Probe(self.point(part), (min(self.head, heads - 1), self.query, min(self.unit, width - 1)))

    def stream(self, part: str) -> np.ndarray | None:
        """A vector of the stream at the query, float64."""
        name = f"{self.at}.{part}"
        if name not in self.weights.trace or self.query >= len(self.weights.trace[name].values):
            return None
        return np.asarray(self.weights.trace[name].values[self.query], dtype=np.float64)

    def stream_probe(self, part: str) -> Probe:
        width = self.weights.trace[f"{self.at}.{part}"].shape[-1]
        return Probe(f"{self.at}.{part}", (self.query, min(self.unit, width - 1)))


def stages(weights: AttentionWeights, layer: int, head: int, query: int, key: int, unit: int = 0) -> tuple[Stage, ...]:
    """The chain of one query and one key in a head of a layer whose pattern the trace holds.

    unit: which unit of a vector the inspector is shown.
    """
    place = _Place(weights, layer, head, query, key, unit)
    scale = find_scale(weights, layer, head)
    return (
        _product(place), _scaled(place, scale), _masked(place, scale), _softmax(place), _blend(place),
        _projected(place), _added(place), _mlp(place),
    )  # fmt: skip


def key_columns(weights: AttentionWeights, layer: int, head: int, query: int) -> tuple[KeyColumn, ...]:
    """The numbers of one query for all its keys, as far as the trace has them."""
    place = _Place(weights, layer, head, query, 0, 0)
    hidden = weights.hidden(layer)[query]
    scale = find_scale(weights, layer, head)
    pattern = place.values("pattern")[head, query].astype(np.float64)
    told: list[tuple[str, str, np.ndarray]] = []
    if scale is not None:
        raw = scale.raw_row(query)
        told += [("q · k", "before scale, bias and mask", raw), ("scaled", f"times {scale.name}", raw * scale.value)]
    if place.has("scores"):
        told.append(("score", "after scale, bias and mask", place.values("scores")[head, query].astype(np.float64)))
    told.append(("weight", "after softmax: they sum to 1, but for a sink", pattern))
    values = place.of_kv("v")
    if values is not None and len(values) == len(pattern):
        sizes = np.linalg.norm(values.astype(np.float64), axis=1)
        told.append(("weight × ‖v‖", "the size of what the key hands over", pattern * sizes))
    return tuple(KeyColumn(title, about, np.where(hidden, np.nan, column)) for title, about, column in told)


def _missing(*parts: str) -> str:
    return f"{' and '.join(parts)} not found in this model"


def _product(place: _Place) -> Stage:
    title, formula = "q · k", symbols("raw = q · k", _ROLES)
    q, k = place.vector("q", place.query), place.vector("k", place.key)
    both = q is not None and k is not None and q.shape == k.shape
    index = (place.head, place.query, place.key)
    rows: list[Row] = []
    if q is not None and k is not None and both:
        rows += [Row("‖q‖", _norm(q), "q"), Row("‖k‖", _norm(k), "k"), Row("cosine", _cosine(q, k))]
    if place.has("raw_scores"):
        observed = float(place.values("raw_scores")[index])
        check = None
        if q is not None and k is not None and both:
            check = _check(
                float(q @ k), observed, float(np.abs(q * k).sum()), place.values("raw_scores"), place.values("q")
            )
        return Stage(title, formula, (*rows, Row("q · k", observed, "scores")),
                     Probe(place.point("raw_scores"), index), check)  # fmt: skip
    if q is None or k is None or not both:
        lacking = [part for part in ("q", "k") if not place.has(part)]
        return Stage(title, formula, missing=_missing(*(lacking or ["q and k of one width"])))
    product = Row("q · k", float(q @ k), "scores")
    return Stage(title, formula, (*rows, product), place.vector_probe("q"), note="worked out from q and k")


def _scaled(place: _Place, scale: Scale | None) -> Stage:
    title, formula = "scale", symbols("raw × scale", _ROLES)
    if scale is None:
        lacking = [part for part in ("raw_scores", "scores") if not place.has(part)]
        return Stage(title, formula, missing=_missing(*lacking))
    raw = scale.raw(place.query, place.key)
    note = f"scale is {scale.name}" if scale.exact else f"taken to be {scale.name}: a bias hides the exact scale"
    rows = (Row("q · k", raw, "scores"), Row(f"× {scale.name}", scale.value), Row("scaled", raw * scale.value))
    index = (place.head, place.query, place.key)
    return Stage(title, formula, rows, Probe(place.point("scores"), index), note=note)


def _masked(place: _Place, scale: Scale | None) -> Stage:
    title, formula = "mask and bias", symbols("scaled + mask and bias", _ROLES)
    if not place.has("scores"):
        return Stage(title, formula, missing=_missing("scores"))
    index = (place.head, place.query, place.key)
    score = float(place.values("scores")[index])
    probe = Probe(place.point("scores"), index)
    if score <= MASKED:
        return Stage(title, formula, (Row("score", score, "scores"),), probe, note="the mask hides this key")
    if scale is None:
        return Stage(title, formula, (Row("score", score, "scores"),), probe)
    scaled = scale.raw(place.query, place.key) * scale.value
    added = score - scaled
    tolerance = rounding_of(abs(scaled) + scale.size(place.query, place.key), place.values("scores"))
    nothing = abs(added) <= tolerance
    note = "nothing is added to this key" if nothing else "added: what is left of the score (bias, mask or cap)"
    rows = (Row("scaled", scaled), Row("added", 0.0 if nothing else added), Row("score", score, "scores"))
    return Stage(title, formula, rows, probe, Check(abs(added), tolerance) if nothing else None, note)


def _softmax(place: _Place) -> Stage:
    title, formula = "softmax", symbols("softmax(scores)", _ROLES)
    index = (place.head, place.query, place.key)
    weight = float(place.values("pattern")[index])
    probe = Probe(place.point("pattern"), index)
    rest = place.weights.unassigned(place.layer, place.head, place.query)
    note = f"{100 * rest:.1f} % of this row goes to no token (a sink)" if rest else ""
    row = place.values("pattern")[place.head, place.query].astype(np.float64)
    before = Row("rank of the key", int((row > weight).sum()) + 1)
    rows: tuple[Row, ...] = (before, Row("weight", weight, "pattern"))
    if not place.has("scores"):
        return Stage(title, formula, rows, probe, note=note)
    scores = place.values("scores")[place.head, place.query].astype(np.float64)
    top = scores.max()
    if not np.isfinite(top):
        return Stage(title, formula, rows, probe, note=note)
    powers = np.exp(scores - top)
    share = float(powers[place.key] / powers.sum())
    sizes = np.abs(scores[scores > MASKED])
    tolerance = rounding_of(share * (1 + float(sizes.max(initial=0))), place.values("pattern"))
    rows = (Row("exp(s − max)", float(powers[place.key])), Row("Σ of the row", float(powers.sum())), *rows)
    check = None if rest else Check(abs(share - weight), tolerance)
    return Stage(title, formula, rows, probe, check, note)


def _blend(place: _Place) -> Stage:
    title, formula = "× v", symbols("z = Σ pattern · v", _ROLES)
    v, z = place.vector("v", place.key), place.vector("z", place.query)
    if v is None:
        return Stage(title, formula, missing=_missing("v"))
    weight = float(place.values("pattern")[place.head, place.query, place.key])
    rows = [Row("‖v‖ of this key", _norm(v), "v"), Row("weight × ‖v‖", weight * _norm(v))]
    values = place.of_kv("v")
    row = place.values("pattern")[place.head, place.query].astype(np.float64)
    terms = row[:, None] * values.astype(np.float64) if values is not None and len(row) == len(values) else None
    if z is None:
        return Stage(title, formula, tuple(rows), missing="" if terms is not None else _missing("z"),
                     note=_missing("z"))  # fmt: skip
    size = float(z @ z)
    if size:
        rows.append(Row("share of z", float(weight * (v @ z) / size)))
    rows.append(Row("‖z‖", _norm(z)))
    check = None
    if terms is not None:
        apart = np.abs(terms.sum(axis=0) - z)
        worst = int(apart.argmax())
        check = Check(float(apart[worst]),
                      rounding_of(float(np.abs(terms[:, worst]).sum()), place.values("z")))  # fmt: skip
    return Stage(title, formula, tuple(rows), place.vector_probe("z"), check)


def _projected(place: _Place) -> Stage:
    title, formula = "W_O", symbols("out = concat(z) W_O", _ROLES)
    part = f"{place.weights.stack.block}.out"
    out, z = place.stream(part), place.vector("z", place.query)
    if out is None:
        return Stage(title, formula, missing=_missing(part))
    rows = [Row("‖z‖, this head", _norm(z))] if z is not None else []
    if place.has("z"):
        every = place.values("z")[:, place.query].astype(np.float64)
        rows.append(Row(f"‖z‖, {len(every)} heads", _norm(every.ravel())))
    note = "of all heads; W_O itself is not in a trace"
    return Stage(title, formula, (*rows, Row("‖out‖", _norm(out))), place.stream_probe(part), note=note)


def _added(place: _Place) -> Stage:
    """The stream after attention: the model's own sum, or where a norm follows at once, the sum before it."""
    crosses = place.weights.stack.crosses
    before, after = ("resid_mid", "resid_cross") if crosses else ("resid_pre", "resid_mid")
    block = place.weights.stack.block
    summed = f"{block}.sum" if f"{place.at}.{block}.sum" in place.weights.trace else after
    if place.stream(summed) is None and _side_by_side(place):
        return _parallel(place)
    return _sum_stage(place, "+ residual", before, f"{block}.out", summed, after)


def _side_by_side(place: _Place) -> bool:
    """Whether attention and MLP both read the block's input and are added to it together (Wang, Komatsuzaki 2021)."""
    found = vector_sum(place.weights.trace, parse(f"{place.at}.resid_post"), place.query)
    return found is not None and found.agrees and len(found.terms) == 3


def _parallel(place: _Place) -> Stage:
    old, update = place.stream("resid_pre"), place.stream("attn.out")
    assert old is not None
    assert update is not None
    rows = (Row("‖resid_pre‖", _norm(old)), Row("cosine", _cosine(old, update)), Row("‖attn.out‖", _norm(update)))
    return Stage("+ residual", (Piece("resid_pre + attn.out"),), rows, place.stream_probe("attn.out"),
                 note="added together with the MLP, which runs beside attention here")  # fmt: skip


def _mlp(place: _Place) -> Stage:
    at, trace = place.at, place.weights.trace
    before = "resid_cross" if f"{at}.resid_cross" in trace else "resid_mid"
    before = before if f"{at}.{before}" in trace else "resid_pre"
    summed = "mlp.sum" if f"{at}.mlp.sum" in trace else "resid_post"
    made = _sum_stage(place, "+ MLP", before, "mlp.out", summed, "resid_post")
    hidden = place.stream("mlp.hidden")
    if hidden is None or made.missing:
        return made
    active = Row(f"of {len(hidden)} units > 0", int((hidden > 0).sum()))
    return Stage(made.title, made.formula, (active, *made.rows), made.probe, made.check, made.note)


def _sum_stage(place: _Place, title: str, before: str, part: str, summed: str, after: str) -> Stage:
    """before + part = summed, and the stream `after` where a norm makes it of the sum."""
    formula = (Piece(f"{before} + {part}"),)
    old, update, new = place.stream(before), place.stream(part), place.stream(summed)
    if update is None or new is None:
        return Stage(title, formula, missing=_missing(*(name for name, held in ((part, update), (summed, new))
                                                        if held is None)))  # fmt: skip
    rows = [Row(f"‖{part}‖", _norm(update))]
    if old is not None:
        rows = [Row(f"‖{before}‖", _norm(old)), *rows, Row("cosine", _cosine(old, update))]
    rows.append(Row(f"‖{summed}‖", _norm(new)))
    found = vector_sum(place.weights.trace, parse(f"{place.at}.{summed}"), place.query)
    note = ""
    if summed != after:
        note = f"a norm makes {after} of it"
    elif found is not None and not found.agrees:
        note = "a norm, scale or bias is in between"
    elif found is not None and set(map(short, found.terms)) != {before, part}:
        note = f"= {' + '.join(map(short, found.terms))}"
    check = Check(found.difference, found.tolerance) if found is not None else None
    return Stage(title, formula, tuple(rows), place.stream_probe(summed), check, note)


def _check(result: float, observed: float, size: float, *arrays: np.ndarray) -> Check:
    return Check(abs(result - observed), rounding_of(size, *arrays))


def _norm(vector: np.ndarray) -> float:
    return float(np.linalg.norm(vector))


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    size = _norm(one) * _norm(other)
    return float(one @ other / size) if size else float("nan")
