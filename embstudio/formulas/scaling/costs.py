"""What a model costs: bytes to hold and to train it, operations for a token, hours on given machines.

Operations: a product of a matrix of n weights with a vector takes 2n, one product and one sum a weight (Kaplan et al.
2020, §2.1). Training takes three times what a forward pass does, once forward and twice backward, whence C ≈ 6ND.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.formulas.scaling.recurrent_shape import GATES, RecurrentShape, recurrent_parameters
from embstudio.formulas.scaling.transformer_shape import (
    GATED,
    MASKED,
    NO_MLP,
    OWN,
    TIED,
    TransformerShape,
    parameters,
)

BYTES = {"fp32": 4.0, "fp16 or bf16": 2.0, "int8": 1.0, "int4": 0.5}
# Bytes a parameter while Adam trains (Kingma & Ba 2015): weights, gradients and two means in fp32; or weights and
# gradients in fp16 with weights and both means in fp32 beside them (Rajbhandari et al. 2020, §3.1). Both are 16.
TRAINED_WHOLE = (4, 4, 4, 4)
TRAINED_MIXED = (2, 2, 4, 4, 4)


def cache_bytes(shape: TransformerShape, context: int, batch: int, bytes_each: float) -> float:
    """Keys and values kept while text is written: 2 · layers · key heads · d_head · context · batch. An encoder alone
    writes none. With an encoder the keys of its tokens, taken as as many, are kept too."""
    if not shape.is_causal:
        return 0.0
    layers = (1 if shape.shared_kv else shape.layers) * (2 if shape.crossings else 1)
    return 2 * layers * shape.d_keys * context * batch * bytes_each


def activation_bytes(shape: TransformerShape, context: int, batch: int) -> float:
    """What a training step keeps for its way back, in fp16, nothing worked out anew: layers · s·b·h·(34 + 5·a·s/h)
    (Korthikanti et al. 2022, eq. 2), of standard blocks with d_mlp = 4 d_model; s tokens, b texts, h d_model, a heads.
    """
    s, h, a = context, shape.d_model, shape.heads
    return sum(shape.depths) * s * batch * h * (34 + 5 * a * s / h)


@dataclass(frozen=True)
class Operations:
    """Of one token, forward, by component: products with weights, and "attention over tokens": those of queries with
    keys and of weights with values."""

    by_component: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.by_component.values())


def forward_operations(shape: TransformerShape, context: int) -> Operations:
    """Mean over the tokens of a text of `context` tokens. A decoder's token sees (context + 1) / 2 on average, itself
    among them; an encoder's all. Norms, biases and activations, a few in a thousand, are left out. Where there are an
    encoder and a decoder: of one token of each."""
    layers, stacks = sum(shape.depths), len(shape.depths)
    crossing = shape.crossings
    keys = stacks if shape.shared_kv else layers + crossing
    queries = (layers + crossing) * 2 * shape.d_model * shape.d_attention
    matrices = {GATED: 3, NO_MLP: 0}.get(shape.mlp, 2)
    mlp = matrices * shape.d_model * shape.hidden * shape.active + shape.router
    seen = (context + 1) / 2 if shape.is_causal else context
    sights = shape.layers * seen + (crossing + (shape.encoder_layers if shape.has_encoder else 0)) * context
    found = {
        "attention": 2.0 * (queries + keys * 2 * shape.d_model * shape.d_keys),
        "attention over tokens": 4.0 * shape.d_attention * sights,
        "mlp": 2.0 * layers * mlp,
        "head": 2.0 * _head_weights(shape),
    }
    return Operations({name: count for name, count in found.items() if count})


def _head_weights(shape: TransformerShape) -> int:
    """Weights that each token's vector meets after the last block. A pooler and classes read one of a whole text."""
    if shape.head in (TIED, OWN):
        return shape.vocabulary * shape.d_model
    if shape.head == MASKED:
        return shape.d_model * shape.width_in + shape.vocabulary * shape.width_in
    return 0


def kaplan_operations(shape: TransformerShape, context: int) -> float:
    """2N + 2 · n_layer · n_ctx · d_attn (Kaplan et al. 2020, table 1): no embeddings in N, half of the pairs masked."""
    counts = parameters(shape)
    blocks = sum(counts.get(name, 0) for name in ("attention", "mlp", "norm"))
    return 2.0 * blocks + 2.0 * sum(shape.depths) * context * shape.d_attention


def recurrent_operations(shape: RecurrentShape) -> Operations:
    """Of one token, forward: two for each weight of the layers, and of the output where it is read at each token."""
    counts = recurrent_parameters(shape)
    biases = shape.directions * shape.layers * GATES[shape.kind] * shape.biases * shape.units
    found = {
        "recurrent": 2.0 * (counts["recurrent"] - biases),
        "head": 2.0 * shape.outputs * shape.states,
    }
    return Operations({name: count for name, count in found.items() if count})


def training_operations(weights: float, tokens: float) -> float:
    """C ≈ 6 N D."""
    return 6.0 * weights * tokens


def seconds(operations: float, peak: float, share: float, machines: int) -> float:
    """Time on machines of `peak` operations a second each, of which a share between 0 and 1 is reached."""
    return operations / (peak * share * machines)
