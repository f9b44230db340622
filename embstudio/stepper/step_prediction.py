"""What a model says after a token, beside what it said after the token before: the last stage of a step.

Only a model that reads one way, and says something after each token, says something because of this step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.attention import softmax
from embstudio.stepper.class_readout import ClassReadout, class_readout
from embstudio.stepper.prediction import (
    LOGITS,
    looks_ahead,
    predicted_tokens,
    predicts_words,
    scores_at,
)
from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_flow import RecurrentCell
from embstudio.stepper.recurrent_working import ROLES
from embstudio.stepper.stage import Row, Stage
from embstudio.stepper.working import symbols
from embstudio.trace.trace import Trace

SHOWN = 5
NO_HEAD = "the model ends in vectors: it predicts nothing by itself"
AT_END = "the model says something only after the last token"
BOTH_WAYS = "it reads both ways, so this rests on all of the text"
APART = "each class is judged by itself"
BARE = "the model ends in a score; whether σ of it is a probability, its file does not say"
LISTED = 2  # of classes judged each by itself, on the card of the stage
NOT_HERE = "the model's scores are not in this trace"


@dataclass(frozen=True)
class Outcome:
    """A class or word with its probability after a token, and after the one before; None where there is no such."""

    name: str
    now: float
    before: float | None


@dataclass(frozen=True)
class Said:
    """outcomes: the most probable first. note: what must be known of them. missing: why there are none."""

    outcomes: tuple[Outcome, ...] = ()
    note: str = ""
    missing: str = ""
    words: bool = False
    readout: ClassReadout | None = None  # of classes
    probe: Probe | None = None


def said(
    trace: Trace, token: int, class_names: tuple[str, ...], word: Callable[[int], str], *, predicts: bool = False
) -> Said:
    """What the model says after a token, counted as the text stands.

    class_names: of the classes, if they are known. word: the entry of the vocabulary with an id. predicts: whether the
    model is known to give scores, be they in the trace or not.
    """
    readout = class_readout(trace)
    if readout is not None:
        return _classes(trace, readout, token, class_names)
    if not predicts_words(trace):
        return Said(missing=NOT_HERE if predicts else NO_HEAD)
    return _words(trace, token, word)


def prediction_stage(found: Said, cell: RecurrentCell, deepest: int, number: int) -> Stage:
    """The same as the last card of a step. number: which card it is. deepest: the last recurrent layer."""
    apart = found.readout is not None and found.readout.apart
    formula = symbols("p = σ(W h + b)" if apart else "p = softmax(W h + b)", ROLES)
    title = f"{number} prediction"
    if found.missing or not found.outcomes:
        return Stage(title, formula, missing=found.missing or NOT_HERE)
    rows = []
    for each in found.outcomes[: LISTED if apart else 1]:
        name = f"‘{each.name}’" if found.words else each.name
        if each.before is not None:
            rows.append(Row(f"{name} before", each.before))
        rows.append(Row(f"{name} now" if each.before is not None else name, each.now))
    above = f"h goes on to layer {cell.layer + 1} first" if cell.layer < deepest else ""
    note = "; ".join(filter(None, (above, found.note)))
    return Stage(title, formula, tuple(rows), found.probe, note=note)


def _classes(trace: Trace, readout: ClassReadout, token: int, names: tuple[str, ...]) -> Said:
    classes = readout.of(np.atleast_2d(trace[LOGITS].values))
    count = classes.shape[1]
    names = names if len(names) == count else tuple(f"class {number}" for number in range(count))
    if readout.bare:
        names = (f"σ({names[0]})",)
    if len(classes) != len(trace):
        if token != len(trace) - 1:
            return Said(missing=AT_END)
        row, before, note = classes[-1], None, ""
    else:
        row = classes[token]
        ahead = bool(looks_ahead(trace))
        before = classes[token - 1] if token and not ahead else None
        note = BOTH_WAYS if ahead else ""
    note = "; ".join(filter(None, (note, BARE if readout.bare else APART if readout.apart and count > 1 else "")))
    order = np.argsort(-row, kind="stable")[:SHOWN]
    outcomes = tuple(Outcome(names[k], float(row[k]), None if before is None else float(before[k])) for k in order)
    shape = trace[LOGITS].shape
    at = (token, int(order[0])) if len(shape) == 2 else (int(order[0]),)
    return Said(outcomes, note, readout=readout, probe=Probe(LOGITS, at))


def _words(trace: Trace, token: int, word: Callable[[int], str]) -> Said:
    scores = scores_at(trace, token)
    if scores is None:
        return Said(missing=AT_END, words=True)
    ahead = bool(looks_ahead(trace))
    earlier = scores_at(trace, token - 1) if token and not ahead else None
    count = min(SHOWN, scores.size)
    best = np.argpartition(-scores, count - 1)[:count]
    now = softmax(scores.astype(np.float64))
    before = softmax(earlier.astype(np.float64)) if earlier is not None else None
    outcomes = [
        Outcome(word(id_), float(now[id_]), None if before is None else float(before[id_]))
        for id_ in best[np.argsort(-scores[best], kind="stable")].tolist()
    ]
    shape, top = trace[LOGITS].shape, int(scores.argmax())
    row = token - (len(predicted_tokens(trace)) - shape[0]) if len(shape) == 2 else 0
    probe = Probe(LOGITS, (row, top) if len(shape) == 2 else (top,))
    return Said(tuple(outcomes), BOTH_WAYS if ahead else "", words=True, probe=probe)
