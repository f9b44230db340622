"""The published laws as curves over size, text or operations, and what they say of one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.scaling.known_shapes import Shape
from embstudio.formulas.scaling.laws import LAWS, FlooredLaw, KaplanLaw, perplexity
from embstudio.formulas.scaling.transformer_shape import DECODER, TransformerShape, non_embedding
from embstudio.gui.panels.lab.fact_table import Fact
from embstudio.gui.panels.lab.scaling_words import size_of
from embstudio.gui.style.large_numbers import short

Law = KaplanLaw | FlooredLaw
SIZE, TEXT, WORK = "parameters N", "training tokens D", "operations C = 6ND"
AXES = (SIZE, TEXT, WORK)
_SPANS = {SIZE: (4.0, 13.0), TEXT: (6.0, 14.0), WORK: (13.0, 27.0)}  # log10
POINTS = 241
COLOURS = ("forget_gate", "output_gate", "hidden", "input_gate")


@dataclass(frozen=True, eq=False)
class LawCurve:
    """x, loss: [n]. fitted: [n], whether the law was fitted there. here: where the model stands; best: where the best
    one for the same operations would, unless all of the curve is of such. floor: the least loss there is; 0: none."""

    name: str
    colour: str
    x: np.ndarray
    loss: np.ndarray
    fitted: np.ndarray
    here: tuple[float, float]
    best: tuple[float, float] | None
    floor: float


def size_for(law: Law, shape: Shape) -> float:
    """N as a law counts it."""
    if isinstance(shape, TransformerShape) and not law.embeddings_count:
        return float(max(1, non_embedding(shape)))
    return float(size_of(shape))


def curves(shape: Shape, tokens: float, axis: str) -> list[LawCurve]:
    """Every law over one axis: over size with the tokens given, over text with the size given, over operations with the
    best of both."""
    low, high = _SPANS[axis]
    x = np.logspace(low, high, POINTS)
    return [
        _curve(law, colour, size_for(law, shape), tokens, axis, x) for law, colour in zip(LAWS, COLOURS, strict=True)
    ]


def _curve(law: Law, colour: str, N: float, D: float, axis: str, x: np.ndarray) -> LawCurve:
    (N_low, N_high), (D_low, D_high) = law.range.N, law.range.D
    best_N, best_D = law.best(6 * N * D)
    at_best: tuple[float, float] | None = (best_N if axis == SIZE else best_D, float(law.loss(best_N, best_D)))
    if axis == SIZE:
        loss, here = law.loss(x, D), N
        fitted = (x >= N_low) & (x <= N_high) & (D_low <= D <= D_high)
    elif axis == TEXT:
        loss, here = law.loss(N, x), D
        fitted = (x >= D_low) & (x <= D_high) & (N_low <= N <= N_high)
    else:
        loss, here, at_best = law.loss_of_compute(x), 6 * N * D, None
        best = np.array([law.best(float(each)) for each in x])
        fitted = (best[:, 0] >= N_low) & (best[:, 0] <= N_high) & (best[:, 1] >= D_low) & (best[:, 1] <= D_high)
    return LawCurve(law.name, colour, x, loss, fitted, (here, float(law.loss(N, D))), at_best, law.floor)


def law_facts(shape: Shape, tokens: float) -> list[Fact]:
    """What each law says of a model that reads so many tokens, and which model it would make of the same operations."""
    facts = []
    for law in LAWS:
        N = size_for(law, shape)
        loss = float(law.loss(N, tokens))
        best_N, best_D = law.best(6 * N * tokens)
        inside = law.range.holds(N, tokens)
        tip = (
            f"{law.formula}\n{law.source}\n{law.about}\nfitted on N {short(law.range.N[0])} to {short(law.range.N[1])} "
            f"D {short(law.range.D[0])} to {short(law.range.D[1])} tokens; here N {short(N)}, D {short(tokens)}"
        )
        cells = (law.name, f"{loss:.3f}", f"{perplexity(loss):.1f}", "yes" if inside else "no",
                 short(best_N), short(best_D))  # fmt: skip
        facts.append(Fact(cells, tip))
    return facts


def warning(shape: Shape, tokens: float) -> str:
    """What must be said before anybody believes a number."""
    said = []
    if not isinstance(shape, TransformerShape) or shape.stacks != DECODER:
        said.append(
            "These laws are of decoders that guess the next word. Of this model they say nothing: the numbers are "
            "those of a decoder as large."
        )
    elif shape.experts > 1:
        said.append("These laws are of models whose tokens all go through all weights; a mixture of experts is none.")
    outside = [law.name for law in LAWS if not law.range.holds(size_for(law, shape), tokens)]
    if outside:
        said.append(f"Outside what it was fitted on, and so a guess: {', '.join(outside)}. Dotted in the plot.")
    return " ".join(said)


def values_at(found: Sequence[LawCurve], place: int) -> str:
    """All curves at one of their points, in words."""
    lines = [
        f"{curve.name}: {float(curve.loss[place]):.3f}{'' if curve.fitted[place] else ' (outside its range)'}"
        for curve in found
    ]
    return "\n".join(lines)
