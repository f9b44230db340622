"""How one query gets from a key to the next layer, stage by stage, each with the numbers of the trace.

q · k → scale → mask and bias → softmax → × v → W_O → + residual → MLP. The numbers are the model's own where the
trace holds them; every sum that can be worked out again from them is, in float64, and compared. A stage whose point
the model does not have says so instead of making something up.
"""

from __future__ import annotations

import numpy as np

from embstudio.stepper.attention_place import StagePlace
from embstudio.stepper.attention_scale import MASKED, Scale, find_scale
from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.stepper.precision import rounding_of
from embstudio.stepper.probe import Probe
from embstudio.stepper.residual_stages import added, mlp, projected
from embstudio.stepper.stage import ROLES, Check, Row, Stage, cosine, missing, norm
from embstudio.stepper.working import symbols


def stages(weights: AttentionWeights, layer: int, head: int, query: int, key: int, unit: int = 0) -> tuple[Stage, ...]:
    """The chain of one query and one key in a head of a layer whose pattern the trace holds.

    unit: which unit of a vector the inspector is shown.
    """
    place = StagePlace(weights, layer, head, query, key, unit)
    scale = find_scale(weights, layer, head)
    return (
        _product(place), _scaled(place, scale), _masked(place, scale), _softmax(place), _blend(place),
        projected(place), added(place), mlp(place),
    )  # fmt: skip


def _product(place: StagePlace) -> Stage:
    title, formula = "q · k", symbols("raw = q · k", ROLES)
    q, k = place.vector("q", place.query), place.vector("k", place.key)
    both = q is not None and k is not None and q.shape == k.shape
    index = (place.head, place.query, place.key)
    rows: list[Row] = []
    if q is not None and k is not None and both:
        rows += [Row("‖q‖", norm(q), "q"), Row("‖k‖", norm(k), "k"), Row("cosine", cosine(q, k))]
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
        return Stage(title, formula, missing=missing(*(lacking or ["q and k of one width"])))
    product = Row("q · k", float(q @ k), "scores")
    return Stage(title, formula, (*rows, product), place.vector_probe("q"), note="worked out from q and k")


def _scaled(place: StagePlace, scale: Scale | None) -> Stage:
    title, formula = "scale", symbols("raw × scale", ROLES)
    if scale is None:
        lacking = [part for part in ("raw_scores", "scores") if not place.has(part)]
        return Stage(title, formula, missing=missing(*lacking))
    raw = scale.raw(place.query, place.key)
    note = f"scale is {scale.name}" if scale.exact else f"taken to be {scale.name}: a bias hides the exact scale"
    rows = (Row("q · k", raw, "scores"), Row(f"× {scale.name}", scale.value), Row("scaled", raw * scale.value))
    index = (place.head, place.query, place.key)
    return Stage(title, formula, rows, Probe(place.point("scores"), index), note=note)


def _masked(place: StagePlace, scale: Scale | None) -> Stage:
    title, formula = "mask and bias", symbols("scaled + mask and bias", ROLES)
    if not place.has("scores"):
        return Stage(title, formula, missing=missing("scores"))
    index = (place.head, place.query, place.key)
    score = float(place.values("scores")[index])
    probe = Probe(place.point("scores"), index)
    if score <= MASKED:
        return Stage(title, formula, (Row("score", score, "scores"),), probe, note="the mask hides this key")
    if scale is None:
        return Stage(title, formula, (Row("score", score, "scores"),), probe)
    scaled = scale.raw(place.query, place.key) * scale.value
    extra = score - scaled
    tolerance = rounding_of(abs(scaled) + scale.size(place.query, place.key), place.values("scores"))
    nothing = abs(extra) <= tolerance
    note = "nothing is added to this key" if nothing else "added: what is left of the score (bias, mask or cap)"
    rows = (Row("scaled", scaled), Row("added", 0.0 if nothing else extra), Row("score", score, "scores"))
    return Stage(title, formula, rows, probe, Check(abs(extra), tolerance) if nothing else None, note)


def _softmax(place: StagePlace) -> Stage:
    title, formula = "softmax", symbols("softmax(scores)", ROLES)
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


def _blend(place: StagePlace) -> Stage:
    title, formula = "× v", symbols("z = Σ pattern · v", ROLES)
    v, z = place.vector("v", place.key), place.vector("z", place.query)
    if v is None:
        return Stage(title, formula, missing=missing("v"))
    weight = float(place.values("pattern")[place.head, place.query, place.key])
    rows = [Row("‖v‖ of this key", norm(v), "v"), Row("weight × ‖v‖", weight * norm(v))]
    values = place.of_kv("v")
    row = place.values("pattern")[place.head, place.query].astype(np.float64)
    terms = row[:, None] * values.astype(np.float64) if values is not None and len(row) == len(values) else None
    if z is None:
        return Stage(title, formula, tuple(rows), missing="" if terms is not None else missing("z"),
                     note=missing("z"))  # fmt: skip
    size = float(z @ z)
    if size:
        rows.append(Row("share of z", float(weight * (v @ z) / size)))
    rows.append(Row("‖z‖", norm(z)))
    check = None
    if terms is not None:
        apart = np.abs(terms.sum(axis=0) - z)
        worst = int(apart.argmax())
        check = Check(float(apart[worst]),
                      rounding_of(float(np.abs(terms[:, worst]).sum()), place.values("z")))  # fmt: skip
    return Stage(title, formula, tuple(rows), place.vector_probe("z"), check)


def _check(result: float, observed: float, size: float, *arrays: np.ndarray) -> Check:
    return Check(abs(result - observed), rounding_of(size, *arrays))
