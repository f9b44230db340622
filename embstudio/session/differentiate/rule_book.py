"""Every operator that gradients can be taken through."""

from __future__ import annotations

from embstudio.session.differentiate.rule import Rule
from embstudio.session.differentiate.rules import (
    activations,
    choice,
    convolution,
    einsum,
    elementwise,
    indexing,
    movement,
    normalisation,
    packed_weights,
    pooling,
    products,
    recurrent,
    reductions,
    softmax,
    spectrum,
    splitting,
    subgraphs,
)

RULES: dict[str, Rule] = {
    **elementwise.RULES,
    **activations.RULES,
    **reductions.RULES,
    **products.RULES,
    **einsum.RULES,
    **convolution.RULES,
    **packed_weights.RULES,
    **pooling.RULES,
    **movement.RULES,
    **splitting.RULES,
    **indexing.RULES,
    **normalisation.RULES,
    **softmax.RULES,
    **choice.RULES,
    **recurrent.RULES,
    **spectrum.RULES,
    **subgraphs.RULES,
}
