"""Costs against figures that were published or can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from embstudio.formulas.scaling import costs
from embstudio.formulas.scaling.known_shapes import KNOWN
from embstudio.formulas.scaling.recurrent_shape import RecurrentShape
from embstudio.formulas.scaling.transformer_shape import BOTH, ENCODER, TransformerShape, non_embedding, total

SHAPES = {known.name: known.shape for known in KNOWN if isinstance(known.shape, TransformerShape)}
GPT2, LLAMA2, LLAMA3 = SHAPES["GPT-2 small"], SHAPES["Llama 2 7B"], SHAPES["Llama 3 8B"]


def test_the_cache_of_keys_and_values() -> None:
    assert costs.cache_bytes(LLAMA2, 4096, 1, 2) == 2 * 2**30  # 2 GiB, as is often said
    assert costs.cache_bytes(LLAMA3, 4096, 1, 2) == 2**30 / 2  # a quarter: 8 key heads of 32
    assert costs.cache_bytes(LLAMA3, 4096, 3, 2) == 3 * 2**30 / 2
    assert costs.cache_bytes(replace(GPT2, stacks=ENCODER), 4096, 1, 2) == 0
    assert costs.cache_bytes(replace(GPT2, shared_kv=True), 10, 1, 4) == 2 * 768 * 10 * 4
    assert costs.cache_bytes(replace(GPT2, stacks=BOTH, encoder_layers=12), 10, 1, 4) == 2 * 12 * 2 * 768 * 10 * 4


def test_adam_takes_sixteen_bytes_a_parameter_either_way() -> None:
    assert sum(costs.TRAINED_WHOLE) == sum(costs.TRAINED_MIXED) == 16


def test_activations_of_gpt3_by_korthikanti() -> None:
    """Their table 2 has GPT-3: a = 96, h = 12,288, L = 96, s = 2048, b = 64 in the global batch."""
    s, b, h, L, a = 2048, 64, 12_288, 96, 96
    assert costs.activation_bytes(SHAPES["GPT-3"], s, b) == pytest.approx(L * (34 * s * b * h + 5 * a * b * s * s))


def test_operations_of_a_token_counted_matrix_by_matrix() -> None:
    d, n = 768, 1024
    one_layer = 2 * (4 * d * d + 8 * d * d)  # q, k, v, output and the two of the MLP
    over_tokens = 2 * 2 * d * (n + 1) / 2  # queries times keys, and weights times values
    expected = 12 * (one_layer + over_tokens) + 2 * 50_257 * d
    assert costs.forward_operations(GPT2, n).total == expected


def test_kaplans_estimate_is_close_to_the_count_without_the_head() -> None:
    n = 1024
    found = costs.forward_operations(GPT2, n).by_component
    without = sum(count for name, count in found.items() if name != "head")
    assert costs.kaplan_operations(GPT2, n) == 2 * non_embedding(GPT2) + 2 * 12 * n * 768
    assert costs.kaplan_operations(GPT2, n) == pytest.approx(without, rel=0.01)


def test_an_encoder_sees_all_tokens_and_a_mixture_uses_some_experts() -> None:
    encoder = costs.forward_operations(replace(GPT2, stacks=ENCODER), 100).by_component["attention over tokens"]
    assert encoder == 12 * 4 * 768 * 100
    mixtral = SHAPES["Mixtral 8x7B"]
    whole = costs.forward_operations(replace(mixtral, active=8), 10).by_component["mlp"]
    some = costs.forward_operations(mixtral, 10).by_component["mlp"]
    assert some / whole == pytest.approx(2 / 8, rel=0.001)


def test_recurrent_operations_are_two_a_weight() -> None:
    shape = RecurrentShape("LSTM", 50, 12, 16, outputs=3)
    assert costs.recurrent_operations(shape).by_component == {"recurrent": 2 * 4 * 16 * (12 + 16), "head": 2 * 3 * 16}


def test_training_gpt3_took_what_its_makers_say() -> None:
    """Brown et al. 2020, appendix D: 3.14e23 operations for 300 billion tokens."""
    work = costs.training_operations(total(SHAPES["GPT-3"]), 300e9)
    assert work == pytest.approx(3.14e23, rel=0.01)
    assert costs.seconds(work, 1e14, 0.5, 10) == pytest.approx(work / 5e14)
