"""What a model says after a token, beside what it said after the token before: the last stage of a step.

Only a model that reads one way, and says something after each token, says something because of this step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.attention import softmax
from embstudio.stepper.prediction import (
    LOGITS,
    class_probabilities,
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
    probe: Probe | None = None


def said(
    trace: Trace, token: int, class_names: tuple[str, ...], word: Callable[[int], str], *, predicts: bool = False
) -> Said:
    """What the model says after a token, counted as the text stands.

    class_names: of the classes, if they are known. word: the entry of the vocabulary with an id. predicts: whether the
    model is known to give scores, be they in the trace or not.
    """
    classes = class_probabilities(trace)
    if classes is not None:
        return _classes(trace, classes, token, class_names)
    if not predicts_words(trace):
        return Said(missing=NOT_HERE if predicts else NO_HEAD)
    return _words(trace, token, word)


def prediction_stage(found: Said, cell: RecurrentCell, deepest: int, number: int) -> Stage:
    """The same as the last card of a step. number: which card it is. deepest: the last recurrent layer."""
    formula = symbols("p = softmax(W h + b)", ROLES)
    title = f"{number} prediction"
    if found.missing or not found.outcomes:
        return Stage(title, formula, missing=found.missing or NOT_HERE)
    first = found.outcomes[0]
    name = f"‘{first.name}’" if found.words else first.name
    rows = [Row(f"{name} before", first.before)] if first.before is not None else []
    rows.append(Row(f"{name} now" if rows else name, first.now))
    above = f"h goes on to layer {cell.layer + 1} first" if cell.layer < deepest else ""
    note = "; ".join(filter(None, (above, found.note)))
    return Stage(title, formula, tuple(rows), found.probe, note=note)


def _classes(trace: Trace, classes: np.ndarray, token: int, names: tuple[str, ...]) -> Said:
    count = classes.shape[1]
    names = names if len(names) == count else tuple(f"class {number}" for number in range(count))
    if len(classes) != len(trace):
        if token != len(trace) - 1:
            return Said(missing=AT_END)
        row, before, note = classes[-1], None, ""
    else:
        row = classes[token]
        ahead = bool(looks_ahead(trace))
        before = classes[token - 1] if token and not ahead else None
        note = BOTH_WAYS if ahead else ""
    order = np.argsort(-row, kind="stable")[:SHOWN]
    outcomes = tuple(Outcome(names[k], float(row[k]), None if before is None else float(before[k])) for k in order)
    shape = trace[LOGITS].shape
    at = (token, int(order[0])) if len(shape) == 2 else (int(order[0]),)
    return Said(outcomes, note, probe=Probe(LOGITS, at))


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
