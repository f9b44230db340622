"""All that the scaling calculator shows, as lines of a table."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.anatomy.model_shape import Compared
from embstudio.formulas.scaling.known_shapes import Shape
from embstudio.gui.panels.lab.law_curves import law_facts
from embstudio.gui.panels.lab.scaling_knobs import Use
from embstudio.gui.panels.lab.scaling_words import BILLION, cost_facts, counts_of, formulas_of, size_of


def as_lines(name: str, shape: Shape, use: Use, rows: Sequence[Compared]) -> list[tuple[str, ...]]:
    """Everything as lines of a table: what, how, number."""
    formulas = formulas_of(shape)
    lines: list[tuple[str, ...]] = [("model", name, "")]
    lines += [("shape", key, str(value)) for key, value in vars(shape).items()]
    lines += [("parameters", f"{key}: {formulas.get(key, '')}", str(count)) for key, count in counts_of(shape).items()]
    lines.append(("parameters", "total", str(size_of(shape))))
    lines += [("in the file", row.component, str(row.file)) for row in rows]
    lines += [("costs", f"{fact.cells[0].strip()}: {fact.cells[1]}", fact.cells[2]) for fact in cost_facts(shape, use)]
    for fact in law_facts(shape, use.tokens * BILLION):
        law, *numbers = fact.cells
        whats = (
            "loss, nats a token",
            "perplexity",
            "in the range it was fitted on",
            "best N for 6ND",
            "best D for 6ND",
        )
        lines += [(law, what, number) for what, number in zip(whats, numbers, strict=True)]
    return lines
