"""The stages from a head's blend to the next layer: W_O, the residual stream, the MLP."""

from __future__ import annotations

import numpy as np

from embstudio.stepper.attention_place import StagePlace
from embstudio.stepper.precision import rounding_of
from embstudio.stepper.residual_working import short, vector_sum
from embstudio.stepper.stage import ROLES, Check, Row, Stage, cosine, missing, norm
from embstudio.stepper.working import Piece, symbols
from embstudio.trace.points import parse


def projected(place: StagePlace) -> Stage:
    title, formula = "W_O", symbols("out = concat(z) W_O", ROLES)
    part = f"{place.weights.stack.block}.out"
    out, z = place.stream(part), place.vector("z", place.query)
    if out is None:
        return Stage(title, formula, missing=missing(part))
    rows = [Row("‖z‖, this head", norm(z))] if z is not None else []
    if place.has("z"):
        every = place.values("z")[:, place.query].astype(np.float64)
        rows.append(Row(f"‖z‖, {len(every)} heads", norm(every.ravel())))
    note = "of all heads; W_O itself is not in a trace"
    return Stage(title, formula, (*rows, Row("‖out‖", norm(out))), place.stream_probe(part), note=note)


def added(place: StagePlace) -> Stage:
    """The stream after attention: the model's own sum, or where a norm follows at once, the sum before it."""
    crosses = place.weights.stack.crosses
    before, after = ("resid_mid", "resid_cross") if crosses else ("resid_pre", "resid_mid")
    block = place.weights.stack.block
    summed = f"{block}.sum" if f"{place.at}.{block}.sum" in place.weights.trace else after
    if place.stream(summed) is None and _side_by_side(place):
        return _parallel(place)
    if place.stream(summed) is None and (alone := _alone(place)) is not None:
        return alone
    return _sum_stage(place, "+ residual", before, f"{block}.out", summed, after)


def _side_by_side(place: StagePlace) -> bool:
    """Whether attention and MLP both read the block's input and are added to it together (Wang, Komatsuzaki 2021)."""
    found = vector_sum(place.weights.trace, parse(f"{place.at}.resid_post"), place.query)
    return found is not None and found.agrees and len(found.terms) == 3


def _parallel(place: StagePlace) -> Stage:
    old, update = place.stream("resid_pre"), place.stream("attn.out")
    assert old is not None
    assert update is not None
    rows = (Row("‖resid_pre‖", norm(old)), Row("cosine", cosine(old, update)), Row("‖attn.out‖", norm(update)))
    return Stage("+ residual", (Piece("resid_pre + attn.out"),), rows, place.stream_probe("attn.out"),
                 note="added together with the MLP, which runs beside attention here")  # fmt: skip


def _alone(place: StagePlace) -> Stage | None:
    """Of a block without an MLP, whose stream is the input and attention added up; None where it is not that."""
    old, update, new = (place.stream(part) for part in ("resid_pre", "attn.out", "resid_post"))
    if place.stream("mlp.out") is not None or old is None or update is None or new is None:
        return None
    apart = np.abs(old.astype(np.float64) + update - new)
    worst = int(apart.argmax())
    held = place.weights.trace[f"{place.at}.resid_post"].values
    check = Check(float(apart[worst]), rounding_of(float(np.abs(old)[worst] + np.abs(update)[worst]), held))
    rows = (Row("‖resid_pre‖", norm(old)), Row("‖attn.out‖", norm(update)), Row("cosine", cosine(old, update)),
            Row("‖resid_post‖", norm(new)))  # fmt: skip
    formula = (Piece("resid_pre + attn.out"),)
    probe = place.stream_probe("resid_post")
    return Stage("+ residual", formula, rows, probe, check) if check.difference <= check.tolerance else None


def mlp(place: StagePlace) -> Stage:
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


def _sum_stage(place: StagePlace, title: str, before: str, part: str, summed: str, after: str) -> Stage:
    """before + part = summed, and the stream `after` where a norm makes it of the sum."""
    formula = (Piece(f"{before} + {part}"),)
    old, update, new = place.stream(before), place.stream(part), place.stream(summed)
    if update is None or new is None:
        return Stage(title, formula, missing=missing(*(name for name, held in ((part, update), (summed, new))
                                                        if held is None)))  # fmt: skip
    rows = [Row(f"‖{part}‖", norm(update))]
    if old is not None:
        rows = [Row(f"‖{before}‖", norm(old)), *rows, Row("cosine", cosine(old, update))]
    rows.append(Row(f"‖{summed}‖", norm(new)))
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
