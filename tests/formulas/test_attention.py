"""Attention against loops over every query and key, with math.exp."""

from __future__ import annotations

import math

import numpy as np

from embstudio.formulas.attention import attention, causal_mask, softmax


def test_attention_is_the_weighted_sum_of_the_values() -> None:
    rng = np.random.default_rng(3)
    q, k, v = (rng.normal(size=(2, 5, 4)) for _ in range(3))
    got = attention(q, k, v, mask=causal_mask(5))
    for head in range(2):
        for query in range(5):
            weights = [math.exp(float(q[head, query] @ k[head, key]) / 2.0) for key in range(query + 1)]
            total = sum(weights)
            z = sum(w / total * v[head, key] for key, w in enumerate(weights))
            np.testing.assert_allclose(got.z[head, query], z, atol=1e-12)
            np.testing.assert_allclose(got.pattern[head, query, : query + 1], np.array(weights) / total, atol=1e-12)
            assert not got.pattern[head, query, query + 1 :].any()


def test_softmax_of_the_notes_example() -> None:
    # Worked example of the reading notes, in float64.
    np.testing.assert_allclose(softmax(np.array([0.18, 0.78, 0.95, 0.35])), [0.1621, 0.2955, 0.3502, 0.1922], atol=5e-5)


def test_softmax_of_large_and_hidden_scores() -> None:
    np.testing.assert_allclose(softmax(np.array([1e4, 1e4, -np.inf])), [0.5, 0.5, 0.0])
    assert softmax(np.full(3, -np.inf)).tolist() == [0.0, 0.0, 0.0]
