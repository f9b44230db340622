"""What the reading notes say of parameters, beside what is counted."""

from __future__ import annotations

from embstudio.formulas.scaling.known_shapes import KNOWN, NOTED, NOTED_STANDARD
from embstudio.formulas.scaling.laws import BESIROGLU, HOFFMANN, KAPLAN, noted_exponent
from embstudio.formulas.scaling.laws import NOTED as NOTED_ACCURACY
from embstudio.formulas.scaling.transformer_shape import total
from embstudio.gui.panels.lab.scaling_words import size_of
from embstudio.gui.style.large_numbers import short


def note_words() -> str:
    """What the reading notes say of parameters, and what is; as rich text."""
    noted, standard = total(NOTED), total(NOTED_STANDARD)
    d, layers = NOTED.d_model, NOTED.layers
    known = next(each for each in KNOWN if each.name == "GPT-2 small")
    words, queries, keys = NOTED.vocabulary * d, layers * d * d, d * d
    least, most = NOTED_ACCURACY[0], NOTED_ACCURACY[-1]
    rows = (
        ("Embeddings", "50K words × 768 = 38.4M", f"{words:,}. Right."),
        ("Queries", "12 layers × 768 × 768 = ~7M", f"{queries:,}. Right."),
        ("Keys and values", "768 × 768 = ~0.6M each, the same in all layers",
         f"{keys:,} each, if the layers share them. As a rule each layer has its own: {layers * keys:,} each."),
        ("Others", "~billions more",
         f"{noted - words - queries - 2 * keys:,}: the attention's outputs, the MLPs and the norms."),
        ("In all", "~1-2 billion",
         f"{noted:,} as noted; {standard:,} with keys and values in each layer. {known.name}, as wide and as deep, has "
         f"{size_of(known.shape):,}."),
        ("Doubling the width", "has exponential impact: quadruples",
         "Quadratic: four times the numbers in each matrix, twice those of the embedding."),
        ("Accuracy", f"{least[1]:.0%} at {short(least[0])} parameters to {most[1]:.0%} at {short(most[0])}",
         f"No task or source is named. The share of errors falls as N^−{noted_exponent():.3f}; Kaplan's loss, which is "
         f"another quantity, as N^−{KAPLAN.of_size.exponent:g}."),
        ("A ceiling", "none",
         f"No accuracy is above 100 %. The fits of 2022 and 2024 level off at a loss of {HOFFMANN.floor:.2f} and "
         f"{BESIROGLU.floor:.2f} nats, however large the model."),
    )  # fmt: skip
    return "".join(f"<p><b>{what}</b><br>noted: {said}<br>as it is: {found}</p>" for what, said, found in rows)
