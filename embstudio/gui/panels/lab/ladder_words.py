"""The ladder in words: what each rung is, and what became of the two texts there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.distances import euclidean
from embstudio.gui.panels.lab.metric_ladder import MetricLine
from embstudio.gui.panels.lab.rung_table import RungLine
from embstudio.gui.panels.space.distance_words import measured
from embstudio.gui.style.numbers import four
from embstudio.space.ladder import Rung

WORDS, MODEL = "word vectors, mean", "a model"
_ABOUT = {
    "bag of words": "Each different word is a dimension, and its number is how often the text has it.",
    "shares": "Each count divided by their sum, so that long and short texts can be compared.",
    "pairs of words": "Each two words that stand side by side are a dimension (bigrams), and their number is how often "
    "the text has them: the first rung that knows anything of word order.",
    WORDS: "Each word has one vector, learnt beforehand and looked up, whatever stands around it. The text's vector is "
    "their mean.",
    MODEL: "A model reads the whole text, and makes one vector of it then and there.",
}
_NEAR = 0.99  # cosine from which on two vectors hardly differ
_LITTLE = 0.999  # and from which on word order hardly counts
READING, REFUSED, NOTHING = "is being read", "cannot be read", "—"


@dataclass(frozen=True)
class Shown:
    """A rung, or in a few words why there is none. name: of its line; how: how a model makes its vectors; note: what
    else is to be said of it."""

    name: str
    kind: str
    rung: Rung | None = None
    missing: str = ""
    how: str = ""
    note: str = ""


def line_of(shown: Shown) -> RungLine:
    """A rung as a line of the ladder."""
    rung = shown.rung
    if rung is None:
        return RungLine(shown.name, NOTHING, shown.missing, "", shown.note or shown.missing or _ABOUT[shown.kind])
    turned = rung.likeness_turned
    order = "not seen" if rung.blind else "seen" if turned is None else f"seen: {_cut(turned)}"
    tip = f"{_ABOUT[shown.kind]} {len(rung.a):,} numbers."
    return RungLine(shown.name, _cut(rung.likeness), verdict(rung), order, tip)


def verdict(rung: Rung) -> str:
    """Whether the two are told apart."""
    if rung.same:
        return "the same"
    return "hardly differ" if rung.likeness is not None and rung.likeness > _NEAR and not rung.axes else "differ"


def told(shown: Shown, counts: Rung) -> str:
    """What happens on a rung. counts: the lowest."""
    said, rung = [_ABOUT[shown.kind]], shown.rung
    if shown.how:
        said.append(shown.how)
    if rung is None:
        return " ".join(
            [*said, shown.note or f"{shown.missing[0].upper()}{shown.missing[1:]}." if shown.missing else ""]
        )
    said.append(f"{len(rung.a):,} numbers each." if len(rung.a) != 1 else "One number each.")
    if not rung.a.any() or not rung.b.any():
        said.append("One of the texts has nothing here to count.")
        return " ".join(said)
    if rung.same:
        rounding = "" if rung.exact else " up to rounding"
        said.append(f"A and B are the same here{rounding}: no metric can tell them apart.")
    else:
        said.append(
            f"A and B differ: cosine similarity {_cosine(rung.likeness)}, Euclidean distance "
            f"{four(float(euclidean(rung.a, rung.b)))}."
        )
    if shown.kind == "shares" and not rung.same:
        raw, now = (float(euclidean(each.a, each.b)) for each in (counts, rung))
        said.append(
            f"Between the counts it was {four(raw)}, and is now {four(now)}: how long a text is no longer counts. The "
            "cosine is what it was, since it looks at directions only."
        )
    said.append(_order(rung))
    if shown.note:
        said.append(shown.note)
    return " ".join(said)


def _order(rung: Rung) -> str:
    if rung.blind:
        apart = float(euclidean(rung.forwards, rung.turned))
        rounding = "" if rung.exact else f" up to rounding ({four(apart)} apart)"
        return f"Word order is lost: A with its words in reverse has the same vector{rounding}."
    little = rung.likeness_turned is not None and rung.likeness_turned > _LITTLE
    counts = "hardly counts" if little else "counts"
    return f"Word order {counts}: A with its words in reverse has a cosine of {_cosine(rung.likeness_turned)} to A."


def summary(rungs: Sequence[Shown]) -> str:
    """Where the two are the same, and where they part."""
    there = [(place + 1, shown.rung) for place, shown in enumerate(rungs) if shown.rung is not None]
    same = [str(place) for place, rung in there if rung.same]
    apart = [str(place) for place, rung in there if not rung.same]
    if not same:
        return "A and B differ on every rung."
    if not apart:
        return "A and B are the same on every rung."
    return f"A and B are the same on {_rungs(same)}, and part on {_rungs(apart)}."


def metric_lines(rungs: Sequence[Shown]) -> list[MetricLine]:
    """Every metric of every rung that there is."""
    columns = [measured(shown.rung.a, shown.rung.b) for shown in rungs if shown.rung is not None]
    return [
        MetricLine(rows[0].name, tuple(_number(row.value, bounded=row.bounded) for row in rows), rows[0].formula)
        for rows in zip(*columns, strict=True)
    ]


def difference(rung: Rung) -> np.ndarray:
    """Where the vectors of a model differ, as rows: A − B, and A less A read backwards."""
    return np.stack([rung.a - rung.b, rung.forwards - rung.turned])


def _rungs(places: list[str]) -> str:
    if len(places) == 1:
        return f"rung {places[0]}"
    return f"rungs {', '.join(places[:-1])} and {places[-1]}"


def _cosine(value: float | None) -> str:
    """Four decimals, and more where they would all be 9."""
    if value is None:
        return NOTHING
    digits = 4 if value < 0.9999 or value > 1 - 1e-9 else 7
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def _cut(value: float | None) -> str:
    """Four decimals, cut where they would be rounded to 1: only what is the same has that."""
    if value is None or value < 0.9999 or value > 1 - 1e-9:
        return _cosine(value)
    return "0.9999"


def _number(value: float | None, *, bounded: bool) -> str:
    if value is None:
        return NOTHING
    return four(round(value, 7) + 0.0 if bounded else value)
