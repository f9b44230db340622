"""The rollout in pieces against that in one go, and what it covers where layers are missing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from embstudio.formulas.attention import causal_mask
from embstudio.stepper import attention_rollout
from embstudio.stepper.attention_rollout import AttentionRollout
from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.trace.attention_stacks import AttentionStack, attention_stacks
from embstudio.trace.rollout import rollout
from tests.stepper.test_attention_weights import COUNT, PAST, patterns, tokens, trace

STACK = AttentionStack("", "attn", (0, 1, 2, 3))
LAYERS = patterns(4, mask=causal_mask(COUNT))


def held(layers: Iterable[int]) -> AttentionRollout:
    made = trace({f"blocks.{n}.attn.pattern": LAYERS[n] for n in layers})
    return AttentionRollout(AttentionWeights(made, STACK))


@pytest.mark.parametrize("rows", [1, 4, 64])
def test_it_goes_up_to_the_layer_however_it_is_cut_up(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_rollout, "ROWS", rows)
    made = held(range(4))
    for upto in (2, 0, 3, 1):
        shown = made.rolled(upto)
        later = np.triu(np.ones((COUNT, COUNT), bool), 1)
        assert np.isnan(shown[later]).all()
        np.testing.assert_allclose(shown[~later], rollout(LAYERS[: upto + 1])[~later], atol=1e-15)


def test_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_rollout, "ROWS", 4)
    made = held(range(4))
    shares = []
    while not made.advance(1):
        shares.append(made.share(1))
    assert shares == [4 / 12, 6 / 12, 10 / 12]
    assert made.share(1) == 1
    assert made.advance(1)


def test_it_begins_above_what_is_missing_and_says_so() -> None:
    made = held((0, 2, 3))
    assert made.why_not(3) == ""
    assert (made.covers(3), made.missing(3)) == ((2, 3), (0, 1))
    np.testing.assert_allclose(np.nan_to_num(made.rolled(3)), rollout(LAYERS[2:4]), atol=1e-15)
    assert (made.covers(0), made.missing(0)) == ((0,), ())
    assert "layer 1" in made.why_not(1)
    with pytest.raises(ValueError, match="layer 1"):
        made.rolled(1)


def test_where_there_is_none() -> None:
    mask = np.triu(np.full((COUNT, PAST + COUNT), -np.inf), 1 + PAST)
    cached = trace({"blocks.0.attn.pattern": patterns(1, COUNT, PAST + COUNT, mask)[0]}, past=tokens(PAST))
    assert "cached" in AttentionRollout(AttentionWeights(cached, attention_stacks(cached)[0])).why_not(0)
    crossing = trace({"decoder.blocks.0.cross_attn.pattern": patterns(1, 2, COUNT)[0]}, target=tokens(2))
    assert "another" in AttentionRollout(AttentionWeights(crossing, attention_stacks(crossing)[0])).why_not(0)
