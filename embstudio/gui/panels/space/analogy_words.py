"""A solved analogy, in words and as arrows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.gui.panels.space.distance_words import name_of
from embstudio.gui.plots.arrow_scene import Arrow, ArrowScene, Place, Spot
from embstudio.gui.style.numbers import four, percent
from embstudio.space.analogies import Analogy, Check
from embstudio.space.best_plane import BestPlane, best_plane
from embstudio.space.lookup import Lookup

RULES = {
    "3cosadd": ("3CosAdd: add and subtract", "cosine", "The cosine of a word with the sum of the three arrows."),
    "3cosmul": (
        "3CosMul: multiply and divide", "ratio",
        "c(x, a) c(x, c) / (c(x, b) + 0.001), with c = (1 + cosine) / 2: no one of the three likenesses can outweigh "
        "the others.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Solved:
    """asked: the words a, b, c. plane: of â, b̂, ĉ, their sum and the best answer, if there is one. score_of_best: None
    where none is left."""

    asked: tuple[str, str, str]
    found: Analogy
    answers: tuple[str, ...]
    first: str
    plane: BestPlane


def solve(
    lookup: Lookup, rows: tuple[int, int, int], rule: str, count: int = 10, check: Check = lambda: None
) -> Solved:
    """Row a − row b + row c of a set. check: called now and then; what it raises ends the work."""
    check()
    words, vectors = lookup.set.words, lookup.set.vectors
    found = lookup.analogies.ask(*rows, count, rule, check)
    shown = found.vectors
    if len(found.rows):
        best = vectors[found.rows[0]].astype(np.float64)
        length = np.linalg.norm(best)
        shown = np.vstack([shown, best / length if length > 0 else best])
    a, b, c = (words[row] for row in rows)
    return Solved(
        (a, b, c), found, tuple(words[row] for row in found.rows), words[found.first] if found.first >= 0 else "",
        best_plane(shown),
    )  # fmt: skip


def answer_words(solved: Solved) -> str:
    """The answer, what was left out, and what comes first otherwise."""
    a, b, c = map(name_of, solved.asked)
    if not solved.answers:
        return "No other word is left to answer with."
    best, score = name_of(solved.answers[0]), four(float(solved.found.scores[0]))
    left_out = ", ".join(f"‘{word}’" for word in dict.fromkeys((a, b, c)))
    said = f"{a} − {b} + {c} is nearest to ‘{best}’ ({score}). The words asked with are left out ({left_out})"
    first, first_score = name_of(solved.first), four(solved.found.first_score)
    if solved.first in solved.asked:
        return f"{said}: otherwise ‘{first}’ itself would come first ({first_score})."
    return f"{said}; here that changes nothing: ‘{first}’ comes first with them too."


def analogy_plane_words(solved: Solved) -> str:
    """What of the arrows is seen and what is not."""
    plane = solved.plane
    said = f"Kept by this flat picture: {percent(plane.kept)} of how the points differ, each word at length 1."
    if solved.answers:
        off = four(float(plane.off[4]))
        said += f" ‘{name_of(solved.answers[0])}’ stands {off} in front of it or behind."
    if solved.found.rule == "3cosmul":
        said += " The arrows are those of 3CosAdd; a product of likenesses has none."
    return f"{said} Zero, from which angles are measured, is not in it, so what looks nearest need not score best."


def analogy_scene(solved: Solved) -> ArrowScene:
    """b → a and the same arrow again from c, and how far its end is from the best answer."""
    a, b, c = map(name_of, solved.asked)
    places: list[Place] = [(float(x), float(y)) for x, y in solved.plane.points]
    sum_name = f"{a} − {b} + {c}"
    spots = [
        Spot(places[0], a, "first"), Spot(places[1], b, "second"), Spot(places[2], c, "third"),
        Spot(places[3], sum_name, "text", hollow=True),
    ]  # fmt: skip
    arrows = [
        Arrow(places[1], places[0], "attention", f"{a} − {b}"),
        Arrow(places[2], places[3], "attention", f"+ ({a} − {b})"),
    ]
    said = f"an arrow from {b} to {a}, and the same arrow from {c} to {sum_name}"
    if solved.answers:
        best = name_of(solved.answers[0])
        spots.append(Spot(places[4], best, "fourth"))
        arrows.append(Arrow(places[3], places[4], "muted", dashed=True, head=False))
        said += f"; a dashed line from there to the best answer, {best}"
    return ArrowScene(spots, arrows, said=said)
