"""What is held, in words, and what a model says with it and without."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.gui.panels.gate_words import word
from embstudio.gui.panels.step_sum import subscript
from embstudio.gui.plots.class_words import class_names
from embstudio.gui.plots.token_label import token_label
from embstudio.gui.style.numbers import MINUS, four, percent
from embstudio.session.replacement import Replacement
from embstudio.stepper.class_readout import LOGITS, ClassReadout, class_readout
from embstudio.stepper.prediction import next_words
from embstudio.studio.document import Document
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace

LISTED = 3  # classes that are judged each by itself


def held(what: Replacement, trace: Trace) -> str:
    """ "forget gate of unit 17 at 1, from ‘dog’ on"; the layer is named where it is not the first one's."""
    point = parse(what.point)
    units = "all units" if what.units is None else _units(what.units)
    where = "" if not point.layer and point.direction == "forward" else f" (layer {point.layer} {point.direction})"
    return f"{word(what.point)} of {units}{where} {_how(what)}, {_when(what, trace)}"


def _how(what: Replacement) -> str:
    match what.how:
        case "scale":
            return f"times {plain(what.value)}"
        case "add":
            return f"plus {plain(what.value)}"
    return f"at {plain(what.value)}"


def _units(units: Sequence[int]) -> str:
    return f"unit {units[0]}" if len(units) == 1 else f"units {', '.join(map(str, units))}"


def _when(what: Replacement, trace: Trace) -> str:
    if what.start == 0 and what.end is None:
        return "at every token"
    if what.end is None:
        return f"from {_token(what.start, trace)} on"
    if what.end == what.start + 1:
        return f"at {_token(what.start, trace)} only"
    return f"from {_token(what.start, trace)} to {_token(what.end - 1, trace)}"


def _token(place: int, trace: Trace) -> str:
    """‘dog’, or ‘the’₈ where other tokens say the same."""
    if place >= len(trace):
        return f"token {place + 1}"
    label = token_label(trace.tokens[place])
    often = sum(token_label(token) == label for token in trace.tokens) > 1
    return f"‘{label}’{subscript(place + 1) if often else ''}"


def plain(value: float) -> str:
    """Four significant digits at most: 1, 0.25, −0.4983."""
    return f"{value:.4g}".replace("-", MINUS)


def before_and_after(document: Document, baseline: Trace, trace: Trace, token: int) -> str:
    """ "after ‘won’: positive 87.4 % → 52.1 %": what the model says of the same thing without and with what is held;
    "" for a model that predicts nothing."""
    at = f"after ‘{token_label(trace.tokens[token])}’" if token < len(trace) else ""
    readout = class_readout(trace)  # both are read in the same way
    if readout is not None and LOGITS in baseline and baseline[LOGITS].shape == trace[LOGITS].shape:
        before, after = (np.atleast_2d(each[LOGITS].values) for each in (baseline, trace))
        if len(after) == 1 and len(trace) > 1:
            at = "the whole text"
        row = min(token, len(after) - 1)
        return f"{at}: {_classes(document, readout, before[row], after[row])}"
    first, then = next_words(baseline, token, 1), next_words(trace, token, 1)
    if first and then:
        told = (f"{document.word(best.id).strip()} {percent(best.probability)}" for best in (first[0], then[0]))
        return f"{at}: " + " → ".join(told)
    return ""


def _classes(document: Document, readout: ClassReadout, before: np.ndarray, after: np.ndarray) -> str:
    """Of scores [class] without and with what is held: the likeliest class; of classes that are judged each by itself
    those that move most; of one score alone itself, and its σ."""
    names = class_names(document.labels, len(before), readout)
    then, now = readout.of(before), readout.of(after)
    if readout.bare:
        sigmas = f"σ {percent(float(then[0]))} → {percent(float(now[0]))}"
        return f"{names[0]} {four(float(before[0]))} → {four(float(after[0]))} ({sigmas})"
    told = np.argsort(-np.abs(now - then), kind="stable")[:LISTED] if readout.apart else [then.argmax()]
    return ", ".join(f"{names[each]} {percent(float(then[each]))} → {percent(float(now[each]))}" for each in told)
